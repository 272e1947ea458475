"""The settings that say who gets in: a part of `Settings` (config.py)."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat import values
from llmchat.domain.account_limits import GUEST_LIMITS, USER_LIMITS, AccountLimits, parse_limits
from llmchat.domain.issuer import parse_issuer
from llmchat.domain.networks import Network, parse_network
from llmchat.setting import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """README.md, "Who gets in"."""

    auth: str = setting(
        "auto",
        values.one_of(*values.AUTH_MODES),
        "LLMCHAT_AUTH",
        "Who gets in. auto: the user of this machine without signing in; where other machines can"
        " reach it, who has a password. none: everybody. token: who has the token of the data"
        " folder. password: accounts. proxy: who a proxy says that it is.",
        flag="--auth",
    )
    trusted_proxies: tuple[Network, ...] = setting(
        (),
        values.networks(parse_network),
        "LLMCHAT_TRUSTED_PROXIES",
        "Addresses or networks of the proxies in front, whose headers are believed, separated by"
        " commas.",
    )
    proxy_hops: int = setting(
        1,
        values.hundred,
        "LLMCHAT_PROXY_HOPS",
        "How many of them stand one behind the other at most.",
    )
    proxy_user_header: str = setting(
        "X-Forwarded-User",
        values.header,
        "LLMCHAT_PROXY_USER_HEADER",
        "The header in which they name who has signed in, for --auth proxy.",
    )
    proxy_groups_header: str = setting(
        "",
        values.header,
        "LLMCHAT_PROXY_GROUPS_HEADER",
        "The header in which they list the groups of that person, e.g. X-Forwarded-Groups.",
    )
    proxy_admin_groups: tuple[str, ...] = setting(
        (),
        values.words,
        "LLMCHAT_PROXY_ADMIN_GROUPS",
        "The groups whose people are admins, separated by commas.",
    )
    oidc_issuer: str = setting(
        "",
        parse_issuer,
        "LLMCHAT_OIDC_ISSUER",
        "Address of an issuer of OpenID Connect, where people can sign in beside passwords.",
    )
    oidc_client_id: str = setting(
        "", str, "LLMCHAT_OIDC_CLIENT_ID", "What llmchat is called there."
    )
    oidc_client_secret: str = setting(
        "", str, "LLMCHAT_OIDC_CLIENT_SECRET", "The secret of llmchat there.", secret=True
    )
    oidc_name: str = setting(
        "Single sign-on", str, "LLMCHAT_OIDC_NAME", "What the button to sign in there says."
    )
    oidc_allowed: tuple[str, ...] = setting(
        (),
        values.names,
        "LLMCHAT_OIDC_ALLOWED",
        "Who gets an account by signing in there: domains of mail like example.org, or whole"
        " addresses, separated by commas; * is everybody whom it knows. Default: nobody.",
    )
    user_limits: AccountLimits = setting(
        USER_LIMITS,
        parse_limits,
        "LLMCHAT_USER_LIMITS",
        "What one account may take: questions per_minute, jobs running at once and queued, tokens"
        " of prompts and answers per day of the server, streams open at once. 0, or left out: no"
        " limit. Admins have none.",
    )
    guest_limits: AccountLimits = setting(
        GUEST_LIMITS, parse_limits, "LLMCHAT_GUEST_LIMITS", "The same for each guest."
    )
