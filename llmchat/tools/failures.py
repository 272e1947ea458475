"""What goes wrong with tools: a code (docs/errors.md) and words for a person and the model."""

from __future__ import annotations


class ToolError(Exception):
    """`message` holds no secret; `dead` means that the connection to the server is of no use."""

    def __init__(self, code: str, message: str, *, dead: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.dead = dead
