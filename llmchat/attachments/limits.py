"""How many files may go with a message, and how large they may be."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat.config import Settings

MEGABYTE = 1024 * 1024
MEGAPIXEL = 1_000_000


@dataclass(frozen=True, slots=True)
class FileLimits:
    """`files` and `message_bytes` are those of one message, `characters` what a model is told of
    one file. The defaults are those of the settings.
    """

    files: int = 10
    file_bytes: int = 20 * MEGABYTE
    message_bytes: int = 50 * MEGABYTE
    pixels: int = 50 * MEGAPIXEL
    characters: int = 200_000

    @classmethod
    def of(cls, settings: Settings) -> FileLimits:
        """As the settings want it."""
        return cls(
            settings.max_files,
            settings.max_file_mb * MEGABYTE,
            settings.max_message_mb * MEGABYTE,
            settings.max_megapixels * MEGAPIXEL,
            settings.max_file_characters,
        )
