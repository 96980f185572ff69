"""The samples of docs/api/webhooks.md verify what is really sent, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from project.webhooks.codes import ERRORS
from project.webhooks.sign import signature_header
from project.webhooks.signing_secrets import OVERLAP, replace_secret, valid_secrets
from tests.outbound.receiver import receiving
from tests.webhooks.conftest import NOON

VECTOR = (
    "t=1795694400"
    ",v1=326c11d1eed52ad4b4b1bf3a244abf441c4d08ed774845fd318c2479fae28a6c"
    ",v1=a1fdb917bcc9ce045880851407c08342bde2aa5adcc110de6d8eece1dee8d9f3"
)
PAGE = settings.BASE_DIR / "docs/api/webhooks.md"


def sample(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


def in_python(cases):
    module = {}
    exec(sample("python"), module)  # noqa: S102  (the documentation itself)
    return [module["verify"](body.encode(), *rest) for body, *rest in cases]


def in_javascript(cases):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    script = sample("javascript") + (
        f"const cases = {json.dumps(cases)};\n"
        "const told = cases.map(([b, h, s, n]) => verify(Buffer.from(b), h, s, n));\n"
        "console.log(JSON.stringify(told));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-"], input=script, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("verify", [in_python, in_javascript])
def test_the_documented_samples_verify_what_is_sent_and_refuse_a_replay(
    verify, ended, deliver, clock, user, db
):
    old = replace_secret(owner=user, now=NOON)
    new = replace_secret(owner=user, now=NOON)
    with receiving() as server:
        ended(server)
        deliver()
    [(_path, headers, raw)] = server.requests
    body, header, now = raw.decode(), headers["Omnilens-Signature"], NOON.timestamp()
    later = header.replace(f"t={int(now)}", f"t={int(now) + 600}")
    cases = [
        (body, header, new, now),
        (body, header, old, now),
        (body, header, new, now + 299),
        (body, header, "whsec_other", now),
        (body.replace("cancelled", "succeeded"), header, new, now),
        (body + " ", header, new, now),
        (body, header, new, now + 301),
        (body, header, new, now - 301),
        (body, later, new, now + 600),
        (body, f"t={int(now)}", new, now),
        (body, f"t={int(now)},v1=", new, now),
        (body, "", new, now),
    ]
    assert verify(cases) == [True] * 3 + [False] * 9


def test_the_signature_is_over_the_time_and_the_exact_bytes():
    """A fixed vector, computed apart from the code: openssl dgst -sha256 -hmac."""
    header = signature_header(body=b'{"a": 1}', secrets=["whsec_one", "whsec_two"], at=NOON)
    assert header == VECTOR


def test_while_a_secret_is_replaced_two_sign_and_then_one(user):
    first = replace_secret(owner=user, now=NOON)
    second = replace_secret(owner=user, now=NOON)
    assert valid_secrets(owner=user, now=NOON) == [second, first]
    assert valid_secrets(owner=user, now=NOON + OVERLAP) == [second]
    third = replace_secret(owner=user, now=NOON)
    assert valid_secrets(owner=user, now=NOON) == [third, second]


def test_every_error_of_an_attempt_is_in_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert {code for code in ERRORS if f"`{code}`" not in text} == set()
