"""Quantities in the reader's language: durations, sizes, moments."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Older moments are told by their date.
RELATIVE_DAYS = 30


def duration(seconds: float) -> str:
    """`40 s`, `2 min`, `1 h 5 min`: rounded to what a person would say."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return _("%(seconds)s s") % {"seconds": whole}
    minutes = round(whole / MINUTE)
    if minutes < MINUTE:
        return _("%(minutes)s min") % {"minutes": minutes}
    hours, minutes = divmod(minutes, MINUTE)
    if minutes == 0:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


def megabytes(size: float) -> str:
    """A file size in MB (of a million bytes), with one decimal below 10."""
    value = size / 1_000_000
    digits = 2 if value < 0.1 else 1 if value < 10 else 0
    return _("%(megabytes)s MB") % {"megabytes": number_format(value, digits)}


def memory(size: float) -> str:
    """Bytes of a memory: MB up to a thousand of them, then GB with one decimal."""
    if size < 999_500_000:
        return _("%(megabytes)s MB") % {"megabytes": number_format(round(size / 1_000_000))}
    return _("%(gigabytes)s GB") % {"gigabytes": number_format(round(size / 1_000_000_000, 1), 1)}


def relative(moment: datetime, *, now: datetime) -> str:
    """How long ago, as `Intl.RelativeTimeFormat` says it in `static/js/relative-time.js`."""
    seconds = int((now - moment).total_seconds())
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        minutes = seconds // MINUTE
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes) % {
            "count": minutes
        }
    if seconds < DAY:
        hours = seconds // HOUR
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    if now - moment < timedelta(days=RELATIVE_DAYS):
        days = seconds // DAY
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def absolute(moment: datetime) -> str:
    """Date and time with the zone's name; the script says it in the reader's own zone."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"
