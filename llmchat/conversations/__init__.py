"""Conversations: what is asked of them, and who hears of their changes."""
