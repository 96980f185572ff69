"""Sessions, tokens and receipts as the account pages show them: in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.browser_names import name_browser
from accounts.models import ApiToken, PrivacyReceipt, Scope, User
from accounts.privacy.registry import words_for_counts
from accounts.services.sessions import list_sessions


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One browser in which a person is signed in."""

    handle: UUID
    browser: str
    icon: str
    signed_in_at: datetime | None
    is_this: bool


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A token and its scopes in words."""

    token: ApiToken
    scopes: list[str]
    is_expired: bool


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """How many of what were removed."""

    words: str
    number: int


def session_rows(*, user: User, current_key: str | None) -> list[SessionRow]:
    """This browser first, then the newest."""
    rows = []
    for session in list_sessions(user=user):
        name = name_browser(session.client)
        rows.append(
            SessionRow(
                handle=session.handle,
                browser=str(name),
                icon="smartphone" if name.is_handheld else "monitor",
                signed_in_at=session.signed_in_at,
                is_this=session.session_key == current_key,
            )
        )
    return sorted(rows, key=lambda row: not row.is_this)


def token_rows(*, user: User, now: datetime) -> list[TokenRow]:
    """Usable ones first, then the revoked and expired, each newest first."""
    rows = [
        TokenRow(
            token=token,
            scopes=[_scope_label(code) for code in token.scopes],
            is_expired=token.expires_at is not None and token.expires_at <= now,
        )
        for token in ApiToken.objects.visible_to(user)
    ]
    return sorted(rows, key=lambda row: bool(row.token.revoked_at) or row.is_expired)


def receipt_lines(receipt: PrivacyReceipt) -> list[ReceiptLine]:
    """Nothing is left out, not even what no room has words for any more."""
    words = words_for_counts()
    return [
        ReceiptLine(words=str(words.get(what, what)), number=number)
        for what, number in receipt.counts.items()
    ]


def _scope_label(code: str) -> str:
    return str(Scope(code).label) if code in Scope.values else code
