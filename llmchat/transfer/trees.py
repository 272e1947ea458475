"""Makes whole what other programs left of a tree: no cycles, no gaps, parents before children."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.domain.ids import now
from llmchat.domain.imported import ImportedConversation, ImportedFile
from llmchat.domain.titles import title_of
from llmchat.transfer.values import BrokenEntryError, one_line

MAX_MESSAGES = 100_000
MAX_TITLE = 500
MAX_STEPS = 1000  # between an answer and its first thought


@dataclass(slots=True)
class Node:
    """A place in the tree. Without a message it is not shown: what is below it goes to the nearest
    place above that is, and its `reasoning` to the answers there.
    """

    id: str
    parent: str | None
    message: Message | None = None
    reasoning: str = ""
    files: list[ImportedFile] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A conversation as an export has it. Times are milliseconds since the epoch, 0 if unknown.

    `active` may be unknown, or not shown. Without messages it is nothing, unless it `may_be_empty`.
    """

    source: str
    id: str
    title: str = ""
    created: int = 0
    updated: int = 0
    active: str = ""
    pinned: bool = False
    archived: bool = False
    may_be_empty: bool = False
    system: str = ""  # what its models were told first
    nodes: list[Node] = field(default_factory=list)


def finish(draft: Draft) -> ImportedConversation:
    """The conversation, whole. Raises BrokenEntryError if nothing is left of it."""
    if len(draft.nodes) > MAX_MESSAGES:
        raise BrokenEntryError(f"it has more than {MAX_MESSAGES:,} messages")
    nodes = _distinct(draft.nodes)
    above = _without_cycles(nodes)
    _hand_down_reasoning(nodes, above)
    shown = {one.id: one for one in nodes.values() if one.message is not None}
    if not shown and not draft.may_be_empty:
        raise BrokenEntryError("it has no messages")
    parents = {key: _nearest(above[key], shown, above) for key in shown}
    messages = _in_order(shown, parents, draft.created)
    return ImportedConversation(
        draft.source,
        _conversation(draft, messages, _active(draft.active, shown, above, messages)),
        messages,
        {MessageId(one.id): one.files for one in shown.values() if one.files},
    )


def _distinct(nodes: Iterable[Node]) -> dict[str, Node]:
    """By id. A second one of the same id gets one of its own, so that no text is lost."""
    found: dict[str, Node] = {}
    for node in nodes:
        known = found.get(node.id)
        if known is not None and known.message == node.message and known.parent == node.parent:
            continue
        number = 2
        key = node.id
        while key in found:
            key = f"{node.id}#{number}"
            number += 1
        found[key] = node if key == node.id else replace(node, id=key)
    return found


def _without_cycles(nodes: dict[str, Node]) -> dict[str, str | None]:
    """The parent of each. One that is not there, or is below its own child, is none."""
    above = {one.id: one.parent if one.parent in nodes else None for one in nodes.values()}
    sound: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in sound:
            if at in path:
                above[at] = None
                break
            path[at] = None
            at = above[at]
        sound.update(path)
    return above


def _hand_down_reasoning(nodes: dict[str, Node], above: dict[str, str | None]) -> None:
    """Thoughts that are places of their own belong to the answer that follows them; those that no
    answer follows are one of their own.
    """
    taken: set[str] = set()
    for node in nodes.values():
        if node.message is None or node.message.role != "assistant":
            continue
        thinking = [one for one in _hidden_above(node, nodes, above) if one.reasoning]
        taken.update(one.id for one in thinking)
        if thinking:
            parts = [*(one.reasoning for one in reversed(thinking)), node.message.reasoning]
            node.message = replace(node.message, reasoning="\n\n".join(filter(None, parts)))
    for node in nodes.values():
        if node.message is None and node.reasoning and node.id not in taken:
            thought = node.reasoning
            node.message = Message(MessageId(node.id), None, "assistant", "", 0, reasoning=thought)


def _hidden_above(
    node: Node, nodes: dict[str, Node], above: dict[str, str | None]
) -> Iterator[Node]:
    at = above[node.id]
    for _ in range(MAX_STEPS):
        if at is None or nodes[at].message is not None:
            return
        yield nodes[at]
        at = above[at]


def _nearest(start: str | None, shown: dict[str, Node], above: dict[str, str | None]) -> str | None:
    at = start
    passed = []
    while at is not None and at not in shown:
        passed.append(at)
        at = above[at]
    for one in passed:  # the next one from here has a short way
        above[one] = at
    return at


def _in_order(
    shown: dict[str, Node], parents: dict[str, str | None], otherwise: int
) -> list[Message]:
    """Oldest first, but never before the parent; one without a time has that of its parent."""
    children: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        children.setdefault(parent, []).append(key)
    places = {key: place for place, key in enumerate(shown)}
    start = otherwise or now()
    ready: list[tuple[int, int, str]] = []
    result: list[Message] = []

    def add(parent: str | None, above: int) -> None:
        for key in children.get(parent, ()):
            message = shown[key].message
            created = (message.created if message is not None else 0) or above
            heapq.heappush(ready, (created, places[key], key))

    add(None, start)
    while ready:
        created, _, key = heapq.heappop(ready)
        message, parent = shown[key].message, parents[key]
        if message is not None:
            above = None if parent is None else MessageId(parent)
            result.append(replace(message, id=MessageId(key), parent_id=above, created=created))
        add(key, created)
    return result


def _active(
    wanted: str,
    shown: dict[str, Node],
    above: dict[str, str | None],
    messages: list[Message],
) -> MessageId | None:
    """What is meant if it is shown, else what is above it; the newest leaf if it is unknown."""
    found = _nearest(wanted, shown, above) if wanted in above else None
    if found is None:
        inner = {one.parent_id for one in messages}
        leaves = [one.id for one in messages if one.id not in inner]
        return leaves[-1] if leaves else None
    return MessageId(found)


def _conversation(draft: Draft, messages: list[Message], active: MessageId | None) -> Conversation:
    times = [one.created for one in messages] or [now()]
    said = sorted(messages, key=lambda one: one.role != "user")
    question = next((one.content for one in said if one.content), "")
    created = draft.created or min(times)
    return Conversation(
        ConversationId(draft.id),
        one_line(draft.title)[:MAX_TITLE] or title_of(question),
        created,
        max(created, draft.updated or max(times)),
        pinned=draft.pinned,
        archived=draft.archived,
        active=active,
        settings={"system": draft.system} if draft.system.strip() else {},
    )
