"""The queue pill and its tray as the server writes them, and the words of the scripts."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from project.jobs import kinds
from project.jobs.codes import STAGES
from project.jobs.models import Job
from project.uuid7 import uuid7
from project.web.queue_counts import queue_counts
from project.web.shell_words import shell_words
from tests.factories import JobFactory

HAN = re.compile(r"[\u4e00-\u9fff]")
SCRIPTS = Path(settings.BASE_DIR, "static/js")
SAID = re.compile(r"""word\(\s*["`]([\w.${}]+)["`]""")
# Looked up in the table by a part of the job.
BY_JOB = ("stage.",)


def running(owner, share, **more):
    return JobFactory(
        owner=owner, state="running", progress=share, lease_token=uuid7(),
        lease_until=timezone.now() + timedelta(minutes=1), **more,
    )  # fmt: skip


@pytest.fixture
def page(client, user):
    """The home page, read anew at each call."""
    client.force_login(user)

    def read():
        return client.get("/").content.decode()

    return read


def pill(html):
    link = re.search(r'<a class="pill" href="([^"]+)">(.*?)</a>', html, re.DOTALL)
    words = re.search(r'class="pill-words">(.*?)</span>', link[2], re.DOTALL)[1]
    return link[1], " ".join(words.split())


def test_the_pill_is_right_at_the_first_paint(page, user):
    assert pill(page()) == ("/history/", "No job is running")
    JobFactory(owner=user)
    JobFactory(owner=user)
    assert pill(page()) == ("/history/?state=queued", "2 waiting")
    running(user, 0.5)
    html = page()
    assert pill(html) == ("/history/?state=running", "1 running · 2 waiting")
    assert 'stroke-dasharray="16 100"' in html


def test_the_pill_leads_without_a_script_to_the_jobs_that_it_counts(page, client, user):
    job = running(user, 0.5)
    JobFactory(owner=user, finished=True)
    address, _words = pill(page())
    assert [card.job.pk for card in client.get(address).context["cards"]] == [job.pk]


def test_nobody_sees_anothers_queue(page, user, stranger):
    JobFactory(owner=stranger)
    assert pill(page()) == ("/history/", "No job is running")


def test_a_visitor_has_no_pill(client, db):
    html = client.get("/").content.decode()
    assert "<queue-pill" not in html
    assert "<job-feed" not in html


def test_the_parent_of_a_batch_is_no_work_of_its_own(user):
    parent = JobFactory(owner=user, max_attempts=0)
    JobFactory(owner=user, parent=parent)
    assert (queue_counts(user).running, queue_counts(user).waiting) == (0, 1)


def test_the_ring_counts_what_ended_since_the_oldest_open_job_came_in(user):
    JobFactory(owner=user, finished=True)
    assert queue_counts(user).percent == 0
    now = timezone.now()
    old = JobFactory(owner=user, finished=True)
    Job.objects.filter(pk=old.pk).update(finished_at=now - timedelta(hours=1))
    running(user, 0.5)
    JobFactory(owner=user, state="cancelled", finished_at=now + timedelta(minutes=1))
    Job.objects.filter(state="succeeded").update(finished_at=now - timedelta(hours=1))
    assert queue_counts(user).percent == 75


def test_counting_is_one_query(user, django_assert_num_queries):
    running(user, 0.5)
    with django_assert_num_queries(1):
        assert queue_counts(user).percent == 50


def test_the_page_brings_the_feed_once_and_the_words_of_its_scripts(page):
    html = page()
    assert html.count("<job-feed") == 1
    words = re.search(r'<script id="words" type="application/json">(.*?)</script>', html)[1]
    assert json.loads(words) == shell_words()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_state_and_stage_has_its_word_in_both_languages(language):
    with override(language):
        words = shell_words()
    wanted = {f"state.{state}" for state in Job.State.values} | {f"stage.{code}" for code in STAGES}
    ours = [kind for kind in kinds.all_kinds() if not kind.key.startswith("test.")]
    wanted |= {f"stage.{kind.key}.{code}" for kind in ours for code in kind.stages}
    assert len(ours) >= 1
    named = {key for key in words if key.startswith(("state.", "stage."))}
    assert {key for key in named if not key.startswith("stage.test.")} == wanted
    spoken = [key for key in sorted(wanted) if HAN.search(words[key])]
    assert spoken == (sorted(wanted) if language == "zh-hans" else [])


def scripts():
    """Those that take their words from the table; others bring their own."""
    sources = (path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    return [source for source in sources if re.search(r"\bword\b.*from \"./words.js\"", source)]


def test_the_table_and_the_scripts_say_the_same():
    own = (SCRIPTS / "words.js").read_text("utf-8")
    said = {key for source in [own, *scripts()] for key in SAID.findall(source)}
    families = tuple(key.partition("${")[0] for key in said if "${" in key)
    keys = {key for key in said if "${" not in key}
    table = set(shell_words())
    assert len(keys) > 20
    assert sorted(keys - table) == []
    unsaid = {key for key in table - keys if not key.startswith((*families, *BY_JOB))}
    assert sorted(unsaid) == []
    assert [family for family in families if not any(key.startswith(family) for key in table)] == []
