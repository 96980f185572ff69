"""Files of one attempt, invisible until the row that points to them is committed."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage

from project.failpoints import reach
from project.inference.errors import InferenceError
from project.jobs.models import Job

logger = logging.getLogger(__name__)

FOLDER = "jobs"
# A full disk, or an S3 that refuses or does not answer.
STORE_ERRORS = (OSError, BotoCoreError, ClientError)
_KEY = re.compile(r"jobs/([0-9a-f-]{36})/([0-9]+)/.+")
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class StorageFailed(InferenceError):
    """The storage did not take the file."""

    code = "storage"


class AttemptFiles:
    """FileSink over a storage: `jobs/<id>/<attempt>/<name>`."""

    def __init__(self, job: Job, *, storage: Storage = default_storage) -> None:
        self._folder = f"{FOLDER}/{job.pk}/{job.attempt}"
        self._storage = storage
        self._keys: list[str] = []

    def save(self, name: str, content: bytes) -> str:
        """Store `content` and return its key. Raises StorageFailed, and ValueError for a name
        that is not plain."""
        if not _SAFE_NAME.fullmatch(name):
            raise ValueError(f"not a plain file name: {name!r}")
        try:
            key = self._storage.save(f"{self._folder}/{name}", ContentFile(content))
        except STORE_ERRORS as error:
            raise StorageFailed(str(error)) from error
        self._keys.append(key)
        reach("job.after_file_write")
        return key

    def discard(self) -> None:
        """Remove the files of an attempt that lost. What cannot be removed is left to the
        sweep of orphans."""
        for key in self._keys:
            try:
                self._storage.delete(key)
            except STORE_ERRORS as error:
                logger.warning("%s is left to the sweep of orphan files: %s", key, error)
        self._keys.clear()


def keys_of_running_jobs(keys: Collection[str]) -> set[str]:
    """Those of `keys` that the present attempt of a running job has written."""
    attempts: dict[str, tuple[UUID, int]] = {}
    for key in keys:
        match = _KEY.fullmatch(key)
        if match:
            attempts[key] = (UUID(match[1]), int(match[2]))
    running = set(
        Job.objects.filter(
            pk__in={job for job, _ in attempts.values()}, state=Job.State.RUNNING
        ).values_list("pk", "attempt")
    )
    return {key for key, attempt in attempts.items() if attempt in running}
