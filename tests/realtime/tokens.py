"""Authorization headers."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from asgiref.sync import sync_to_async

from accounts.models import ApiToken
from accounts.services.families import issue_pair


def jwt(user: Any) -> str:
    return f"Bearer {issue_pair(user=user).access}"


def api_token(user: Any, *scopes: str) -> str:
    secret = f"omni_{secrets.token_urlsafe(24)}"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    ApiToken.objects.create(
        owner=user, name="test", prefix=secret[:12], digest=digest, scopes=list(scopes)
    )
    return f"Token {secret}"


async def authorization(make: Any, *arguments: Any) -> tuple[bytes, bytes]:
    return (b"authorization", (await sync_to_async(make)(*arguments)).encode())
