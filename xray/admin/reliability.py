"""The reliability diagram of a model version as inline SVG: shapes and attributes, no style, no
script, so that the strictest content security policy shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

SIDE, MARGIN = 240, 34
LEAST_RADIUS, MOST_RADIUS = 2.0, 7.0


def diagram(bins: Sequence[Mapping[str, Any]]) -> SafeString:
    """One circle for each bin: mean probability to the right, share sick upwards.

    On the diagonal a probability means what it says. The area of a circle follows its films.
    """
    most = max((float(part["count"]) for part in bins), default=1.0)
    points = [
        (
            f"{_x(float(part['probability'])):.1f}",
            f"{_y(float(part['share'])):.1f}",
            f"{max(LEAST_RADIUS, MOST_RADIUS * (float(part['count']) / most) ** 0.5):.1f}",
            _("%(count)s films: probability %(probability)s, pneumonia in %(share)s")
            % {
                "count": int(part["count"]),
                "probability": f"{float(part['probability']):.3f}",
                "share": f"{float(part['share']):.3f}",
            },
        )
        for part in bins
    ]
    circles = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="{}" fill="currentColor" fill-opacity="0.65">'
        "<title>{}</title></circle>",
        points,
    )
    ticks = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        [
            (
                f"{_x(at):.0f}",
                SIDE + MARGIN + 14,
                f"{at:g}",
                MARGIN - 4,
                f"{_y(at) + 4:.0f}",
                f"{at:g}",
            )
            for at in (0.0, 0.5, 1.0)
        ],
    )
    return format_html(
        '<svg role="img" aria-label="{label}" width="{whole}" height="{whole}"'
        ' viewBox="0 0 {whole} {whole}" font-size="11" fill="currentColor">'
        '<rect x="{margin}" y="{margin}" width="{side}" height="{side}" fill="none"'
        ' stroke="currentColor" stroke-opacity="0.4"/>'
        '<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="currentColor"'
        ' stroke-opacity="0.4" stroke-dasharray="4 4"/>{circles}{ticks}'
        '<text x="{middle}" y="{low}" text-anchor="middle">{across}</text>'
        '<text x="{margin}" y="{high}">{upwards}</text></svg>',
        label=_("Reliability diagram"),
        whole=SIDE + 2 * MARGIN,
        margin=MARGIN,
        side=SIDE,
        left=_x(0),
        right=_x(1),
        bottom=_y(0),
        top=_y(1),
        middle=MARGIN + SIDE // 2,
        low=SIDE + 2 * MARGIN - 6,
        high=MARGIN - 10,
        across=_("mean probability"),
        upwards=_("share with pneumonia"),
        circles=circles,
        ticks=ticks,
    )


def _x(share: float) -> float:
    return MARGIN + share * SIDE


def _y(share: float) -> float:
    return MARGIN + (1 - share) * SIDE
