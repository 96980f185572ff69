"""Adding, switching and removing networks that operators bring along."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from enhance.kind import KEY as PHOTO_KEY
from enhance.model_kind import KEY
from enhance.nets.catalogue import ARCHITECTURES
from enhance.operator_model import EnhanceModel
from enhance.options import AUTO_MODEL
from project.errors import ServiceError
from project.images import storage
from project.jobs.models import Job
from project.jobs.submit import submit_job

EXTENSIONS = (".pth", ".safetensors")


def add_operator_model(
    *, by: User, upload: File[Any], name: str, licence: str, commercial: bool
) -> EnhanceModel:
    """Store the file of a network and queue the job that checks it.

    Raises ServiceError: model_name_taken (409), licence_not_accepted (422) for weights that this
    server does not permit, unsupported_model_file (415), too_large_model (413), and what
    submit_job raises. The file is not opened here: a worker does that.
    """
    extension = check_new_model(upload=upload, name=name, commercial=commercial)
    key = default_storage.save(_new_key(extension), upload)
    try:
        with transaction.atomic():
            row = EnhanceModel.objects.create(
                name=name, licence=licence, commercial=commercial, upload=key, uploaded_by=by
            )
            submission = submit_job(owner=by, kind=KEY, params={"model": row.pk})
            row.job = submission.job
            row.save(update_fields=["job"])
    except BaseException as error:
        storage.delete(key)
        if isinstance(error, IntegrityError):  # the same name at the same moment
            raise _name_taken() from error
        raise
    return row


def check_new_model(*, upload: File[Any], name: str, commercial: bool) -> str:
    """The extension of an upload that may be stored. Raises ServiceError as above."""
    if name in (AUTO_MODEL, *ARCHITECTURES) or EnhanceModel.objects.filter(name=name).exists():
        raise _name_taken()
    if not commercial and not settings.ALLOW_NON_COMMERCIAL:
        raise ServiceError(
            _("This server permits only weights that may be used commercially."),
            code="licence_not_accepted",
            status=422,
        )
    extension = PurePath(upload.name or "").suffix.lower()
    if extension not in EXTENSIONS:
        raise ServiceError(
            _("A network comes as a .pth or .safetensors file."),
            code="unsupported_model_file",
            status=415,
            extra={"allowed": list(EXTENSIONS)},
        )
    limit = settings.ENHANCE_MODEL_MAX_BYTES
    if upload.size > limit:
        raise ServiceError(
            _("The file is larger than this server takes for a network."),
            code="too_large_model",
            status=413,
            extra={"limit_bytes": limit},
        )
    return extension


def switch_operator_model(*, model: EnhanceModel, enabled: bool) -> EnhanceModel:
    """Show or hide a network; jobs that wait for it still run."""
    model.enabled = enabled
    model.save(update_fields=["enabled"])
    return model


def remove_operator_model(*, model: EnhanceModel) -> None:
    """Delete a network with its files. Raises ServiceError model_in_use (409) while jobs that
    have not ended need it, or while it is being checked."""
    waiting = Job.objects.filter(
        kind=PHOTO_KEY,
        state__in=("queued", "running"),
        params__network__host_name=model.host_name,
    )
    if model.state == EnhanceModel.State.CHECKING or (model.sha256 and waiting.exists()):
        raise ServiceError(
            _("Jobs that have not ended need this network. Disable it now and delete it later."),
            code="model_in_use",
            status=409,
        )
    keys = [key for key in (model.file, model.upload) if key]
    model.delete()
    for key in keys:
        transaction.on_commit(partial(storage.delete, key))


def _new_key(extension: str) -> str:
    return storage.check_key(f"uploads/{secrets.token_hex(16)}/network{extension}")


def _name_taken() -> ServiceError:
    return ServiceError(_("Another network has this name."), code="model_name_taken", status=409)
