"""Media URLs: signed, expiring, bound to one picture, one rendition and its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from project.images.models import ImageRecord
from project.images.renditions import Rendition

LINK_TTL = timedelta(minutes=5)
PAGE_TTL = timedelta(hours=1)
STEADY_FOR = timedelta(minutes=15)
_SALT = "project.images.media.2"


class InvalidLink(ValueError):
    """Tampered with, expired, or never ours."""


@dataclass(frozen=True, kw_only=True)
class MediaLink:
    """What a signed link names."""

    image: UUID
    owner_id: int
    rendition: Rendition


def media_url(
    record: ImageRecord,
    rendition: str = Rendition.ORIGINAL,
    *,
    ttl: timedelta = LINK_TTL,
    now: datetime | None = None,
) -> str:
    """Path of the picture or of one of its renditions (`original`, `display`, `thumbnail`,
    `preview`).

    Links handed out by the API live LINK_TTL, those inside pages PAGE_TTL.
    """
    expires_at = int(((now or timezone.now()) + ttl).timestamp())
    content = [record.pk.hex, record.owner_id, Rendition(rendition).value, expires_at]
    # No time of signing in it: the same picture and expiry are the same address.
    signed = signing.Signer(salt=_SALT).sign_object(content)
    return reverse("media", kwargs={"signed": signed})


def steady_media_url(
    record: ImageRecord, rendition: Rendition, *, now: datetime | None = None
) -> str:
    """A link for lists that are read again and again: the same address for STEADY_FOR.

    Lists keep their ETag and browsers their copy; it lives PAGE_TTL less at most STEADY_FOR.
    """
    moment = (now or timezone.now()).timestamp()
    start = moment - moment % STEADY_FOR.total_seconds()
    return media_url(record, rendition, ttl=PAGE_TTL, now=datetime.fromtimestamp(start, UTC))


def read_link(signed: str, *, now: datetime | None = None) -> MediaLink:
    """The content of a link that is genuine and still valid; raises InvalidLink."""
    try:
        image, owner_id, rendition, expires_at = signing.Signer(salt=_SALT).unsign_object(signed)
    except signing.BadSignature as error:
        raise InvalidLink from error
    if (now or timezone.now()).timestamp() >= expires_at:
        raise InvalidLink
    return MediaLink(image=UUID(image), owner_id=owner_id, rendition=Rendition(rendition))
