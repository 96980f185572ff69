"""`python -m tests.resilience.upload_children`: uploads whose process dies in the middle.

Reads one JSON object a line (`failpoint`, `token`, `key`, `room`), forks a child that performs this upload
against the whole URLconf with that fail-point armed, and answers with the child's exit status.
"""

from __future__ import annotations

import json
import os
import sys

import django

SURVIVED = 3


def main():
    """Serve until the input ends."""
    django.setup()
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  (imported once, before the forks)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            upload(**json.loads(line))
            os._exit(SURVIVED)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def upload(*, failpoint, token, key, room="enhance"):
    """One photo or film, as a client sends it."""
    from django.test import Client

    from tests.enhance.pictures import upload as photo
    from tests.xray.factories import film_upload

    os.environ["OMNILENS_FAILPOINT"] = failpoint
    path, body = {
        "enhance": ("/api/v1/enhance", lambda: {"file": photo(), "scale": "2"}),
        "xray": ("/api/v1/xray/studies/", lambda: {"file": film_upload()}),
    }[room]
    Client(SERVER_NAME="localhost").post(
        path, body(), headers={"Authorization": token, "Idempotency-Key": key}
    )


if __name__ == "__main__":
    main()
