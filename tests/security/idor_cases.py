"""For each route: how somebody would reach for what another account has, or why that cannot be.

In paths and bodies stand names in braces for ids: `{conversation}` is that of the other account, or
one that nobody has; `{my_conversation}` is one's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TypeAlias

JSON: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Try:
    """A request with an id of somebody else. `status` is what an id gets that nobody has. `own`:
    whoever has the ids gets another answer, so that the request is one that could have worked.
    """

    path: str
    body: JSON | None = None
    status: int = 404
    own: bool = True
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """It names nothing: the answer holds nothing of anybody else."""

    path: str
    body: JSON | None = None
    status: int = 200


@dataclass(frozen=True)
class NotOwned:
    """What it is about belongs to nobody, or its answer tells of what was sent with it only."""

    why: str


Case: TypeAlias = list[Try] | Own | NotOwned

_FOREIGN = {"file": "{file}", "name": "a.txt"}
_PART = {"type": "file_ref", "media_type": "text/plain", **_FOREIGN}
_ALL_OF_SERVER = NotOwned("endpoints and models are the server's, and who sets them up is a role")
_PROGRAM = NotOwned("it names a model of the server; what is asked is not stored")
_ADMINS = NotOwned("accounts as such are for admins, who see nothing of what is in them")
_SIGNING = NotOwned("it is how one signs in and out: test_authmatrix, test_oidc_routes")
_LINK = NotOwned("the token of a link opens its copy to whoever has it: test_share.py")
_FILES = 422  # as for any other value of a body that is not allowed


def _say(**members: object) -> JSON:
    return {"content": "x", "model": "echo", **members}


CASES: dict[tuple[str, str], Case] = {
    ("GET", "/"): NotOwned("the page is the same for all"),
    ("GET", "/licenses"): NotOwned("what others made is the same for all"),
    ("GET", "/s/{hash}/{path:.+}"): NotOwned("the page is the same for all"),
    ("GET", "/health/live"): NotOwned("whether the server lives"),
    ("GET", "/health/ready"): NotOwned("whether the server is ready"),
    ("GET", "/metrics"): NotOwned("sums over all, by endpoint"),
    ("GET", "/api/openapi.json"): NotOwned("a description of the API"),
    ("POST", "/chat"): [
        Try("/chat", _say(conversation_id="{conversation}")),
        Try("/chat", _say(conversation_id="{conversation}", parent_id="{answer}")),
        Try("/chat", _say(conversation_id="{my_conversation}", parent_id="{answer}"), own=False),
        Try("/chat", _say(conversation_id="{conversation}", parent_id="{answer}", branch=True)),
        Try("/chat", {"conversation_id": "{conversation}", "parent_id": "{question}"}),
        Try(
            "/chat",
            {
                "conversation_id": "{conversation}",
                "parent_id": "{answer}",
                "continue_final_message": True,
            },
        ),
        Try(
            "/chat",
            {"conversation_id": "{conversation}", "parent_id": "{answer}", "compact": True},
        ),
        Try(
            "/chat",
            {
                "conversation_id": "{my_conversation}",
                "parent_id": "{my_question}",
                "merge": ["{answer}", "{my_answer}"],
            },
            own=False,
        ),
        Try("/chat", _say(attachments=[_FOREIGN]), status=_FILES),
        Try("/chat", {"messages": [{"role": "user", "content": [_PART]}]}, status=422, own=False),
        Try(
            "/chat",
            _say(conversation_id="{my_conversation}", branch=True, attachments=[_FOREIGN]),
            status=_FILES,
        ),
    ],
    ("POST", "/api/request"): [
        Try("/api/request", _say(conversation_id="{conversation}")),
        Try("/api/request", _say(conversation_id="{conversation}", parent_id="{answer}")),
        Try(
            "/api/request",
            _say(conversation_id="{my_conversation}", parent_id="{answer}"),
            own=False,
        ),
        Try("/api/request", _say(attachments=[_FOREIGN]), status=_FILES),
    ],
    ("DELETE", "/chat/{job_id}"): [
        Try("/chat/{job}"),
        Try("/chat/{job}?seen=1-1"),
        Try("/chat/{temporary}"),
        Try("/chat/{running}"),
    ],
    ("POST", "/chat/{job_id}/tools/{call_id}"): [
        Try("/chat/{job}/tools/call", {"decision": "server"}),
        Try("/chat/{running}/tools/call", {"decision": "once"}),
    ],
    ("GET", "/stream/{job_id}"): [
        Try("/stream/{job}"),
        Try("/stream/{job}", headers={"Last-Event-ID": "1-1"}),
        Try("/stream/{temporary}?after=0-0"),
        Try("/stream/{running}", headers={"Last-Event-ID": "4294967295-0"}),
    ],
    ("GET", "/api/jobs"): Own("/api/jobs?limit=500"),
    ("GET", "/api/jobs/{job_id}"): [
        Try("/api/jobs/{job}"),
        Try("/api/jobs/{job}?after=1-1"),
        Try("/api/jobs/{temporary}"),
        Try("/api/jobs/{running}"),
    ],
    ("GET", "/models"): Own("/models"),
    ("POST", "/api/models"): _ALL_OF_SERVER,
    ("DELETE", "/api/models/{file}"): _ALL_OF_SERVER,
    ("GET", "/api/search"): Own("/api/search?q=secret&limit=100"),
    ("GET", "/api/conversations"): Own("/api/conversations?limit=100"),
    ("DELETE", "/api/conversations"): Own("/api/conversations?all=true"),
    ("POST", "/api/conversations/batch"): [
        Try(
            "/api/conversations/batch",
            {"ids": ["{conversation}"], "action": action},
            status=200,
            own=action == "pin",
        )
        for action in ("pin", "delete", "delete-forever")
    ]
    + [
        Try(
            "/api/conversations/batch",
            {"ids": ["{my_conversation}"], "action": "move", "project": "{project}"},
        )
    ],
    ("GET", "/api/conversations/{conversation_id}"): [
        Try("/api/conversations/{conversation}"),
        Try("/api/conversations/{conversation}?since=0"),
    ],
    ("PATCH", "/api/conversations/{conversation_id}"): [
        Try("/api/conversations/{conversation}", {"title": "taken"}),
        Try("/api/conversations/{my_conversation}", {"active": "{answer}"}, own=False),
        Try("/api/conversations/{my_conversation}", {"project": "{project}"}),
    ],
    ("DELETE", "/api/conversations/{conversation_id}"): [
        Try("/api/conversations/{conversation}"),
        Try("/api/conversations/{conversation}?forever=true"),
    ],
    ("POST", "/api/conversations/{conversation_id}/restore"): [
        Try("/api/conversations/{conversation}/restore", {}),
        Try("/api/conversations/{binned}/restore", {}),
    ],
    ("POST", "/api/conversations/{conversation_id}/fork"): [
        Try("/api/conversations/{conversation}/fork", {"message_id": "{answer}"}),
        Try("/api/conversations/{my_conversation}/fork", {"message_id": "{answer}"}, own=False),
    ],
    ("POST", "/api/conversations/{conversation_id}/shares"): [
        Try("/api/conversations/{conversation}/shares", {}),
        Try("/api/conversations/{binned}/shares", {"files": True}),
    ],
    ("GET", "/api/shares"): Own("/api/shares"),
    ("DELETE", "/api/shares/{share_id:(?!take$)[^/]+}"): [Try("/api/shares/{share}")],
    ("POST", "/api/shares/take"): _LINK,
    ("GET", "/share/{token}"): _LINK,
    ("GET", "/share/{token}/data"): _LINK,
    ("GET", "/share/{token}/files/{number}"): _LINK,
    ("POST", "/api/conversations/{conversation_id}/messages"): [
        Try("/api/conversations/{conversation}/messages", {"role": "user", "content": "x"}),
        Try(
            "/api/conversations/{my_conversation}/messages",
            {"role": "user", "content": "x", "parent_id": "{answer}"},
            own=False,
        ),
        Try(
            "/api/conversations/{my_conversation}/messages",
            {"role": "user", "content": "x", "attachments": [_FOREIGN]},
            status=_FILES,
        ),
    ],
    ("PATCH", "/api/conversations/{conversation_id}/messages/{message_id}"): [
        Try("/api/conversations/{conversation}/messages/{question}", {"content": "x"}),
        Try("/api/conversations/{my_conversation}/messages/{answer}", {"content": "x"}, own=False),
    ],
    ("DELETE", "/api/conversations/{conversation_id}/messages/{message_id}"): [
        Try("/api/conversations/{conversation}/messages/{answer}"),
        Try("/api/conversations/{my_conversation}/messages/{answer}", own=False),
    ],
    ("GET", "/api/changes"): NotOwned("a stream of its own: test_an_account_hears_nothing"),
    ("GET", "/api/settings"): Own("/api/settings"),
    ("PATCH", "/api/settings"): Own("/api/settings", {"theme": "dark"}),
    ("GET", "/api/session"): Own("/api/session"),
    ("POST", "/api/session"): _SIGNING,
    ("DELETE", "/api/session"): _SIGNING,
    ("POST", "/api/setup"): _SIGNING,
    ("GET", "/api/oidc/start"): _SIGNING,
    ("GET", "/api/oidc/callback"): _SIGNING,
    ("GET", "/api/sessions"): Own("/api/sessions"),
    ("DELETE", "/api/sessions"): Own("/api/sessions", status=204),
    ("DELETE", "/api/sessions/{session_id}"): [Try("/api/sessions/{session}")],
    ("GET", "/api/account/holdings"): Own("/api/account/holdings"),
    ("GET", "/api/account/limits"): Own("/api/account/limits"),
    ("PATCH", "/api/account"): Own("/api/account", {"name": "Anna"}),
    ("DELETE", "/api/account"): NotOwned("what goes with the own account: test_erase"),
    ("GET", "/api/users"): _ADMINS,
    ("POST", "/api/users"): _ADMINS,
    ("GET", "/api/users/use"): _ADMINS,
    ("GET", "/api/users/{user_id:(?!use$)[^/]+}/holdings"): _ADMINS,
    ("PATCH", "/api/users/{user_id:(?!use$)[^/]+}"): _ADMINS,
    ("DELETE", "/api/users/{user_id:(?!use$)[^/]+}"): _ADMINS,
    ("GET", "/api/audit"): _ADMINS,
    ("GET", "/api/keys"): Own("/api/keys"),
    ("POST", "/api/keys"): Own("/api/keys", {"name": "mine"}, status=201),
    ("DELETE", "/api/keys/{key_id}"): [Try("/api/keys/{key}")],
    ("GET", "/api/endpoints"): _ALL_OF_SERVER,
    ("POST", "/api/endpoints"): _ALL_OF_SERVER,
    ("GET", "/api/endpoints/discovered"): _ALL_OF_SERVER,
    ("POST", "/api/endpoints/test"): _ALL_OF_SERVER,
    ("PATCH", "/api/endpoints/{endpoint_id:(?!(?:discovered|test)$)[^/]+}"): _ALL_OF_SERVER,
    ("DELETE", "/api/endpoints/{endpoint_id:(?!(?:discovered|test)$)[^/]+}"): _ALL_OF_SERVER,
    ("GET", "/api/prompts"): Own("/api/prompts"),
    ("POST", "/api/prompts"): Own("/api/prompts", {"name": "n", "text": "t"}, status=201),
    ("POST", "/api/prompts/import"): NotOwned(
        "it answers how many of those that were sent are new"
    ),
    ("PATCH", "/api/prompts/{prompt_id:(?!import$)[^/]+}"): [
        Try("/api/prompts/{prompt}", {"name": "taken"})
    ],
    ("DELETE", "/api/prompts/{prompt_id:(?!import$)[^/]+}"): [Try("/api/prompts/{prompt}")],
    ("GET", "/api/presets"): Own("/api/presets"),
    ("POST", "/api/presets"): Own("/api/presets", {"name": "n"}, status=201),
    ("PATCH", "/api/presets/{preset_id}"): [Try("/api/presets/{preset}", {"name": "taken"})],
    ("DELETE", "/api/presets/{preset_id}"): [Try("/api/presets/{preset}")],
    ("GET", "/api/projects"): Own("/api/projects"),
    ("POST", "/api/projects"): Own("/api/projects", {"name": "n"}, status=201),
    ("GET", "/api/projects/{project_id}"): [Try("/api/projects/{project}")],
    ("PATCH", "/api/projects/{project_id}"): [Try("/api/projects/{project}", {"name": "taken"})],
    ("DELETE", "/api/projects/{project_id}"): [
        Try("/api/projects/{project}"),
        Try("/api/projects/{project}?chats=bin", own=False),
    ],
    ("POST", "/api/projects/{project_id}/files"): [
        Try("/api/projects/{project}/files", {**_FOREIGN}),
        Try("/api/projects/{my_project}/files", {**_FOREIGN}, status=_FILES),
    ],
    ("DELETE", "/api/projects/{project_id}/files/{file}"): [
        Try("/api/projects/{project}/files/{file}")
    ],
    ("GET", "/api/statistics"): Own("/api/statistics"),
    ("POST", "/api/files"): NotOwned("it answers what was sent: test_what_two_accounts_bring"),
    ("GET", "/api/files/{file}"): [
        Try("/api/files/{file}"),
        Try("/api/files/{file}?name=a.txt"),
    ],
    ("GET", "/api/tools"): Own("/api/tools"),
    ("DELETE", "/api/tools/approvals"): Own("/api/tools/approvals", status=204),
    ("GET", "/api/export"): [
        Try("/api/export?ids={conversation}"),
        Try("/api/export?format=open-webui&ids={my_conversation},{conversation}", own=False),
    ],
    ("POST", "/api/export"): [Try("/api/export", {"ids": ["{conversation}"]})],
    ("GET", "/api/conversations/{conversation_id}/export"): [
        Try("/api/conversations/{conversation}/export"),
        Try("/api/conversations/{conversation}/export?format=json"),
    ],
    ("POST", "/api/import"): NotOwned("it brings: test_an_import_that_names_a_file"),
    ("GET", "/api/import/{import_id}"): [Try("/api/import/{import}")],
    ("DELETE", "/api/import/{import_id}"): [Try("/api/import/{import}")],
    ("GET", "/v1/models"): _PROGRAM,
    ("GET", "/v1/models/{model:.+}"): _PROGRAM,
    ("POST", "/v1/chat/completions"): _PROGRAM,
    ("POST", "/v1/embeddings"): _PROGRAM,
}


def filled(text: str, ids: dict[str, str]) -> str:
    """A path with ids in it."""
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def filled_body(body: JSON | None, ids: dict[str, str]) -> JSON | None:
    """A body with ids in it."""
    if body is None:
        return None
    found: JSON = json.loads(filled(json.dumps(body), ids))
    return found
