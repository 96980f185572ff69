"""Identifiers sort by the time they were made."""

from datetime import UTC, datetime

from project.uuid7 import uuid7


def test_later_identifiers_sort_later_even_within_a_millisecond():
    made = [uuid7() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_identifier_is_a_version_7_uuid_that_holds_its_time():
    before = datetime.now(UTC).timestamp()
    made = uuid7()
    after = datetime.now(UTC).timestamp()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert int(before * 1000) <= made.int >> 80 <= int(after * 1000)
