"""Which roles may use which endpoints."""

from __future__ import annotations

from collections.abc import Iterable

from llmchat.domain.access import Role, is_at_least
from llmchat.domain.endpoint import Configured, Endpoint


class Rights:
    """`own` are the endpoints of the settings, `files` the least role for files of models. What
    nobody has set up, as what was found on this machine, is for everybody.
    """

    def __init__(self, own: Iterable[Configured], files: Role) -> None:
        self._files = files
        self._own = _by_name(own)
        self._further: dict[str, Role] = {}

    def set_further(self, further: Iterable[Configured]) -> None:
        """Take these in place of those that were set up beside the settings."""
        self._further = _by_name(further)

    def opens(self, endpoint: Endpoint, role: Role) -> bool:
        """Whether a role may use an endpoint."""
        if endpoint.kind == "local":
            return is_at_least(role, self._files)
        least = self._own.get(endpoint.name) or self._further.get(endpoint.name, Role.GUEST)
        return is_at_least(role, least)


def _by_name(configured: Iterable[Configured]) -> dict[str, Role]:
    return {one.endpoint.name: one.roles for one in configured}
