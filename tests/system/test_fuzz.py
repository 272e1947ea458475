"""The API against its own description: Schemathesis asks a running server all that it allows, and
much that it does not. No answer may be an error of the server, or otherwise than described.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.program import run
from tests.system.talk import Talk

EXAMPLES = 3  # of each operation, beside all that its schema names by itself
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
    "unsupported_method"
)
CONFIG = """
[checks]
negative_data_rejection.expected-statuses = ["4xx"]  # 413 too: what is too long is too large

[[operations]]  # what they do not know they leave out, so that any client can send its own
include-path-regex = "^/v1/"

[operations.checks]
negative_data_rejection.enabled = false
"""
# They end with the server.
STREAMS = ("/api/changes", "/stream/{job_id}")


@pytest.mark.timeout(300)
async def test_no_request_makes_the_server_break_its_word(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with run(tmp_path, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as program:
        talk = Talk(program.url, program.session)
        said = [await talk.ask(f"question {number}") for number in range(20)]
        kept = said.pop()
        place = f"/api/conversations/{kept['conversation_id']}/messages"
        saved = [
            (await talk.call("POST", place, {"role": "user", "content": f"{number}"}))[1]
            for number in range(50)
        ]
        endpoints = [
            (await talk.call("POST", "/api/endpoints", {"base_url": f"http://127.0.0.1:9/v{n}"}))[1]
            for n in range(20)
        ]
        prompts, presets, projects = [
            [
                (await talk.call("POST", f"/api/{name}", {"name": f"{n}", **more}))[1]
                for n in range(20)
            ]
            for name, more in (("prompts", {"text": "a"}), ("presets", {}), ("projects", {}))
        ]
        at = f"/api/conversations/{kept['conversation_id']}/shares"
        shares = [(await talk.call("POST", at, {}))[1] for _ in range(20)]
        ids = {
            "endpoint_id": [one["id"] for one in endpoints],
            "conversation_id": [one["conversation_id"] for one in said],
            "message_id": [one["id"] for one in saved],
            "job_id": [one["job_id"] for one in said],
            "file": ["0" * 64],
            "import_id": ["0" * 32],
            "call_id": ["call_0"],
            "key_id": ["0" * 16],
            "model": ["echo"],
            "prompt_id": [one["id"] for one in prompts],
            "preset_id": [one["id"] for one in presets],
            "project_id": [one["id"] for one in projects],
            "session_id": ["0" * 32],
            "user_id": ["0" * 32],
            "share_id": [one["id"] for one in shares[1:]],
            "token": [shares[0]["token"], "A" * 43],
            "number": ["0"],
        }
        _, key = await talk.call("POST", "/api/keys", {"name": "fuzz"})
        _, document = await talk.call("GET", "/api/openapi.json")
        for path, methods in document["paths"].items():
            own = {**ids, "conversation_id": [kept["conversation_id"]]}
            for operation in methods.values():
                for one in operation["parameters"]:
                    if one["in"] == "path":
                        known = own if "message_id" in path or "fork" in path else ids
                        one["schema"]["enum"] = known[one["name"]]
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        (tmp_path / "schemathesis.toml").write_text(CONFIG)
        excluded = [part for path in STREAMS for part in ("--exclude-path", path)]
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            *("openapi.json", "--url", program.url),
            *("--header", f"Authorization: Bearer {key['key']}"),
            *("--max-examples", str(EXAMPLES), "--checks", CHECKS, *excluded),
            *("--phases", "examples,coverage,fuzzing", "--seed", "1", "--no-color"),
            stdout=PIPE,
            stderr=STDOUT,
            cwd=tmp_path,
        )
        told, _ = await process.communicate()
        assert process.returncode == 0, told.decode()
        assert b"Tested: " in told, told.decode()
        assert b"Tested: 0" not in told, told.decode()
