"""The change of the schema that brings projects."""

from __future__ import annotations

PROJECTS: tuple[str, ...] = (
    """
    create table project(
        number integer primary key,
        id text not null unique,
        account text not null default '' references account(id) on delete cascade,
        source_id text,                      -- its id where it was imported from, if another
        place integer not null,              -- in the order of the account
        name text not null,
        updated integer not null,
        icon text not null default '',       -- an emoji or a few letters
        colour text not null default 'grey',
        system text not null default '',     -- comes before that of a conversation
        model text,
        preset text
    )
    """,
    "create index project_by_account on project(account, place, number)",
    """
    create table project_file(
        project integer not null references project(number) on delete cascade,
        file text not null references file(id),
        name text not null,
        place integer not null,
        primary key(project, file)
    ) without rowid
    """,
    "create index project_file_by_file on project_file(file)",
    """
    alter table conversation
    add column project text references project(id) on delete set null
    """,
    """
    create index conversation_by_project
    on conversation(project, deleted, archived, pinned, updated, number)
    where project is not null
    """,
)
