"""What is wrong with a model file."""

from __future__ import annotations

from llmchat.domain.errors import LLMChatError
from llmchat.domain.modelfile import MODEL_FILE_PROBLEMS


class ModelFileError(LLMChatError):
    """`code` is one of MODEL_FILE_PROBLEMS; `detail` says more, for a person."""

    status = 422

    def __init__(self, code: str, detail: str = "") -> None:
        text = MODEL_FILE_PROBLEMS[code]
        super().__init__(f"{text} {detail}".rstrip(), code=code)


class MoreNeededError(Exception):
    """The header goes on after the bytes that were given: `size` bytes of the file are needed."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size
