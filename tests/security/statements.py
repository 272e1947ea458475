"""Why a statement on what accounts have may leave out which account is meant."""

from __future__ import annotations

_REASONS: dict[str, tuple[str, ...]] = {
    "It is about a project that was looked up with the account and its id.": (
        "storage/projects.py:_FILES",
        "storage/projects.py:_ADD_FILE",
        "storage/projects.py:_RUNNING",
        "storage/projects.py:_LET_GO",
        "storage/projects.py:ProjectStore.patch.work",
        "storage/projects.py:ProjectStore.delete.work",
        "storage/projects.py:ProjectStore.remove_file.work",
        "storage/projects.py:_touched",
        "storage/projects.py:_put",
    ),
    "An id that somebody else has is taken, too: the project that comes in gets another one.": (
        "storage/projects.py:bring_project",
    ),
    "It is about a conversation by its number, which was looked up with the account and its id.": (
        "storage/conversations.py:_TOUCH",
        "storage/conversations.py:_ONE",
        "storage/conversations.py:account_at",
        "storage/conversations.py:activate",
        "storage/conversations.py:set_columns",
        "storage/conversations.py:act",
        "storage/conversations.py:has_message",
        "storage/difference.py:_KNOWN",
        "storage/difference.py:difference",
        "storage/exports.py:_CONVERSATION",
        "storage/exports.py:_CHILDREN",
        "storage/exports.py:_MESSAGES",
        "storage/exports.py:_NEWEST",
        "storage/imports.py:ImportStore._store",
        "storage/messages.py:_INSERT",
        "storage/messages.py:_BELOW",
        "storage/messages.py:_PATH",
        "storage/messages.py:_IN_ORDER",
        "storage/messages.py:messages_of",
        "storage/messages.py:count_messages",
        "storage/messages.py:find_message",
        "storage/messages.py:running_jobs",
        "storage/messages.py:newest_leaf",
    ),
    "It is about a message that was found in its conversation before.": (
        "storage/imports.py:_renew",
        "storage/messages.py:update_message",
        "storage/messages.py:delete_branch",
        "storage/search.py:_MESSAGE",
    ),
    "It is about a job by its number, which no client knows: the server has it from the job.": (
        "storage/answers.py:_FIND",
        "storage/answers.py:_EVENTS",
        "storage/jobs.py:_END",
        "storage/jobs.py:_READ",
        "storage/journal.py:_FOLD",
        "storage/journal.py:_RUNNING",
        "storage/journal.py:_LAST",
        "storage/statistics.py:_LAST",
        "storage/statistics.py:_ACCOUNT",
    ),
    "The job is that of a message that was found with its account.": ("storage/answers.py:so_far",),
    "It reads of what kinds of models there are messages; what is found then is of the account.": (
        "storage/search.py:_MODELS",
    ),
    "It gives numbers only, of which those of the account are taken next (_AMONG, _WITHIN).": (
        "storage/matches.py:_INDEXED",
        "storage/matches.py:_NEWEST",
    ),
    "The new events of all running jobs are in one row for each commit.": (
        "storage/journal.py:_ADD",
        "storage/journal.py:_ALL",
        "storage/journal.py:_FORGET",
    ),
    "Recovery: what the last run left, of all.": ("storage/jobs.py:_UNFINISHED",),
    "Garbage: what is old, of all.": (
        "storage/conversations.py:oldest_in_bin",
        "storage/conversations.py:erode",
        "storage/files.py:_UNUSED",
        "storage/jobs.py:_FORGET",
        "storage/shares.py:ShareStore.forget_expired",
    ),
    "The content of a file is kept once; who may have it says file_holder.": (
        "storage/files.py:_ADD",
        "storage/holders.py:_THERE",
        "storage/holders.py:_USE",
    ),
    "Ids are unique over all accounts: an import keeps its own where nobody has them.": (
        "storage/imports.py:_ID_TAKEN",
        "storage/imports.py:_CONVERSATION_TAKEN",
    ),
    "It is about the account itself, or about all of them at the start.": (
        "storage/approvals.py:_ALL",
        "storage/imports.py:ImportStore._store_in_parts.begin",
        "storage/settings.py:_ALL",
        "storage/settings.py:_READ",
        "storage/settings.py:_WRITE",
    ),
    "It is what says whose a request is.": (
        "storage/api_keys.py:_FIND",
        "storage/api_keys.py:_USED",
    ),
    "It is for who has the machine: the doctor counts, a backup takes all.": (
        "storage/inspection.py:_jobs",
        "storage/snapshot.py:_FILES",
    ),
    "It is about the copy of a link, by the hash of its token, which whoever has it may read.": (
        "storage/shares.py:_KNOWN",
        "storage/shares.py:_OPEN",
        "storage/shares.py:_FILES",
        "storage/shares.py:_FILE",
    ),
    "It brings what is there up to date, of all.": (
        "storage/migration_owners.py:OWNERS",
        "storage/migrations.py:MIGRATIONS",
    ),
}
ALLOWED = {place: reason for reason, places in _REASONS.items() for place in places}
