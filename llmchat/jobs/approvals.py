"""Which tools may run without a question: in memory what the store has."""

from __future__ import annotations

from llmchat.domain.tools import Approval
from llmchat.storage.approvals import ApprovalStore, StoredApproval


class Approvals:
    """Changes raise StorageError, and change nothing then."""

    def __init__(self, store: ApprovalStore) -> None:
        self._store = store
        self._all: list[StoredApproval] = []

    async def load(self) -> None:
        """Read what there is, before the first job runs."""
        self._all = await self._store.all()

    def of(self, account: str) -> list[StoredApproval]:
        """What this account has allowed, oldest first."""
        return [one for one in self._all if one.account == account]

    def given(self, account: str) -> tuple[Approval, ...]:
        """The same for a worker."""
        return tuple(one.approval for one in self.of(account))

    async def add(self, account: str, approval: Approval) -> None:
        """Allow a tool or a server as it is now."""
        await self._store.add(account, [approval])
        await self.load()

    async def remove(self, account: str, server: str | None, tool: str | None) -> None:
        """Take back one, all of a server, or all."""
        await self._store.remove(account, server, tool)
        await self.load()
