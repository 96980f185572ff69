"""How pages show quantities and moments, and an element that needs content to exist."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from project.web import wording

register = template.Library()


@register.filter
def duration(seconds: float | None) -> str:
    """`{{ 125|duration }}`: "2 min"; nothing for None."""
    return "" if seconds is None else wording.duration(float(seconds))


@register.filter
def code_marks(text: str) -> SafeString:
    """`{{ meaning|code_marks }}`: words between backticks become `<code>`, the rest is escaped."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return format_html("{}", text)
    shown = (
        format_html("<code>{}</code>" if i % 2 else "{}", part) for i, part in enumerate(parts)
    )
    return mark_safe("".join(shown))  # noqa: S308 - each part is escaped above


@register.filter
def filesize_mb(size: float | None) -> str:
    """`{{ record.bytes|filesize_mb }}`: "1.2 MB"; nothing for None."""
    return "" if size is None else wording.megabytes(float(size))


@register.filter
def memory(size: float | None) -> str:
    """`{{ worker.budget|memory }}`: "210 MB" or "1.4 GB"; nothing for None."""
    return "" if size is None else wording.memory(float(size))


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """A moment as relative words, the date on hover; `relative-time.js` keeps it fresh."""
    if moment is None:
        return mark_safe("")
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        moment.isoformat(timespec="seconds"),
        wording.absolute(moment),
        wording.relative(moment, now=timezone.now()),
    )


class FilledNode(template.Node):
    """An element around its content; without content there is no element either."""

    def __init__(self, tag: str, nodelist: NodeList) -> None:
        self.tag = tag
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """`<h1>...</h1>` or nothing."""
        content = self.nodelist.render(context).strip()
        return mark_safe(f"<{self.tag}>{content}</{self.tag}>" if content else "")  # noqa: S308


@register.tag
def filled(parser: Parser, token: Token) -> FilledNode:
    """`{% filled h1 %}{% block heading %}{% endblock %}{% endfilled %}`: no empty heading."""
    _name, tag = token.split_contents()
    nodelist = parser.parse(("endfilled",))
    parser.delete_first_token()
    return FilledNode(tag, nodelist)
