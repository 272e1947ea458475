"""What the HTTP layer asks of projects; every change is told to those who watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmchat.attachments.limits import MEGABYTE, FileLimits
from llmchat.conversations.service import ConversationService
from llmchat.domain.conversation import Attachment
from llmchat.domain.errors import RequestError
from llmchat.domain.project import Project
from llmchat.storage.projects import ProjectStore


class ProjectService:
    """The projects of all accounts. Everything raises StorageError and what ProjectStore does."""

    def __init__(
        self, store: ProjectStore, conversations: ConversationService, limits: FileLimits
    ) -> None:
        self.store = store
        self._conversations = conversations
        self._limits = limits

    async def add(self, account: str, project: Project) -> Project:
        """See ProjectStore, as for all that follow."""
        return self._told(account, await self.store.add(account, project))

    async def patch(self, account: str, project_id: str, changes: Mapping[str, Any]) -> Project:
        """Change members of it."""
        return self._told(account, await self.store.patch(account, project_id, changes))

    async def delete(self, account: str, project_id: str, *, bin_chats: bool) -> None:
        """Answers in conversations that go into the bin with it are stopped."""
        gone = await self.store.delete(account, project_id, bin_chats=bin_chats)
        self._conversations.changes.publish_projects(account)
        await self._conversations.moved(account, gone.conversations, gone.jobs)

    async def add_file(self, account: str, project_id: str, file: Attachment) -> Project:
        """Raises RequestError for a file that is not there, or that is one too many: all go with
        each question, so that a project may have what one message may have.
        """
        project = await self.store.get(account, project_id)
        found = await self._conversations.known(account, file)
        if all(one.file != found.file for one in project.files):
            _check([*project.files, found], self._limits)
        return self._told(account, await self.store.add_file(account, project_id, found))

    async def remove_file(self, account: str, project_id: str, file: str) -> Project:
        """The file itself is kept for as long as anything else has it."""
        return self._told(account, await self.store.remove_file(account, project_id, file))

    def _told(self, account: str, project: Project) -> Project:
        self._conversations.changes.publish_projects(account)
        return project


def _check(files: list[Attachment], limits: FileLimits) -> None:
    if len(files) > limits.files:
        raise RequestError(
            f"At most {limits.files} files may go with a project.",
            code="too-many-files",
            status=422,
        )
    if sum(one.size for one in files) > limits.message_bytes:
        megabytes = limits.message_bytes // MEGABYTE
        raise RequestError(
            f"The files of a project may have at most {megabytes} MB together.",
            code="files-too-large",
            status=422,
        )
