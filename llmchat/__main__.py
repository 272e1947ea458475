"""The entry point of `llmchat`, `python -m llmchat` and the executable.

A spawned worker imports this module before its own: nothing may happen, or be imported, here.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its code."""
    import multiprocessing
    import sys

    multiprocessing.freeze_support()  # in an executable, a worker ends here

    from llmchat.cli import main as command_line

    sys.exit(command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
