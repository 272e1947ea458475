"""Our own API in OpenAI's shape, for other programs, which ask with a key."""
