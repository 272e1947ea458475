"""What is asked and answered about links to copies of conversations."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from llmchat.domain.share import Share
from llmchat.server.wire import Id, names_of


class ShareBody(Struct, forbid_unknown_fields=True):
    """What a copy has besides the texts, and after how many days its link leads nowhere: null for
    never.
    """

    expires_days: Literal[1, 7, 30, 90] | None = 30
    reasoning: bool = False
    files: bool = False


class TakeBody(Struct, forbid_unknown_fields=True):
    """The token of a link."""

    token: Annotated[str, Meta(min_length=1, max_length=100)]


class ShareQuery(Struct):
    """`conversation`: only the links to copies of this one."""

    conversation: Id | None = None


class ShareList(Struct):
    """The links that lead somewhere, the newest first."""

    items: list[Share]


class NewShare(Struct):
    """A link that was just made. `token` is told this once; `path` is where it is below the site's
    own address.
    """

    id: str
    conversation_id: str
    title: str
    created: int
    expires: int | None
    reasoning: bool
    files: bool
    token: str
    path: str

    @classmethod
    def of(cls, one: Share, token: str) -> NewShare:
        """With its token."""
        return cls(
            id=one.id,
            conversation_id=one.conversation_id,
            title=one.title,
            created=one.created,
            expires=one.expires,
            reasoning=one.reasoning,
            files=one.files,
            token=token,
            path=f"share/{token}",
        )


NAMES: Final = names_of(ShareBody, TakeBody)
