"""How tests of the door send a film, and what they expect of a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from project.images.errors import UploadRefused
from xray.ingest.receive import Received, receive


@pytest.fixture
def take() -> Callable[..., Received]:
    """Send bytes through the door under a name that says nothing."""

    def take(content: bytes, name: str = "film", **options: str) -> Received:
        return receive(SimpleUploadedFile(name, content), **options)

    return take


@pytest.fixture
def refused(take: Callable[..., Received]) -> Callable[..., str]:
    """The code with which the door refuses."""

    def refused(content: bytes, name: str = "film") -> str:
        with pytest.raises(UploadRefused) as caught:
            take(content, name)
        assert caught.value.__cause__ is None and caught.value.__context__ is None
        assert str(caught.value.detail)
        return caught.value.code

    return refused
