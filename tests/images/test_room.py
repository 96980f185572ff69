"""What the room may import."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.services

WEB = """
import sys
sys.modules["numpy"] = None  # importing it fails from here on
import django
django.setup()
import project.images.intake, project.images.views, project.images.api.views
assert not {"torch", "cv2"} & set(sys.modules)
"""


def test_the_web_takes_and_serves_pictures_without_numpy():
    done = subprocess.run([sys.executable, "-c", WEB], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
