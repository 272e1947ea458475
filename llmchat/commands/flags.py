"""The commands beside the server, and what each is told; it imports nothing that takes time."""

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
    "ask": "Ask the llmchat that runs, and print the answer as it comes. What comes by a pipe is"
    " added to the question. The question and its answer are a chat of the page. Ctrl+C stops the"
    " answer.",
    "attach": "Print an answer of the llmchat that runs, from its start to its end. Ctrl+C leaves"
    " it alone.",
    "models": "Print the models that the llmchat that runs can ask.",
    "licenses": "Print what others made of llmchat, with the terms of each.",
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
    elif command == "ask":
        _add_question(parser)
    elif command == "attach":
        parser.add_argument(
            "job", metavar="JOB", nargs="?", help="Its id. Default: the newest one that runs."
        )


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """What `doctor` takes."""
    parser.add_argument(
        "--security",
        action="store_const",
        const="1",
        help="Only say how well it is closed: files, keys, addresses, endpoints, tools, versions.",
    )
    parser.add_argument("--json", action="store_const", const="1", help="Print JSON.")


def _add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="QUESTION", nargs="*", help="What to ask.")
    parser.add_argument("-m", "--model", metavar="MODEL", help="One of `llmchat models`.")
    parser.add_argument(
        "-f",
        "--file",
        dest="files",
        metavar="FILE",
        action="append",
        default=[],
        help="Attach an image, a PDF or a text; may be given more than once.",
    )
    parser.add_argument(
        "--temporary",
        action="store_const",
        const="1",
        help="Keep nothing of it, neither question nor answer.",
    )
