"""llmchat: a chat page for any OpenAI-compatible model, with a small model inside."""

__version__ = "0.1.0"
