"""A classifier from outside becomes a draft: stored, readable, and not yet worth anything."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from project.errors import ServiceError
from project.images import storage
from xray.labels import PNEUMONIA
from xray.models import ModelVersion
from xray.services import audit
from xray.services.model_files import is_file_present
from xray.services.shipped import shipped_classifier
from xray.services.versions import NAME

if TYPE_CHECKING:
    from accounts.models import User
    from xray.pipeline.imported import Given


def import_version(
    *, path: Path, version: str, given: Given, command: str, trained_on: str, by: User | None = None
) -> ModelVersion:
    """Read a `.pth` or safetensors file, keep it in the room's own format, make the row.

    Raises ServiceError: version_taken (409) for a name or weights that are there already,
    and CheckpointError for a file that is no classifier.
    """
    from xray.pipeline.checkpoint import canonical_bytes, save_classifier
    from xray.pipeline.imported import read_classifier
    from xray.pipeline.network import ARCHITECTURE

    network, spec = read_classifier(path, given)
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "model.safetensors"
        save_classifier(network, spec, kept)
        content = canonical_bytes(kept)
    sha256 = hashlib.sha256(content).hexdigest()
    known = ModelVersion.objects.filter(sha256=sha256).first()
    if known is not None:
        raise _taken(_("These weights are here already, as %(name)s.") % {"name": known})
    key = storage.check_key(f"uploads/{secrets.token_hex(16)}/model.safetensors")
    storage.put(key, content)
    try:
        with transaction.atomic():
            row = ModelVersion.objects.create(
                name=NAME,
                version=version,
                architecture=ARCHITECTURE,
                file=key,
                sha256=sha256,
                px=spec.px,
                labels=[PNEUMONIA.key],
                command=command,
                trained_on=trained_on,
            )
            audit.record(action="model.imported", actor=by, object=str(row), after=sha256)
    except BaseException as error:
        storage.delete(key)
        if isinstance(error, IntegrityError):
            raise _taken(_("A version is called %(name)s already.") % {"name": version}) from error
        raise
    return row


@contextmanager
def file_of(row: ModelVersion) -> Iterator[Path]:
    """A path to the weights for as long as the block lasts. Raises ServiceError."""
    if not is_file_present(row):
        raise ServiceError(
            _("The file of this version is gone; import it again."),
            code="model_file_missing",
            status=409,
        )
    if row.is_shipped:
        yield shipped_classifier()
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(storage.read(row.file))
        yield path


def _taken(words: str) -> ServiceError:
    return ServiceError(words, code="version_taken", status=409)
