"""Tools of MCP servers: which there are, speaking to them, and taking nothing they say on trust."""
