"""The commands on the data folder, and what each is told; it imports nothing that takes time."""

from __future__ import annotations

import argparse

WHAT = {
    "export": "Write all conversations to a zip: in llmchat's own format, which `llmchat import`"
    " reads, or in the one that Open WebUI imports. A server may run.",
    "import": "Bring in what ChatGPT, Claude, Open WebUI, LibreChat, llama.cpp's page, Chatbot UI"
    " or llmchat have exported, as the zip or the JSON that it is. What was imported before is"
    " brought up to date, and never there twice. A server that runs on the data folder is told to"
    " do it.",
    "backup": "Copy the whole store to one file, and check it. A server may run.",
    "restore": "Put a backup in the place of the store. What was there is kept beside it. No"
    " server may run.",
}
SETTINGS = frozenset({"data_dir"})
"""The settings that these commands take as flags."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """What the command itself takes."""
    if command == "export":
        parser.add_argument("file", metavar="FILE", help="The zip to write; it must not exist.")
        parser.add_argument(
            "--format",
            choices=("llmchat", "open-webui"),
            default="llmchat",
            help="Who is to read it. Default: llmchat.",
        )
    elif command == "import":
        parser.add_argument("files", metavar="FILE", nargs="+", help="What was exported.")
        parser.add_argument(
            "--dry-run",
            action="store_const",
            const="1",
            help="Only say what would be imported, and change nothing.",
        )
    elif command == "backup":
        parser.add_argument("file", metavar="FILE", help="The zip to write; it must not exist.")
    elif command == "restore":
        parser.add_argument("file", metavar="FILE", help="What `llmchat backup` has written.")
