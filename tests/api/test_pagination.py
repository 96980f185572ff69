"""Pages end, follow one another without loss, and refuse forged cursors."""

from base64 import b64encode

import pytest

from tests.factories import UserFactory


def test_following_next_meets_every_row_once(api):
    made = {UserFactory().username for _ in range(7)}
    seen, url = [], "/api/probe/people/?page_size=3"
    while url:
        body = api.get(url).json()
        seen += [row["username"] for row in body["results"]]
        url = body["next"]
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    ("asked", "given"), [("", 20), ("5", 5), ("100", 100), ("5000", 100), ("0", 20), ("x", 20)]
)
def test_a_page_holds_at_most_a_hundred_rows(api, asked, given):
    UserFactory.create_batch(101)
    rows = api.get(f"/api/probe/people/?page_size={asked}").json()["results"]
    assert len(rows) == given


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", b64encode(b"p=yesterday").decode(), b64encode(b"o=-1").decode(), b64encode(b"p=%00").decode(), "🙂"],
)  # fmt: skip
def test_a_forged_cursor_is_a_coded_refusal(api, cursor):
    UserFactory()
    answer = api.get("/api/probe/people/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
