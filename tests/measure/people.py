"""Users, tokens, pictures and jobs of a deployment that this process has entered."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from accounts.models import User
    from project.jobs.models import Job

SCOPES = ("jobs:read", "jobs:write", "images:read", "images:write")
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user and an API token."""

    user: User
    token: str

    def client(self, url: str) -> httpx.Client:
        """A client that is signed in as this person."""
        headers = {"Authorization": f"Token {self.token}"}
        return httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)


def person(name: str) -> Person:
    """A new user with every scope a plain user may have."""
    from accounts.models import User
    from accounts.services.tokens import create_token

    user = User.objects.create_user(
        username=name, email=f"{name}@example.org", password=secrets.token_urlsafe()
    )
    return Person(
        user=user, token=create_token(owner=user, name="measure", scopes=list(SCOPES)).secret
    )


def photo(side: int) -> bytes:
    """A crop of scikit-image's astronaut, `side` pixels square, as PNG."""
    from PIL import Image
    from skimage import data

    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def submit(owner: User, content: bytes, *, lane: str = "interactive", **options: Any) -> Job:
    """Queue one enlargement in `lane` through the service that the API uses.

    The API of this version queues interactive jobs only; the lane is changed in the transaction
    that makes the job, so no worker sees it in another.
    """
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import transaction

    from enhance.handling import Handling
    from enhance.services.submit import submit_enhancement
    from project.jobs.models import Job

    upload = SimpleUploadedFile("photo.png", content, "image/png")
    with transaction.atomic():
        submitted = submit_enhancement(
            owner=owner, upload=upload, options=options, handling=Handling(use_cache=False)
        )
        Job.objects.filter(pk=submitted.enhancement.pk).update(lane=lane)
    return Job.objects.get(pk=submitted.enhancement.pk)
