"""`enhance.photo` with Pillow in the place of the network."""

from __future__ import annotations

import io
import time

from PIL import Image

from enhance.models import Enhancement
from project.images import storage
from project.images.records import record_result
from project.jobs.kinds import Outcome

TILES = 5
SECONDS_PER_TILE = 0.03


def handle(*, job, context, files):
    """Read the stored original, hold the device tile by tile, write one file and one row."""
    context.step("decode", 0, TILES)
    source = Enhancement.objects.select_related("source").get(job=job).source
    picture = Image.open(io.BytesIO(storage.read(source.file)))
    with context.device():
        for tile in range(TILES):
            context.step("background", tile, TILES)
            time.sleep(SECONDS_PER_TILE)
    buffer = io.BytesIO()
    picture.resize((picture.width * 2, picture.height * 2)).save(buffer, "PNG")
    context.step("encode", TILES, TILES)
    content = buffer.getvalue()
    key = files.save("result.png", content)

    def commit(done):
        record = record_result(owner=done.owner, key=key, content=content)
        Enhancement.objects.filter(job=done).update(result=record)

    return Outcome(commit=commit)
