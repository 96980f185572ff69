"""Guarantees about the house itself."""

import subprocess
import sys


def test_the_web_process_never_imports_torch_or_a_face_package():
    code = (
        "import sys, project.asgi, project.urls; from django.urls import get_resolver; "
        "get_resolver().url_patterns; "
        "sys.exit(bool({'torch', 'cv2', 'gfpgan', 'basicsr', 'facexlib', 'spandrel'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
