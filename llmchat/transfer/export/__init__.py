"""Writing conversations for other stores, other programs and people."""
