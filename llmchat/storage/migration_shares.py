"""The tables of links to copies of conversations, as one change of the schema."""

from __future__ import annotations

SHARES: tuple[str, ...] = (
    """
    create table share(
        number integer primary key,
        id text not null unique,
        account text not null default '' references account(id) on delete cascade,
        conversation integer not null references conversation(number) on delete cascade,
        hash blob not null unique,           -- SHA-256 of the token, which is nowhere
        title text not null,
        created integer not null,
        expires integer,
        reasoning integer not null,
        files integer not null,              -- 1: they can be fetched by the link, too
        document text not null               -- JSON: what the link shows
    )
    """,
    "create index share_by_account on share(account, created)",
    "create index share_by_conversation on share(conversation)",
    "create index share_by_end on share(expires) where expires is not null",
    """
    create table share_file(
        share integer not null references share(number) on delete cascade,
        number integer not null,             -- by which the link calls it
        file text not null references file(id),
        name text not null,
        primary key(share, number)
    ) without rowid
    """,
    "create index share_file_by_file on share_file(file)",
)
