"""`llmchat doctor`: tries each part as the server would use it, and says what to do."""
