"""For all tests."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says more of what else the machine does.
settings.register_profile("llmchat", deadline=None)
settings.load_profile("llmchat")
