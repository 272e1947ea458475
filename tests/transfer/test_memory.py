"""An export is read in little memory, however large it is."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from llmchat.domain.imported import ImportedConversation
from llmchat.transfer.reading import Meter, open_reading
from tests.transfer import samples

FILE_BYTES = 30_000_000


def _write(path: Path) -> int:
    """An export with enough of everything; gives its messages."""
    answer = 'An answer with \\ and "quotes", and some more words to it. ' * 40
    nodes = [samples.gpt_node("n0", None, "user", answer)]
    for number in range(1, 60):
        nodes.append(samples.gpt_node(f"n{number}", f"n{number - 1}", "assistant", answer))
    chat = json.dumps(samples.gpt_chat("ID", nodes, "n59"))
    count = FILE_BYTES // len(chat)
    with path.open("w") as file:
        file.write("[")
        for number in range(count):
            file.write(("," if number else "") + chat.replace('"ID"', f'"c{number}"'))
        file.write("]")
    return count * 60


@pytest.mark.parametrize("zipped", [False, True])
def test_a_large_export_is_read_in_little_memory(zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    messages = _write(path)
    if zipped:
        # Stored: what repeats itself like this would be packed too tightly to be believed.
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.write(path, path.name)
        path = tmp_path / "x.zip"
    count = 0
    tracemalloc.start()
    with open_reading(path, path.name, Meter()) as reading:
        for entry in reading.entries:
            assert isinstance(entry, ImportedConversation)
            count += len(entry.messages)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == messages
    assert peak < 10_000_000


def test_a_conversation_that_is_too_large_is_left_out_and_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    chats = [json.dumps(one) for one in samples.claude()[:1]]
    with path.open("w") as file:
        file.write('[{"uuid":"large","chat_messages":[{"sender":"human","text":"')
        for _ in range(70):
            file.write("x" * 1_000_000)
        file.write(f'"}}]}},{chats[0]}]')
    tracemalloc.start()
    with open_reading(path, path.name, Meter()) as reading:
        entries = list(reading.entries)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(one).__name__ for one in entries] == ["Skipped", "ImportedConversation"]
    assert peak < 150_000_000
