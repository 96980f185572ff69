"""Photos for the browser to upload: real ones, cut small so that two cores finish them."""

from __future__ import annotations

import io

from PIL import Image
from skimage import data


def photo(side: int, format: str = "PNG") -> bytes:
    """The middle of scikit-image's cat (CC0), `side` x `side` pixels."""
    picture = Image.fromarray(data.chelsea()).crop((100, 20, 380, 300)).resize((side, side))
    buffer = io.BytesIO()
    picture.save(buffer, format)
    return buffer.getvalue()


def upload(name: str, content: bytes, media_type: str) -> dict:
    """As Playwright's set_input_files takes it."""
    return {"name": name, "mimeType": media_type, "buffer": content}
