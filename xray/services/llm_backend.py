"""Which language model server is used, and the verb that changes it."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from project.errors import ServiceError
from project.outbound.errors import Refused
from project.outbound.policy import ORDINARY_PORTS, OutboundPolicy
from project.sealing import seal, unseal
from xray.models import LlmBackend
from xray.reports.llm.breaker import Breaker
from xray.reports.llm.server import Kind, LlmLimits, LlmServer
from xray.services import audit
from xray.services.llm_breaker import CacheBreakerStore

PURPOSE = "xray-llm-secret"
OLLAMA_PORT = 11434
DEFAULT_NAME = "default"
SECRET_CHARACTERS = 500


def llm_policy() -> OutboundPolicy:
    """Only what OMNILENS_XRAY_LLM_ALLOWED_HOSTS lists, the public internet included."""
    return OutboundPolicy(
        schemes=frozenset({"http", "https"}),
        ports=ORDINARY_PORTS | {OLLAMA_PORT},
        allowed=settings.XRAY_LLM_ALLOWED_HOSTS,
        only_listed=True,
    )


def current_backend() -> LlmBackend | None:
    """The first enabled row by `order`."""
    return LlmBackend.objects.filter(is_enabled=True).first()


def current_server() -> LlmServer | None:
    """The server of that row; None without one. Raises CannotUnseal when its secret was sealed
    with a key that this installation no longer has."""
    row = current_backend()
    return None if row is None else server_of(row)


def server_of(row: LlmBackend) -> LlmServer:
    """What the writer needs to know. Raises CannotUnseal."""
    kind: Kind = "ollama" if row.kind == "ollama" else "openai"
    return LlmServer(
        kind=kind,
        base_url=row.base_url,
        model=row.model,
        secret=unseal(row.sealed_secret, purpose=PURPOSE) if row.sealed_secret else "",
        sends_images=row.sends_images,
        policy=llm_policy(),
        breaker=Breaker(CacheBreakerStore(fingerprint(row))),
        limits=LlmLimits(
            first_seconds=settings.XRAY_LLM_FIRST_WORD.total_seconds(),
            seconds=settings.XRAY_LLM_TIMEOUT.total_seconds(),
        ),
    )


def fingerprint(row: LlmBackend) -> str:
    """Names a server and its model in the cache; another address or model starts afresh."""
    named = f"{row.kind}\n{row.base_url}\n{row.model}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def shown_backend() -> LlmBackend | None:
    """The row that `GET /api/v1/xray/llm/` shows and `PUT` changes: the one in use, else the
    first."""
    return current_backend() or LlmBackend.objects.first()


def check_change(*, row: LlmBackend | None, base_url: str, secret: str | None) -> None:
    """What can be refused before anything is stored; asks no name server.

    A stored secret is not kept for another address: it would go to whoever is there. Raises
    ServiceError: invalid, llm_host_refused (422), llm_secret_needed (422).
    """
    if secret and not (secret.isascii() and secret.isprintable()):
        detail = _("A secret has printable ASCII characters only.")
        raise ServiceError(detail, fields={"secret": [{"code": "invalid", "detail": detail}]})
    origin = checked_origin(base_url)
    has_secret = row is not None and bool(row.sealed_secret)
    if has_secret and secret is None and row is not None and origin != _origin(row.base_url):
        raise ServiceError(
            _("The address changed; enter the secret again, or remove it."),
            code="llm_secret_needed",
            status=422,
        )


def save_backend(
    *,
    row: LlmBackend | None,
    kind: str,
    base_url: str,
    model: str,
    is_enabled: bool,
    sends_images: bool,
    secret: str | None = None,
    name: str | None = None,
    order: int | None = None,
    actor: User | None = None,
) -> LlmBackend:
    """Store a server, a new one when `row` is None; the trail says who did.

    `secret`: None keeps what is stored, an empty text removes it. Without `name` and `order` a
    row keeps its own. Raises what check_change raises.
    """
    base_url = base_url.strip().rstrip("/")
    check_change(row=row, base_url=base_url, secret=secret)
    if row is None:  # two administrators at the same moment make one row, not an error
        row, _made = LlmBackend.objects.get_or_create(name=name or DEFAULT_NAME)
    row.kind, row.base_url, row.model = kind, base_url, model.strip()
    row.is_enabled, row.sends_images = is_enabled, sends_images
    row.name = row.name if name is None else name
    row.order = row.order if order is None else order
    if secret is not None:
        row.sealed_secret = seal(secret, purpose=PURPOSE) if secret else ""
    row.save()
    audit.record(
        action="llm.changed",
        actor=actor,
        object=row.name,
        details={
            "kind": str(row.kind),
            "enabled": row.is_enabled,
            "sends_images": row.sends_images,
            "address_sha256": hashlib.sha256(row.base_url.encode()).hexdigest(),
        },
    )
    return row


def checked_origin(base_url: str) -> str:
    """Scheme, host and port of an address that may be called. Asks no name server.

    Raises ServiceError llm_host_refused (422).
    """
    try:
        if "?" in base_url or "#" in base_url:  # the paths of the protocol come behind it
            raise Refused("url_invalid")
        return llm_policy().check(base_url).origin
    except Refused as error:
        raise ServiceError(
            _(
                "Language models may not be called there. An operator lists the host and its port "
                "in OMNILENS_XRAY_LLM_ALLOWED_HOSTS."
            ),
            code="llm_host_refused",
            status=422,
            extra={"reason": error.code, "setting": "OMNILENS_XRAY_LLM_ALLOWED_HOSTS"},
        ) from error


def _origin(base_url: str) -> str:
    """Of a stored address; empty when it may no longer be called."""
    try:
        return llm_policy().check(base_url).origin
    except Refused:
        return ""
