"""Ten people at once: each gets the own picture, and nobody waits for the device to be asked."""

import io
import threading

import numpy as np
import pytest
from PIL import Image
from rest_framework.test import APIClient

from enhance.models import Enhancement
from enhance.services.submit import submit_enhancement
from project.images import storage
from project.jobs.models import Job
from project.jobs.run import run_next
from tests.enhance.pictures import upload
from tests.enhance.tiny import TinyRuntime
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Nearest:
    """A network that enlarges four times without changing a colour."""

    def __init__(self, network):
        self.network = network

    def __call__(self, pixels, **given):
        return pixels.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)

    def __getattr__(self, name):
        return getattr(self.network, name)


def test_ten_users_with_ten_colours_at_once_each_get_their_own_picture(monkeypatch):
    runtime = TinyRuntime(wrap=Nearest)
    colours = [(25 * n, 255 - 20 * n, (97 * n) % 256) for n in range(10)]
    sizes = [(12 + 3 * n, 40 - 2 * n) for n in range(10)]
    rows = []
    for n, (colour, (width, height)) in enumerate(zip(colours, sizes, strict=True)):
        solid = np.full((height, width, 3), colour, np.uint8)
        rows.append(
            submit_enhancement(
                owner=UserFactory(), upload=upload(solid, name=f"{n}.png"), options={"scale": "4"}
            ).enhancement
        )

    def work():
        from django.db import connection

        while run_next(worker="w", runtime=runtime) is not None:
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for row, colour, (width, height) in zip(rows, colours, sizes, strict=True):
        done = Enhancement.objects.with_job().get(pk=row.pk)
        assert done.job.state == "succeeded", done.job.error_detail
        assert done.result.owner_id == row.job.owner_id
        picture = np.asarray(Image.open(io.BytesIO(storage.read(done.result.file))).convert("RGB"))
        assert picture.shape == (4 * height, 4 * width, 3)
        assert np.abs(picture.astype(int) - colour).max() <= 1


def test_status_and_health_answer_while_a_job_holds_the_device(user, submit, client):
    asked, answered = threading.Event(), threading.Event()

    class Held(Nearest):
        def __call__(self, pixels, **given):
            asked.set()
            assert answered.wait(240)
            return super().__call__(pixels)

    row = submit(scale="4")

    def work():
        from django.db import connection

        try:
            run_next(worker="w", runtime=TinyRuntime(wrap=Held))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert asked.wait(240)
        api = APIClient()
        api.force_authenticate(user)
        body = api.get(f"/api/v1/status/{row.pk}").json()
        assert (body["status"], body["stage"]) == ("processing", "background")
        assert client.get("/health").json()["queue"] == {"queued": 0, "running": 1}
        assert client.get("/healthz").status_code == 200
    finally:
        answered.set()
        worker.join()
    assert Job.objects.get(pk=row.pk).state == "succeeded"
