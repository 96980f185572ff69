"""One owner with one object of each sort, and four other callers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import ApiToken, BrowserSession, PrivacyReceipt, Role, User
from enhance.models import Enhancement
from project.images.models import ImageRecord
from project.images.signing import media_url
from project.jobs.models import Job
from tests.factories import ImageFactory, JobFactory, UserFactory

ROLES = ("anonymous", "stranger", "operator", "administrator", "owner")
MARKER = "marker-of-the-owner"


@dataclass
class World:
    """`values` fills the parameters of routes (tests/security/routes.py)."""

    people: dict[str, User | None]
    job: Job
    image: ImageRecord
    enhancement: Enhancement
    values: dict[str, object]

    def client(self, role: str) -> Client:
        """A signed-in browser of that role."""
        client = Client(raise_request_exception=False)
        person = self.people[role]
        if person is not None:
            client.force_login(person)
        return client


def build_world() -> World:
    """Rows and one real file."""
    owner = UserFactory(username=MARKER)
    people = {
        "anonymous": None,
        "stranger": UserFactory(),
        "owner": owner,
        "operator": UserFactory(role=Role.OPERATOR),
        "administrator": UserFactory(role=Role.ADMINISTRATOR),
    }
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    key = default_storage.save(f"uploads/{MARKER}.png", ContentFile(picture.getvalue()))
    image = ImageFactory(owner=owner, file=key, original_name=f"{MARKER}.png")
    job = JobFactory(owner=owner, kind="enhance.photo")
    enhancement = Enhancement.objects.create(
        id=job.pk, job=job, source=image, source_name=f"{MARKER}.png", options={},
        plan={"output_width": 16, "output_height": 16},
    )  # fmt: skip
    token = ApiToken.objects.create(owner=owner, name=MARKER, prefix="omni_abc", digest="0" * 64)
    receipt = PrivacyReceipt.objects.create(
        kind=PrivacyReceipt.Kind.ERASURE, created_at=timezone.now(), finished_at=timezone.now()
    )
    world = World(people, job, image, enhancement, {})
    world.client("owner").get("/")
    world.values = {
        "jobs:job_id": job.pk,
        "jobs:pk": job.pk,
        "images:pk": image.pk,
        "media:signed": media_url(image).split("/")[2],
        "users:pk": owner.pk,
        "roles:pk": Role.objects.create(code="sample", name="Sample").pk,
        "tokens:pk": token.pk,
        "sessions:handle": BrowserSession.objects.get(user=owner).handle,
        "receipts:pk": receipt.pk,
        "reset:uid": "MQ",
        "reset:token": "abc-def",
        **{f"{name}:task_id": job.pk for name in ("enhance", "status", "download", "tasks")},
    }
    return world
