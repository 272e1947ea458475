"""The one schema of `POST /chat`: what OpenAI's chat completions take, each value in range.

A document is checked against these types and then forwarded as it was written; nothing is added,
converted or rounded.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields

from llmchat.domain.chat import JSON, ChatRequest, JSONObject
from llmchat.domain.chat_settings import with_settings
from llmchat.domain.errors import RequestError
from llmchat.domain.tools import MOST_SERVERS, tool_servers_of
from llmchat.server.problems import invalid

T = TypeVar("T")

_IMAGE_URL: Final = r"\Adata:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}\Z"
_IMAGE_DETAIL: Final = (
    "Send the image itself, as a data: URL of a PNG, JPEG, GIF or WebP image in base64. llmchat"
    " fetches no addresses."
)

Text: TypeAlias = Annotated[str, Meta(max_length=500_000)]
Id: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
ModelName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
]
Name: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
ServerName: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}\Z")]
ToolCallId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Tokens: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)]
StopText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]


class TextPart(Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    text: Text


class ImageUrl(Struct, forbid_unknown_fields=True):
    url: Annotated[str, Meta(pattern=_IMAGE_URL)]
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Struct, tag_field="type", tag="image_url", forbid_unknown_fields=True):
    image_url: ImageUrl


TextParts: TypeAlias = Annotated[list[TextPart], Meta(min_length=1, max_length=1000)]
Parts: TypeAlias = Annotated[list[TextPart | ImagePart], Meta(min_length=1, max_length=1000)]


class CalledFunction(Struct, forbid_unknown_fields=True):
    name: Name
    arguments: Text


class ToolCall(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    id: ToolCallId
    function: CalledFunction


class System(Struct, tag_field="role", tag="system", forbid_unknown_fields=True):
    content: Text | TextParts
    name: Name | None = None


class Developer(Struct, tag_field="role", tag="developer", forbid_unknown_fields=True):
    content: Text | TextParts
    name: Name | None = None


class User(Struct, tag_field="role", tag="user", forbid_unknown_fields=True):
    content: Text | Parts
    name: Name | None = None


class Assistant(Struct, tag_field="role", tag="assistant", forbid_unknown_fields=True):
    content: Text | TextParts | None = None
    name: Name | None = None
    tool_calls: Annotated[list[ToolCall], Meta(min_length=1, max_length=128)] | None = None

    def __post_init__(self) -> None:
        if self.content is None and self.tool_calls is None:
            raise ValueError("Expected `content` or `tool_calls`")


class Tool(Struct, tag_field="role", tag="tool", forbid_unknown_fields=True):
    content: Text | TextParts
    tool_call_id: ToolCallId


Message: TypeAlias = System | Developer | User | Assistant | Tool


class JsonSchema(Struct, forbid_unknown_fields=True):
    name: Name
    description: Text | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class TextFormat(Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    pass


class JsonObjectFormat(Struct, tag_field="type", tag="json_object", forbid_unknown_fields=True):
    pass


class JsonSchemaFormat(Struct, tag_field="type", tag="json_schema", forbid_unknown_fields=True):
    json_schema: JsonSchema


class Function(Struct, forbid_unknown_fields=True):
    name: Name
    description: Text | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    function: Function


class ChosenFunction(Struct, forbid_unknown_fields=True):
    name: Name


class ToolChoice(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    function: ChosenFunction


class StreamOptions(Struct, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Sampling(Struct, forbid_unknown_fields=True):
    """What may be set for a chat, and be said by a question. null counts as not given."""

    model: ModelName | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Tokens | None = None
    stop: StopText | Annotated[list[StopText], Meta(max_length=16)] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    response_format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None


class ChatSettings(Sampling, forbid_unknown_fields=True):
    """What is set for a chat. `system` is what its model is told first, `history` of how many
    questions, the new one among them. `extra` has further members of the request, which go before
    the others, `preset` is where it was taken from, and the tools of `tool_servers` may be called.
    """

    system: Text | None = None
    history: Annotated[int, Meta(ge=1, le=1000)] | None = None
    extra: Annotated[dict[str, Any], Meta(max_length=100)] | None = None
    preset: Id | None = None
    tool_servers: Annotated[list[ServerName], Meta(max_length=MOST_SERVERS)] | None = None


class Parameters(Sampling, forbid_unknown_fields=True):
    """What a question may say beside what it asks. A member that is null counts as not given."""

    max_completion_tokens: Tokens | None = None
    tools: Annotated[list[FunctionTool], Meta(max_length=128)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    n: Literal[1] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    logit_bias: (
        Annotated[dict[str, Annotated[float, Meta(ge=-100, le=100)]], Meta(max_length=1000)] | None
    ) = None
    user: Annotated[str, Meta(max_length=256)] | None = None
    # vLLM's name: go on where the answer that ends `messages` was cut.
    continue_final_message: bool | None = None
    # Of OpenAI's Responses API; here it only means that nobody sits and waits.
    background: bool | None = None
    # Clients of OpenAI send these; here every answer is a stream.
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class ChatBody(Parameters, kw_only=True):
    """A whole chat. Nothing of a `temporary` one is stored, and of others only the answer.
    `settings` are what a stored chat would have set. The tools of `tool_servers` may be
    called, unless the client brings `tools` of its own.
    """

    messages: Annotated[list[Message], Meta(min_length=1, max_length=1000)]
    temporary: bool | None = None
    settings: ChatSettings | None = None
    tool_servers: Annotated[list[ServerName], Meta(max_length=MOST_SERVERS)] | None = None


_NOT_PARAMETERS: Final = frozenset(
    {
        *("messages", "model", "stream", "stream_options"),
        *("continue_final_message", "background", "temporary", "content", "attachments"),
        *("conversation_id", "parent_id", "branch", "settings", "compact", "project"),
        *("side_by_side", "merge", "tool_servers"),
    }
)
_STRUCTS: Final = (
    *(TextPart, ImageUrl, ImagePart, CalledFunction, ToolCall, System, Assistant, Tool, JsonSchema),
    *(JsonSchemaFormat, Function, FunctionTool, ToolChoice, StreamOptions, ChatBody),
    ChatSettings,
)
NAMES: Final = frozenset(field.encode_name for struct in _STRUCTS for field in fields(struct))
"""The keys that the schema knows: the only ones that an error may name."""

_ERROR = re.compile(r"(?P<detail>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+|\.\.\.)\]", re.ASCII)
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`", re.ASCII)


def chat_request(document: JSON, kind: type[ChatBody] = ChatBody) -> ChatRequest:
    """The request that a document of `POST /chat` makes. Raises RequestError (422)."""
    body = convert(document, kind)
    given: Any = document
    continues = body.continue_final_message is True
    last = body.messages[-1]
    if continues and not (isinstance(last, Assistant) and isinstance(last.content, str)):
        raise invalid("/continue_final_message", "The last message must be an answer with text.")
    request = ChatRequest(
        given["messages"],
        body.model,
        parameters_of(given),
        continues=continues,
        background=body.background is True,
        tool_servers=() if body.tools else tool_servers_of(body.tool_servers or []),
    )
    return with_settings(request, given.get("settings") or {})


def settings_of(document: JSON) -> ChatSettings | None:
    """The settings that a document of `POST /chat` has, which was found to be one."""
    settings = document.get("settings") if isinstance(document, dict) else None
    return None if settings is None else convert(settings, ChatSettings)


def parameters_of(document: JSONObject) -> JSONObject:
    """The members that are forwarded to the model as they are."""
    return {
        name: value
        for name, value in document.items()
        if name not in _NOT_PARAMETERS and value is not None
    }


def convert(document: Any, kind: type[T], *, strict: bool = True) -> T:
    """A document as a value of one of our types. RequestError (422) for what is none. Not
    `strict`: numbers and truth values may be text, as in a query.
    """
    try:
        return msgspec.convert(document, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


def names_of(*structs: type[Struct]) -> frozenset[str]:
    """The keys of documents that an error may name."""
    return frozenset(field.encode_name for struct in structs for field in fields(struct))


def _refusal(message: str) -> RequestError:
    """A ValidationError for the client: its place as a JSON pointer, its text without any value."""
    match = _ERROR.fullmatch(message)
    if match is None:
        raise RuntimeError("msgspec words its errors in a new way")
    pointer = "".join(
        f"/{(step['name'] or step['index']).replace('...', '*')}"
        for step in _STEP.finditer(match["path"] or "")
    )
    detail = match["detail"]
    if missing := _MISSING.fullmatch(detail):
        return invalid(f"{pointer}/{missing['name']}", "This member is required.")
    if pointer.endswith("/image_url/url"):
        return invalid(pointer, _IMAGE_DETAIL)
    return invalid(pointer, _without_values(detail))


def _without_values(detail: str) -> str:
    """msgspec names types and limits of the schema, but quotes unknown names and wrong values."""
    if detail.startswith("Object contains unknown field"):
        return "There is a member here that is not known."
    if "matching regex" in detail:
        return "There are characters here that are not allowed."
    if detail.startswith("Expected "):
        return f"{detail}."
    return "This is none of the values that are allowed here."
