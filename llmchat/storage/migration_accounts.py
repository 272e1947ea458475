"""The change of the schema with which people sign in: roles, sessions, the audit log."""

from __future__ import annotations

ACCOUNTS: tuple[str, ...] = (
    "alter table account add column role text not null default 'user'",
    # The name to sign in with, in a form in which those that look alike are equal.
    "alter table account add column login text",
    "alter table account add column password text",  # as argon2 encodes it
    "alter table account add column subject text",  # who it is to an issuer of OpenID Connect
    "alter table account add column disabled integer not null default 0",
    "alter table account add column seen integer",
    "update account set role = 'admin' where id = ''",
    "create unique index account_by_login on account(login) where login is not null",
    "create unique index account_by_subject on account(subject) where subject is not null",
    "alter table api_key add column scopes text not null default 'v1'",
    "alter table api_key add column expires integer",
    """
    create table session(
        id text primary key,
        account text not null references account(id) on delete cascade,
        hash blob not null unique,           -- SHA-256 of the cookie, which is nowhere
        way text not null,                   -- password, token, oidc
        device text not null default '',
        address text not null default '',
        created integer not null,
        seen integer not null
    ) without rowid
    """,
    "create index session_by_account on session(account, seen)",
    # Who did it stays readable when the account is gone.
    """
    create table audit(
        number integer primary key,
        time integer not null,
        actor text not null,
        name text not null,
        action text not null,
        target text not null default '',
        address text not null default ''
    )
    """,
    # What may be remembered of accounts, keys and sessions: until this number is another one.
    # `llmchat user` writes beside a server that runs.
    "create table access_change(number integer not null)",
    "insert into access_change(number) values (0)",
    """
    create trigger account_changed after update of role, password, disabled, name on account
    begin
        update access_change set number = number + 1;
    end
    """,
    """
    create trigger account_gone after delete on account begin
        update access_change set number = number + 1;
    end
    """,
    """
    create trigger session_gone after delete on session begin
        update access_change set number = number + 1;
    end
    """,
    """
    create trigger api_key_gone after delete on api_key begin
        update access_change set number = number + 1;
    end
    """,
)
