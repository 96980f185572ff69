"""Every text of the tokens can be read, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text("utf-8")
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TEXT, SHAPE = 4.5, 3.0
SERVICES = ("tryon", "enhance", "xray", "monitoring")
GROUNDS = ("bg", "surface", "raised", "hover", "sunken")


def palettes():
    found = COLOUR.findall(TOKENS)
    return {
        "light": {name: light for name, light, _ in found},
        "dark": {name: dark for name, _, dark in found},
    }


def luminance(colour):
    def linear(part):
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[place : place + 2]) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(colour, share, ground):
    """`color-mix(in srgb, colour share, ground)`."""
    parts = (
        round(int(colour[p : p + 2], 16) * share + int(ground[p : p + 2], 16) * (1 - share))
        for p in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def pairs():
    """(text or shape, ground, least contrast)."""
    for ground in GROUNDS:
        yield from ((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3"))
    for ground in ("bg", "surface", "raised"):
        yield from ((name, ground, TEXT) for name in (*SERVICES, "accent", "ok", "warn", "bad"))
        yield ("edge", ground, SHAPE)
    yield from (("on-accent", name, TEXT) for name in (*SERVICES, "accent"))
    yield ("on-primary", "primary", TEXT)


def test_the_measure_is_that_of_the_standard():
    assert contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mixed("#ffffff", 0.5, "#000000") == "#808080"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_can_be_read_on_its_grounds(theme):
    colours = palettes()[theme]
    measured = {
        (front, ground): (round(contrast(colours[front], colours[ground]), 2), least)
        for front, ground, least in pairs()
    }
    assert {pair: ratio for pair, (ratio, least) in measured.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_badges_and_banners_can_be_read_on_their_tint(theme):
    """badge.css and banner.css mix the tone into the surface."""
    colours = palettes()[theme]
    weak = {}
    for tone in ("ok", "warn", "bad"):
        tint = mixed(colours[tone], 0.07, colours["surface"])
        for text in (tone, "ink", "ink-2", "ink-3"):
            weak[tone, text] = contrast(colours[text], tint)
    assert {pair: ratio for pair, ratio in weak.items() if ratio < TEXT} == {}


def test_the_tints_are_no_stronger_than_what_is_measured():
    for name in ("badge", "banner"):
        sheet = (settings.BASE_DIR / f"static/css/components/{name}.css").read_text("utf-8")
        grounds = re.findall(r"background: color-mix\(in srgb, [^ ]+ (\d+)%", sheet)
        assert grounds
        assert max(map(int, grounds)) <= 7


def test_services_choose_among_the_measured_colours():
    for service in SERVICES:
        block = re.search(rf'\[data-service="{service}"\] \{{(.*?)\}}', TOKENS, re.DOTALL)
        assert f"--service: var(--{service});" in block[1]
        assert "--on-service: var(--on-accent);" in block[1]


def test_only_the_tokens_hold_raw_colours():
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    folder = settings.BASE_DIR / "static/css"
    found = {
        str(path.relative_to(folder)): raw.findall(path.read_text("utf-8"))
        for path in folder.rglob("*.css")
        if path.name != "tokens.css"
    }
    assert {name: colours for name, colours in found.items() if colours} == {}
