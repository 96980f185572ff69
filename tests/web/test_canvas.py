"""The canvas shows a result without a script, and says nothing that a policy would block."""

import json
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from project.web.canvas import Canvas
from project.web.canvas_example import example_canvas
from tests.security.test_pages import inline_code

FULL = {
    "title": 'Ada "the cat" <b>',
    "before_url": "/media/before",
    "after_url": "/media/after",
    "full_url": "/media/full",
    "width": 4096,
    "height": 3072,
    "source_width": 1024,
    "source_height": 768,
    "alt_before": "Original <i>",
    "alt_after": "Enlarged <i>",
    "download_url": "/api/v1/enhance/1/download/",
    "previous_url": "/enhance/0/",
    "next_url": "/enhance/2/",
    "rerun_id": "again",
}


class Elements(HTMLParser):
    """Start tags as (name, attributes), and the texts by the element that they are in."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self._open = [], {}, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_data(self, data):
        if self._open and data.strip():
            self.texts.setdefault(self._open[-1], []).append(data.strip())

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def shown(**more):
    return Elements(page(**more))


def page(**more):
    return render_to_string("web/_canvas.html", {"canvas": Canvas(**{**FULL, **more})})


def test_both_pictures_stand_in_the_page_with_size_and_words():
    before, after = shown().all("img")
    assert (before["src"], before["width"], before["height"]) == ("/media/before", "1024", "768")
    assert (after["src"], after["width"], after["height"]) == ("/media/after", "4096", "3072")
    assert (before["alt"], after["alt"]) == ("Original <i>", "Enlarged <i>")


def test_captions_say_what_is_what_without_grouped_digits():
    assert shown().texts["figcaption"] == ["Before · 1024 × 768", "After · 4096 × 3072"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_inline_in_either_language(language):
    with translation.override(language):
        assert inline_code(page()) == []


def test_a_title_and_an_alt_text_cannot_open_an_element():
    html = page()
    assert "<b>" not in html
    assert "<i>" not in html


def test_what_a_script_is_needed_for_is_marked_so():
    elements = shown()
    buttons = [attrs for tag, attrs in elements.tags if tag == "button"]
    assert all("data-do" in attrs for attrs in buttons)
    groups = [
        a
        for a in elements.all("div")
        if "canvas-modes" in a.get("class", "") or "tools" in a.get("class", "")
    ]
    assert len(groups) == 2
    assert all("needs-script" in attrs["class"] for attrs in groups)


def test_every_button_without_words_has_a_label():
    for attrs in shown().all("button"):
        if attrs["data-do"] not in {"hold", "zoom-toggle"}:
            assert attrs["aria-label"]


def test_links_work_without_a_script():
    links = {attrs["data-go"]: attrs for attrs in shown().all("a")}
    assert links["previous"]["href"] == "/enhance/0/"
    assert links["next"]["href"] == "/enhance/2/"
    assert "download" in links["download"]
    assert "hidden" not in links["download"]


def test_what_is_not_there_is_not_linked():
    links = {
        attrs["data-go"]: attrs
        for attrs in shown(previous_url="", next_url="", download_url="").all("a")
    }
    assert set(links) == {"download"}
    assert "hidden" in links["download"]


@pytest.mark.parametrize(
    ("missing", "pictures", "count"),
    [
        (["after_url"], "before", 1),
        (["before_url"], "after", 1),
        (["before_url", "after_url"], "none", 0),
        ([], "both", 2),
    ],
)
def test_a_missing_picture_leaves_the_other(missing, pictures, count):
    elements = shown(**dict.fromkeys(missing, ""))
    assert elements.all("image-canvas")[0]["data-pictures"] == pictures
    assert len(elements.all("img")) == count


def test_an_unknown_size_of_the_result_takes_the_room_of_the_original():
    (canvas,) = shown(after_url="", width=0, height=0).all("image-canvas")
    assert (canvas["data-width"], canvas["data-height"]) == ("1024", "768")


def test_the_words_are_a_json_island_in_the_readers_language():
    words = Canvas(**FULL).words
    island = json.loads("".join(shown().texts["script"]))
    assert island == words
    assert page(alt_after="</script><b>").count("</script>") == 1


def test_the_panel_has_a_tab_and_a_section_for_each_given_part():
    source = (
        '{% include "web/_canvas_panel.html" with '
        'result="web/_language_menu.html" provenance="web/_language_menu.html" %}'
    )
    elements = Elements(engines["django"].from_string(source).render({}))
    tabs = [attrs["data-tab"] for attrs in elements.all("button") if "data-tab" in attrs]
    panels = [attrs["id"] for attrs in elements.all("section")]
    assert tabs == panels == ["panel-result", "panel-provenance"]
    assert elements.texts["h2"] == ["Result", "Provenance"]


def test_the_example_shows_both_pictures_of_omnilens_itself():
    html = render_to_string("web/_canvas_example.html", {"canvas_example": example_canvas()})
    before, after = Elements(html).all("img")
    assert before["src"].endswith("astronaut-before.webp")
    assert after["src"].endswith("astronaut-after.webp")
