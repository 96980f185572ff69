"""Taking one's pictures along, and leaving nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy.registry import Content, register_eraser, register_exporter
from project.images import storage
from project.images.formats import FORMATS
from project.images.models import ImageRecord
from project.images.renditions import keys_of_copies

_FIELDS = (
    "id", "purpose", "format", "width", "height", "bit_depth", "warnings", "size_bytes", "sha256", "original_name",
    "created_at", "expires_at",
)  # fmt: skip


def register_all() -> None:
    """Called once, when the app is ready."""
    register_exporter("images", export_images)
    register_eraser("images", erase_images, files=files_of, words={"images": _("Pictures")})


def export_images(user: User) -> Iterator[tuple[str, Content]]:
    """Every picture as a file named by its id, and one list of all rows."""
    records = ImageRecord.objects.visible_to(user).order_by("pk")
    rows = json.loads(json.dumps(list(records.values(*_FIELDS)), cls=DjangoJSONEncoder))
    yield "images/records.json", rows
    for record in records:
        extension = FORMATS[record.format].extensions[0]
        try:
            yield f"images/{record.pk}.{extension}", storage.read(record.file)
        except FileNotFoundError:
            # A file that is lost cannot be given; the list still says that it existed.
            continue


def files_of(user: User) -> Iterator[str]:
    """Keys of all files and copies that belong to the user."""
    for record in ImageRecord.objects.visible_to(user):
        yield record.file
        yield from keys_of_copies(owner_id=record.owner_id, sha256=record.sha256)


def erase_images(user: User) -> dict[str, int]:
    """Delete the rows; the files follow after the commit."""
    deleted, _ = ImageRecord.objects.visible_to(user).delete()
    return {"images": deleted}
