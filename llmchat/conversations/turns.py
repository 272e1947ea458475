"""What is asked in a conversation: the request for a model, and what it changes in the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from llmchat.attachments.documents import Documents
from llmchat.attachments.limits import MEGABYTE, FileLimits
from llmchat.conversations.calls import has_calls
from llmchat.conversations.history import COMPACT, history, merging
from llmchat.domain.chat import ChatRequest, JSONObject, TurnIds
from llmchat.domain.chat_settings import model_of, parameters_of
from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
)
from llmchat.domain.errors import RequestError, RunningError
from llmchat.domain.ids import new_id, now
from llmchat.domain.media import kind_of
from llmchat.domain.project import Project
from llmchat.domain.titles import title_of
from llmchat.domain.tools import tool_servers_of
from llmchat.storage.blobs import is_file_id
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.projects import ProjectStore
from llmchat.storage.turns import Turn

SUMMARISE = (
    "Summarise this conversation so that you can go on with it knowing only your summary: what it"
    " is about, what was found out or decided, the facts, names, numbers and code that still"
    " matter, and what is open. Write in the language of the conversation, and nothing but the"
    " summary."
)
# They are for the form of an answer; a summary has its own.
_NOT_OF_A_SUMMARY = frozenset(
    {
        *("response_format", "tools", "tool_choice", "parallel_tool_calls", "stop"),
        *("max_tokens", "max_completion_tokens"),
    }
)
MOST_MERGED = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """A new question (`content` is not None), a further answer to one, more of an answer
    (`continues`), or a summary of what is there (`compact`). `parent_id` is the message that it
    goes on from. `side_by_side`: the answer is to be compared with others; `merge` are answers to
    the question, of which one is to be made. `settings` are those of a new conversation; they stand
    for those of one that is there in a rehearsal, which stores nothing. `project` is that of a new
    conversation. `digest` is that of all.
    """

    digest: str
    content: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    conversation_id: str | None = None
    parent_id: str | None = None
    branch: bool = False
    continues: bool = False
    compact: bool = False
    model: str | None = None
    parameters: JSONObject = field(default_factory=dict)
    background: bool = False
    side_by_side: bool = False
    merge: list[str] = field(default_factory=list)
    settings: JSONObject | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Where it stands what a model is to know."""

    conversations: ConversationStore
    projects: ProjectStore
    documents: Documents
    limits: FileLimits


async def prepare(sources: Sources, account: str, ask: Ask) -> tuple[ChatRequest, Turn]:
    """Read what the model is to know. Nothing is changed yet, and nothing is locked: whether the
    conversation has gone on is checked where the turn is stored.

    Raises NoSuchConversationError, NoSuchMessageError, NoSuchProjectError, StorageError, and
    RequestError for a place where this cannot be asked, a file that is not there, or too many.
    """
    store = sources.conversations
    ask = replace(ask, attachments=await known(store, account, ask.attachments, sources.limits))
    conversation, path = None, list[Message]()
    if ask.conversation_id is not None:
        conversation, path = await store.path(account, ask.conversation_id, ask.parent_id)
        path = await _held(store, account, path)
        ask = replace(ask, project=conversation.project)
    project = None if ask.project is None else await sources.projects.get(account, ask.project)
    stored = conversation.settings if conversation else {}
    settings = stored if ask.settings is None else ask.settings
    ask = replace(ask, parameters=_parameters(settings, ask))
    turn = _turn(account, ask, conversation, path)
    if turn.question is not None:
        path.append(turn.question)
    await _read_documents(sources.documents, path, project)
    servers = tool_servers_of(settings.get("tool_servers"))
    # A client that has tools of its own runs them itself.
    if ask.merge or ask.compact or ask.parameters.get("tools"):
        servers = ()
    messages = history(settings, _told(ask, path), project=project, calls=bool(servers))
    if ask.merge:
        answers = [await _candidate(store, account, ask, one) for one in ask.merge]
        messages = merging(messages, answers)
    request = ChatRequest(
        messages,
        ask.model or model_of(settings) or (project.model if project else None),
        ask.parameters,
        # After what a tool gave, the answer just goes on.
        continues=turn.continues and messages[-1]["role"] == "assistant",
        background=ask.background,
        turn=turn.ids,
        tool_servers=servers,
    )
    return request, turn


def _parameters(settings: JSONObject, ask: Ask) -> JSONObject:
    parameters = {**parameters_of(settings), **ask.parameters}
    if not ask.compact:
        return parameters
    return {name: parameters[name] for name in parameters if name not in _NOT_OF_A_SUMMARY}


async def _read_documents(
    documents: Documents, path: list[Message], project: Project | None
) -> None:
    files = [file for message in path for file in message.attachments]
    for one in [*(project.files if project else ()), *files]:
        if kind_of(one.type) == "pdf" and is_file_id(one.file):
            await documents.prepare(one.file)


async def known(
    store: ConversationStore, account: str, attachments: list[Attachment], limits: FileLimits
) -> list[Attachment]:
    """The attachments with the sizes and types of their files. RequestError if the account does not
    hold one, or if they are too many or too large together.
    """
    if not attachments:
        return []
    if len(attachments) > limits.files:
        raise RequestError(
            f"At most {limits.files} files may go with one message.",
            code="too-many-files",
            status=422,
        )
    files = await store.files(account, [one.file for one in attachments])
    if missing := [n for n, one in enumerate(attachments) if one.file not in files]:
        raise _refused(f"/attachments/{missing[0]}", "There is no such file. Upload it again.")
    if sum(files[one.file].size for one in attachments) > limits.message_bytes:
        megabytes = limits.message_bytes // MEGABYTE
        raise RequestError(
            f"The files of one message may have at most {megabytes} MB together.",
            code="files-too-large",
            status=422,
        )
    return [
        replace(one, size=files[one.file].size, type=files[one.file].type) for one in attachments
    ]


async def _held(store: ConversationStore, account: str, path: list[Message]) -> list[Message]:
    """The messages without the names of files that the account does not hold: an import may name
    any, and the worker reads what is named.
    """
    named = [one.file for message in path for one in message.attachments]
    if not named:
        return path
    held = await store.files(account, named)
    return [
        replace(
            message,
            attachments=[
                one if one.file in held else replace(one, file="") for one in message.attachments
            ],
        )
        for message in path
    ]


async def _candidate(store: ConversationStore, account: str, ask: Ask, answer_id: str) -> str:
    """The text of an answer that is to be merged. Raises NoSuchMessageError and RequestError."""
    _, path = await store.path(account, ask.conversation_id or "", answer_id)
    answer = path[-1]
    if answer.state == "running":
        raise RunningError
    if answer.role != "assistant" or answer.parent_id != ask.parent_id or not answer.content:
        raise _refused("/merge", "They are answers to that question, each with a text.")
    return answer.content


def _turn(account: str, ask: Ask, conversation: Conversation | None, path: list[Message]) -> Turn:
    time = now()
    parent = path[-1] if path else None
    if ask.continues:
        return _more(account, ask, parent)
    if ask.compact:
        return _summary(account, ask, parent, time)
    question = None
    if ask.content is not None:
        question = Message(
            *(MessageId(new_id(time)), _id(parent), "user", ask.content, time),
            attachments=ask.attachments,
        )
    elif parent is None or parent.role != "user":
        raise _refused("/parent_id", "Only a question can be answered. Name one, or send a text.")
    answer = Message(
        *(MessageId(new_id(time)), _id(question or parent), "assistant", "", time),
        state="running",
        parameters={**ask.parameters, **_comparison(ask)},
    )
    new = None
    if conversation is None:
        conversation = new = _conversation(ask, time)
    ids = TurnIds(conversation.id, answer.id, _id(question))
    branch = ask.branch or question is None
    return Turn(account, ask.digest, ids, answer, question, new, branch=branch)


def _comparison(ask: Ask) -> JSONObject:
    """What the page has to know of an answer that is one of several, or made of them."""
    if ask.merge:
        return {"merged": [*ask.merge]}
    return {"side_by_side": True} if ask.side_by_side else {}


def _more(account: str, ask: Ask, answer: Message | None) -> Turn:
    if (
        answer is None
        or answer.role != "assistant"
        or not (answer.content or (answer.finish_reason == "tool_limit" and has_calls(answer)))
    ):
        raise _refused("/parent_id", "Only an answer with text can be continued.")
    ids = TurnIds(ask.conversation_id or "", answer.id)
    mark = {COMPACT: True} if answer.parameters.get(COMPACT) else {}
    answer = replace(answer, parameters={**ask.parameters, **mark})
    return Turn(account, ask.digest, ids, answer, continues=True)


def _summary(account: str, ask: Ask, last: Message | None, time: int) -> Turn:
    if last is None or not last.content:
        raise _refused("/parent_id", "There is nothing to summarise yet.")
    answer = Message(
        *(MessageId(new_id(time)), last.id, "assistant", "", time),
        state="running",
        parameters={**ask.parameters, COMPACT: True},
    )
    ids = TurnIds(ask.conversation_id or "", answer.id)
    return Turn(account, ask.digest, ids, answer, branch=ask.branch)


def _told(ask: Ask, path: list[Message]) -> list[Message]:
    """What a model is told of a path: where it is to summarise it, that, too."""
    wish = Message(MessageId(""), None, "user", SUMMARISE, 0)
    if ask.compact:
        return [*path, wish]
    if ask.continues and path[-1].parameters.get(COMPACT):
        return [*path[:-1], wish, replace(path[-1], parameters={})]
    return path


def _conversation(ask: Ask, time: int) -> Conversation:
    names = [one.name for one in ask.attachments]
    text = ask.content if ask.content and ask.content.strip() else "".join(names[:1])
    return Conversation(
        ConversationId(new_id(time)),
        title_of(text),
        created=time,
        updated=time,
        settings=ask.settings or {},
        project=ask.project,
    )


def _id(message: Message | None) -> MessageId | None:
    return None if message is None else message.id


def _refused(pointer: str, detail: str) -> RequestError:
    return RequestError(
        "A value is missing or not allowed.",
        code="validation",
        status=422,
        errors=((pointer, detail),),
    )
