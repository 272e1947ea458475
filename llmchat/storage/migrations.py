"""The schema as an ordered list of changes, each made in one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from llmchat.domain.errors import EX_CANTCREAT, EX_TEMPFAIL, ConfigError
from llmchat.storage.migration_accounts import ACCOUNTS
from llmchat.storage.migration_owners import OWNERS
from llmchat.storage.migration_projects import PROJECTS
from llmchat.storage.migration_shares import SHARES
from llmchat.storage.problems import is_full

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        create table job(
            number integer primary key,
            id text not null unique,
            account text not null default '',
            key text,                            -- the Idempotency-Key
            request text not null,               -- JSON
            digest text not null,                -- of the request, to compare repeated ones
            endpoint text not null,
            model text not null,
            state text not null,                 -- queued, done, error, cancelled
            attempt integer not null default 0,
            created integer not null,            -- ms since the epoch, as all times
            ended integer
        )
        """,
        "create unique index job_by_key on job(account, key) where key is not null",
        "create index job_active on job(number) where ended is null",
        "create index job_by_end on job(ended) where ended is not null",
        """
        create table job_event(
            job integer not null references job(number) on delete cascade,
            attempt integer not null,
            seq integer not null,                -- of the last event of this row
            events text not null,                -- JSON: [[attempt, seq, name, data] ...]
            primary key(job, attempt, seq)
        ) without rowid
        """,
        """
        create table journal(
            number integer primary key,
            events text not null                 -- JSON: [[job, [[attempt, ...] ...]] ...]
        )
        """,
    ),
    (
        """
        create table account(
            id text primary key,
            name text not null,
            created integer not null,
            settings text not null default '{}'  -- JSON
        )
        """,
        "insert into account(id, name, created) values ('', 'This computer', 0)",
        """
        create table conversation(
            number integer primary key,
            id text not null unique,
            account text not null default '' references account(id),
            title text not null,
            named integer not null default 0,    -- 1: by a person
            created integer not null,
            updated integer not null,            -- when something was last said in it
            pinned integer not null default 0,
            archived integer not null default 0,
            unread integer not null default 0,
            deleted integer,                     -- when it went into the bin
            active text,                         -- the message that the branch in view ends with
            settings text not null default '{}', -- JSON
            source text,                         -- where it was imported from, and its id there
            source_id text,
            revision integer not null default 0  -- grows with each change of it or its messages
        )
        """,
        """
        create unique index conversation_by_source on conversation(account, source, source_id)
        where source is not null
        """,
        """
        create index conversation_by_time
        on conversation(account, archived, pinned, updated, number)
        where deleted is null
        """,
        "create index conversation_in_bin on conversation(deleted) where deleted is not null",
        """
        create table message(
            number integer primary key,
            id text not null unique,
            conversation integer not null references conversation(number) on delete cascade,
            parent text,                         -- null: it begins a branch of its own
            role text not null,                  -- system, user, assistant, tool
            content text not null default '',
            reasoning text not null default '',
            state text not null,                 -- running, done, error, cancelled
            finish_reason text,
            error text,                          -- JSON: code, message, retryable
            model text,
            endpoint text,
            job text,                            -- the last one that wrote it
            parameters text not null default '{}', -- JSON
            usage text,                          -- JSON
            timings text,                        -- JSON
            tool_calls text,                     -- JSON
            attachments text,                    -- JSON: [{file, name, type, size} ...]
            created integer not null,
            edited integer,
            source_id text,
            revision integer not null            -- of the conversation, when it was last changed
        )
        """,
        # With the revision: what is new in a long conversation is found without reading its texts.
        "create index message_by_conversation on message(conversation, number, revision)",
        "create index message_by_parent on message(conversation, parent)",
        "create index message_by_model on message(model, conversation) where model is not null",
        "create index message_by_job on message(job) where job is not null",
        "create index message_running on message(conversation) where state = 'running'",
        """
        create table file(
            id text primary key,                 -- SHA-256 of its content, in hex
            size integer not null,
            type text not null,
            created integer not null
        )
        """,
        """
        create table message_file(
            message integer not null references message(number) on delete cascade,
            file text not null references file(id),
            primary key(message, file)
        ) without rowid
        """,
        "create index message_file_by_file on message_file(file)",
        """
        create virtual table conversation_text using fts5(
            title, content='conversation', content_rowid='number', tokenize='trigram'
        )
        """,
        """
        create virtual table message_text using fts5(
            content, content='message', content_rowid='number', tokenize='trigram'
        )
        """,
        """
        create trigger conversation_named after insert on conversation begin
            insert into conversation_text(rowid, title) values (new.number, new.title);
        end
        """,
        """
        create trigger conversation_renamed after update of title on conversation
        when old.title is not new.title begin
            insert into conversation_text(conversation_text, rowid, title)
            values ('delete', old.number, old.title);
            insert into conversation_text(rowid, title) values (new.number, new.title);
        end
        """,
        """
        create trigger conversation_gone after delete on conversation begin
            insert into conversation_text(conversation_text, rowid, title)
            values ('delete', old.number, old.title);
        end
        """,
        # An answer is indexed when it is complete: its text comes with its state.
        """
        create trigger message_said after insert on message when new.state <> 'running' begin
            insert into message_text(rowid, content) values (new.number, new.content);
        end
        """,
        """
        create trigger message_changed after update of content, state on message
        when old.content is not new.content or (old.state = 'running') <> (new.state = 'running')
        begin
            insert into message_text(message_text, rowid, content)
            select 'delete', old.number, old.content where old.state <> 'running';
            insert into message_text(rowid, content)
            select new.number, new.content where new.state <> 'running';
        end
        """,
        """
        create trigger message_gone after delete on message when old.state <> 'running' begin
            insert into message_text(message_text, rowid, content)
            values ('delete', old.number, old.content);
        end
        """,
    ),
    (
        """
        create table statistic(
            account text not null,
            quarter integer not null,            -- the begin of 15 minutes in which answers ended
            model text not null,
            endpoint text not null,
            answers integer not null,
            failed integer not null,
            prompt_tokens integer not null,
            cached_tokens integer not null,
            completion_tokens integer not null,
            first_seconds real not null,         -- sum of the times to the first text
            first_count integer not null,
            writing_seconds real not null,       -- sum of the times after the first text
            writing_tokens integer not null,
            primary key(account, quarter, model, endpoint)
        ) without rowid
        """,
        # Of the answers that were there before, each counts by what its last job has left.
        """
        insert into statistic
        select account, quarter, model, endpoint, count(*), sum(failed), sum(prompt), sum(cached),
            sum(completion), total(first), count(first),
            total(case when completion > 1 and whole - first > 0.01 then whole - first end),
            sum(case when completion > 1 and whole - first > 0.01 then completion - 1 else 0 end)
        from (
            select c.account, m.created - m.created % 900000 as quarter, m.model,
                coalesce(m.endpoint, '') as endpoint, m.state = 'error' as failed,
                coalesce(json_extract(m.usage, '$.prompt_tokens'), 0) as prompt,
                coalesce(json_extract(m.usage, '$.cached_tokens'), 0) as cached,
                coalesce(json_extract(m.usage, '$.completion_tokens'), 0) as completion,
                json_extract(m.timings, '$.first_token_seconds') as first,
                json_extract(m.timings, '$.total_seconds') as whole
            from message m join conversation c on c.number = m.conversation
            where m.job is not null and m.model is not null and m.role = 'assistant'
                and m.state <> 'running'
        )
        group by account, quarter, model, endpoint
        """,
    ),
    (
        """
        create table api_key(
            id text primary key,
            account text not null default '' references account(id) on delete cascade,
            name text not null,
            hash blob not null unique,           -- SHA-256 of the key, which is nowhere
            ending text not null,                -- its last characters, to tell it from others
            created integer not null,
            used integer
        ) without rowid
        """,
        "create index api_key_by_account on api_key(account, created)",
    ),
    (
        """
        create table prompt(
            number integer primary key,
            id text not null unique,
            account text not null default '' references account(id),
            name text not null,
            text text not null,
            updated integer not null
        )
        """,
        "create index prompt_by_account on prompt(account, number)",
        """
        create table preset(
            number integer primary key,
            id text not null unique,
            account text not null default '' references account(id),
            name text not null,
            icon text not null default '',       -- an emoji or a few letters
            colour text not null default 'grey',
            starters text not null default '[]', -- JSON
            settings text not null default '{}', -- JSON
            updated integer not null
        )
        """,
        "create index preset_by_account on preset(account, number)",
        # Until now the prompts were among the settings of the account.
        """
        insert into prompt(id, account, name, text, updated)
        select lower(hex(randomblob(22))), account.id, json_extract(value, '$.name'),
            json_extract(value, '$.text'), 0
        from account, json_each(account.settings, '$.prompts') order by account.id, key
        """,
        "update account set settings = json_remove(settings, '$.prompts')",
    ),
    (
        """
        create table tool_approval(
            account text not null default '' references account(id) on delete cascade,
            server text not null,
            tool text not null,                  -- empty: all tools of the server
            digest text not null,                -- of what was allowed
            created integer not null,
            primary key(account, server, tool)
        )
        """,
    ),
    OWNERS,
    SHARES,
    PROJECTS,
    ACCOUNTS,
)


def open_migrated(
    path: Path, busy_seconds: float, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> sqlite3.Connection:
    """A connection to a file with the present schema, for one writer in any one thread.

    Raises ConfigError: for a file of a newer llmchat, or that is damaged or no database, which is
    left as it is; for one that cannot be written; for one that another program keeps locked.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        _migrate(connection, path, migrations)
    except (sqlite3.Error, ConfigError) as error:
        if connection is not None:
            connection.close()
        raise error if isinstance(error, ConfigError) else refusal_of(path, error) from error
    return connection


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: tuple[tuple[str, ...], ...]
) -> None:
    version = check_version(connection, path, len(migrations))
    if 0 < version < len(migrations):
        _back_up(connection, path, version)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    for number in range(version, len(migrations)):
        _apply(connection, migrations[number], number + 1)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma journal_size_limit = 16777216")
    # Some systems have it on: then deleting writes as much as it deletes, also on a full disk.
    connection.execute("pragma secure_delete = fast")


def check_version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """The version of the schema, 0 for an empty file. Raises ConfigError for one that is newer
    than `known`, or a file of another program.
    """
    version: int = connection.execute("pragma user_version").fetchone()[0]
    if version > known:
        raise ConfigError(
            f"{path} was written by a newer llmchat (schema {version}, this one knows"
            f" {known}). Nothing was changed. Start the newer version, or use another"
            " --data-dir."
        )
    foreign = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if version == 0 and foreign:
        raise ConfigError(
            f"{path} is a database of another program. It was left as it is: use another"
            " --data-dir."
        )
    return version


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.name}.backup-{version}")
    # One of an interrupted start may be half a file.
    backup.unlink(missing_ok=True)
    connection.execute("vacuum into ?", (str(backup),))


def _apply(connection: sqlite3.Connection, statements: tuple[str, ...], version: int) -> None:
    connection.execute("begin immediate")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"pragma user_version = {version:d}")
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def refusal_of(path: Path, error: sqlite3.Error) -> ConfigError:
    """What it means for a start that a file cannot be opened."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return ConfigError(
            f"{path} is damaged or no database of llmchat. It was left as it is: move it away to"
            " start with an empty one, or put a backup in its place."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ConfigError(
            f"{path} is locked by another program. Try again when it is done.",
            exit_code=EX_TEMPFAIL,
        )
    if is_full(error):
        return ConfigError(
            f"The disk of {path} is full. Free some space, or use another --data-dir.",
            exit_code=EX_CANTCREAT,
        )
    return ConfigError(
        f"{path} cannot be opened: {error}. Use another --data-dir.", exit_code=EX_CANTCREAT
    )
