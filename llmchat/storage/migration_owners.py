"""The change of the schema with which all that there is belongs to an account."""

from __future__ import annotations

OWNERS: tuple[str, ...] = (
    """
    create table file_holder(
        account text not null default '' references account(id) on delete cascade,
        file text not null references file(id) on delete cascade,
        created integer not null,
        primary key(account, file)
    ) without rowid
    """,
    "create index file_holder_by_file on file_holder(file)",
    # There was one account: whatever is here, it has brought.
    "insert into file_holder(account, file, created) select '', id, created from file",
    # Until now the account of a job was the `user` that its request named.
    """
    update job set key = null where account <> '' and key in (
        select key from job where key is not null group by key having count(*) > 1
    )
    """,
    "update job set account = '' where account <> ''",
    "create index job_by_account on job(account, number)",
    """
    insert into statistic
    select '', quarter, model, endpoint, sum(answers), sum(failed), sum(prompt_tokens),
        sum(cached_tokens), sum(completion_tokens), sum(first_seconds), sum(first_count),
        sum(writing_seconds), sum(writing_tokens)
    from statistic where account <> '' group by quarter, model, endpoint
    on conflict do update set
        answers = answers + excluded.answers,
        failed = failed + excluded.failed,
        prompt_tokens = prompt_tokens + excluded.prompt_tokens,
        cached_tokens = cached_tokens + excluded.cached_tokens,
        completion_tokens = completion_tokens + excluded.completion_tokens,
        first_seconds = first_seconds + excluded.first_seconds,
        first_count = first_count + excluded.first_count,
        writing_seconds = writing_seconds + excluded.writing_seconds,
        writing_tokens = writing_tokens + excluded.writing_tokens
    """,
    "delete from statistic where account <> ''",
)
