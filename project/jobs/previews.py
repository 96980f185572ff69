"""The newest picture of an unfinished result: best effort, in the cache, gone with the run."""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.core.cache import cache
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from project.jobs.models import Job

logger = logging.getLogger(__name__)

MAX_BYTES = 512 * 1024
TTL_SECONDS = 15 * 60
# An attempt counts its versions from here on, so that they grow over all attempts of a job.
VERSIONS_PER_ATTEMPT = 1_000_000
_VERSION = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A WEBP file and its number, which grows with each one of the same job."""

    version: int
    content: bytes


class JobPreviews:
    """Where one attempt leaves its previews (a `PreviewSink`), a context manager: they go with it.

    The key names the attempt: a run that lost its lease cannot overwrite its successor's.
    """

    def __init__(self, job: Job) -> None:
        self._job_id = job.pk
        self._key = _key(job)
        self._version = job.attempt * VERSIONS_PER_ATTEMPT
        self._has_warned = False

    def __call__(self, content: bytes) -> int | None:
        """Keep `content` as the newest; None when it is too large or there is no Redis."""
        if len(content) > MAX_BYTES:
            self._warn(f"{len(content)} bytes are more than {MAX_BYTES}")
            return None
        version = self._version + 1
        try:
            cache.set(self._key, _VERSION.pack(version) + content, TTL_SECONDS)
        except RedisError as error:
            self._warn(str(error))
            return None
        self._version = version
        return version

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Forget the picture: the run has ended, well or not."""
        try:
            cache.delete(self._key)
        except RedisError as error:
            self._warn(str(error))  # it ends with its time to live

    def _warn(self, reason: str) -> None:
        if not self._has_warned:
            logger.warning("job %s has no live preview: %s", self._job_id, reason)
        self._has_warned = True


def newest_preview(job: Job) -> Preview | None:
    """What the present attempt of a running job has shown last; None without one.

    Raises RedisError while there is no Redis.
    """
    if job.state != job.State.RUNNING:
        return None
    kept: bytes | None = cache.get(_key(job))
    if kept is None:
        return None
    (version,) = _VERSION.unpack_from(kept)
    return Preview(version=version, content=kept[_VERSION.size :])


def _key(job: Job) -> str:
    return f"job-preview:{job.pk}:{job.attempt}"
