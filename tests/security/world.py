"""One owner with one object of each sort, and four other callers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import ApiToken, BrowserSession, PrivacyReceipt, Role, User
from enhance.batches.submit import open_batch
from enhance.models import Enhancement, EnhanceModel, FacesPreview, Preset
from enhance.services.submit import submit_enhancement
from project.images.models import ImageRecord
from project.images.signing import media_url
from project.jobs.models import Job, Worker
from project.webhooks.callbacks import attach_callback
from project.webhooks.models import Delivery
from tests.factories import UserFactory
from tests.xray.factories import make_study
from xray.models import ModelVersion

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
    upload = SimpleUploadedFile(f"{MARKER}.png", picture.getvalue(), "image/png")
    enhancement = submit_enhancement(owner=owner, upload=upload, options={}).enhancement
    job, image = enhancement.job, enhancement.source
    preview = FacesPreview.objects.create(
        id=job.pk, job=job, source_name=f"{MARKER}.png", expires_at=timezone.now()
    )
    token = ApiToken.objects.create(owner=owner, name=MARKER, prefix="omni_abc", digest="0" * 64)
    attach_callback(job=job, url=f"https://hooks.example.org/{MARKER}.png")
    delivery = Delivery.objects.create(
        owner=owner,
        job=job,
        url=job.callback.url,
        origin="https://hooks.example.org",
        type="job.failed",
        state=Delivery.State.FAILED,
        attempts_left=0,
        next_attempt_at=timezone.now(),
        created_at=timezone.now(),
        finished_at=timezone.now(),
    )
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
        "workers:worker_id": Worker.objects.create(name="sample", last_seen=timezone.now()).pk,
        "deliveries:pk": delivery.pk,
        "models:pk": EnhanceModel.objects.create(name="sample", licence="MIT", commercial=True).pk,
        "deliveries:delivery_id": delivery.pk,
        "faces:preview_id": preview.pk,
        "reset:uid": "MQ",
        "reset:token": "abc-def",
        **{f"{name}:task_id": job.pk for name in ("enhance", "status", "download", "tasks")},
    }
    return world


def add_batch(world):
    """A batch of the owner's, for the tests that need one."""
    batch = open_batch(owner=world.people["owner"], photos=1, options={}).batch
    preset = Preset.objects.create(owner=world.people["owner"], name=MARKER, options={})
    world.values |= {
        "presets:preset_id": preset.pk,
        "batches:batch_id": batch.pk,
        **{f"{name}:batch_task_id": batch.pk for name in ("batch", "status", "download")},
    }


def add_study(world):
    """A reported X-ray study of the owner's, for the tests that need one."""
    study = make_study(world.people["owner"])
    ModelVersion.objects.filter(pk=study.model_version_id).update(status="active")
    world.values |= {
        "studies:study_id": study.pk,
        "heatmap:label": "pneumonia",
        "compare:prior_id": study.pk,
        "models:version_id": study.model_version_id,
        "xray:study_id": study.pk,
    }
