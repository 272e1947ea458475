"""Model files of this machine: what they are, where they lie, and whether they fit into memory."""
