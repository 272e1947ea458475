"""A model that is a file on this machine, as its header describes it."""

from __future__ import annotations

from dataclasses import dataclass

MODEL_FILE_PROBLEMS = {
    "model-not-gguf": "This is no GGUF file.",
    "model-damaged": "The header of the file makes no sense: it is damaged.",
    "model-cut": "The file ends too early: it is cut off, or still being copied.",
    "model-version": "This kind of GGUF file is not known here.",
    "model-kind": "This file does not hold a model that chats.",
    "model-unreadable": "The file cannot be read.",
}
"""Why a file is no model that can be used; docs/errors.md shows the codes."""

BUFFER_BYTES = 128 * 1024 * 1024  # beside weights and context: docs/decisions.md, "Local models"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that can be loaded. `id` is how it is asked for, `name` what its maker calls it.

    `context_length` is what the model was trained for, in tokens, `token_bytes` what one of them
    takes in memory. Numbers that the file does not tell are None, or 0 for `token_bytes`.
    """

    id: str
    file: str
    path: str
    size_bytes: int
    name: str
    architecture: str
    quantisation: str
    parameters: int
    context_length: int | None
    token_bytes: int
    has_template: bool

    def context_tokens(self, wanted: int) -> int:
        """The context of one slot: no more than the model was trained for."""
        return min(wanted, self.context_length or wanted)

    def needed_bytes(self, slots: int, wanted: int) -> int:
        """About what it takes in memory when it is loaded with so many slots."""
        return (
            self.size_bytes + slots * self.context_tokens(wanted) * self.token_bytes + BUFFER_BYTES
        )


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file beside them that cannot be loaded: a code of MODEL_FILE_PROBLEMS, and why, for a
    person.
    """

    file: str
    size_bytes: int
    code: str
    reason: str
