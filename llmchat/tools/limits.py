"""What a tool server may take and send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """Seconds, bytes and characters. Those of one call are set for each server."""

    connect_seconds: float = 30.0  # `npx` and `uvx` fetch a package first
    list_seconds: float = 15.0
    idle_seconds: float = 600.0  # that a server is kept after its last call
    end_seconds: float = 2.0  # for a clean end; then it is killed
    approval_seconds: float = 600.0  # that a call waits for a person
    message_bytes: int = 4 * 1024 * 1024
    quiet_bytes: int = 16 * 1024 * 1024  # that a server may send between two requests
    quiet_messages: int = 10_000
    result_characters: int = 50_000  # about 12,000 tokens
    answer_characters: int = 200_000  # of all results of an answer
    least_characters: int = 2_000  # of a result, however many there were
    rounds: int = 10  # that one answer may call tools in
    calls: int = 16  # in one round
