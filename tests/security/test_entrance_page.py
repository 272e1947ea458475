"""T-AUTH: which page somebody gets, and what admins are told of what an account has."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from llmchat.domain.access import Scope
from tests.security.gates import GUEST, ROOT, USER, bearer, cookie, site
from tests.server.site import ENTRANCE, PAGE

HELD = "/api/account/holdings"


async def test_who_is_not_known_gets_the_entrance_and_everybody_else_the_page_of_a_role(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as running:
        nobody = await running.call("GET", "/")
        assert nobody.body == ENTRANCE.decode()
        for headers in (cookie(f"llmchat-{running.port}=x"), bearer("wrong")):
            assert (await running.call("GET", "/", headers=headers)).body == nobody.body
        tags = {nobody.headers["ETag"]}
        for name, role in ((ROOT, "admin"), (USER, "user"), (GUEST, "guest")):
            signed_in = cookie(await running.sign_in(name))
            found = await running.call("GET", "/", headers=signed_in)
            assert f'<html lang="en" data-role="{role}">' in found.body
            tag = found.headers["ETag"]
            tags.add(tag)
            again = {**signed_in, "If-None-Match": tag}
            assert (await running.call("GET", "/", headers=again)).status == 304
            # What a browser has kept of somebody is of no use to who comes next.
            kept = await running.call("GET", "/", headers={"If-None-Match": tag})
            assert (kept.status, kept.body) == (200, nobody.body)
        assert len(tags) == 4


async def test_where_nobody_signs_in_the_page_says_nothing_of_accounts(tmp_path: Path) -> None:
    async with site(tmp_path, auth="none") as running:
        found = await running.call("GET", "/")
        head = PAGE.split(b"<script")[0].decode()
        assert found.body.startswith(head)
        assert "data-role" not in found.body
    async with site(tmp_path, auth="auto", people=False) as running:
        assert "data-role" not in (await running.call("GET", "/")).body
    async with site(tmp_path / "people", auth="auto") as running:
        assert 'data-role="admin"' in (await running.call("GET", "/")).body


async def test_how_much_an_account_has_is_told_to_itself_and_to_admins(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        account = running.accounts[USER]

        def fill(connection: sqlite3.Connection) -> None:
            connection.execute(
                "insert into conversation(id, account, title, created, updated)"
                " values ('c', ?, 'a secret', 0, 0)",
                (account,),
            )
            connection.execute(
                "insert into message(id, conversation, role, content, state, created, revision)"
                " select 'm', number, 'user', 'hi', 'done', 0, 0 from conversation"
            )

        await running.database.write(fill)
        await running.key(USER, Scope.READ)
        expected = {"conversations": 1, "messages": 1, "files": 0, "keys": 1}
        own = cookie(await running.sign_in(USER))
        admin = cookie(await running.sign_in(ROOT))
        assert (await running.call("GET", HELD, headers=own)).body == expected
        place = f"/api/users/{account}/holdings"
        assert (await running.call("GET", place, headers=admin)).body == expected
        assert (await running.call("GET", place, headers=own)).status == 403
        nothing = dict.fromkeys(expected, 0)
        assert (await running.call("GET", HELD, headers=admin)).body == nothing
        unknown = await running.call("GET", "/api/users/none/holdings", headers=admin)
        assert (unknown.status, unknown.body["code"]) == (404, "no-such-account")
