"""What llmchat costs, measured beside others in one run (docs/performance.md)."""
