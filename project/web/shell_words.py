"""The words that the scripts of every page say, in the reader's language.

`templates/base.html` puts them into the page, `static/js/words.js` reads them. Numbers, shares
and distances in time are the browser's own (Intl); `%(name)s` is filled by the script.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from project.jobs import kinds
from project.jobs.codes import STAGES
from project.jobs.models import Job


def shell_words() -> dict[str, str]:
    """Flat and translated: `state.*`, `stage.*`, `stage.<kind>.*`, then what each script says."""
    return {**_states(), **_stages(), **_units(), **_feed(), **_tray(), **_toasts()}


def _states() -> dict[str, str]:
    return {f"state.{state.value}": str(state.label) for state in Job.State}


def _stages() -> dict[str, str]:
    shared = {f"stage.{code}": str(text) for code, text in STAGES.items()}
    own = {
        f"stage.{kind.key}.{code}": str(text)
        for kind in kinds.all_kinds()
        for code, text in kind.stages.items()
    }
    return {**shared, **own}


def _units() -> dict[str, str]:
    """The same sentences as in wording.py: what a script says must not differ from the page."""
    return {
        "duration.seconds": _("%(seconds)s s"),
        "duration.minutes": _("%(minutes)s min"),
        "duration.hours": _("%(hours)s h"),
        "duration.hours_minutes": _("%(hours)s h %(minutes)s min"),
        "unit.megabytes": _("%(megabytes)s MB"),
        "relative.now": _("now"),
    }


def _feed() -> dict[str, str]:
    """How the page hears of changes; `live` needs no words."""
    return {
        "feed.retrying": _("Reconnecting"),
        "feed.sse": _("Live over a slower channel"),
        "feed.polling": _("Checking every 2 seconds"),
        "feed.closed": _("Signed out: sign in again"),
    }


def _tray() -> dict[str, str]:
    return {
        "pill.idle": _("No job is running"),
        "pill.running": _("%(n)s running"),
        "pill.waiting": _("%(n)s waiting"),
        "pill.overall": _("%(percent)s done in all"),
        "tray.eta": _("about %(time)s left"),
        "tray.place": _("Place %(n)s in the queue"),
        "tray.next": _("Next in the queue"),
        "tray.stopping": _("Stopping"),
        "tray.took": _("took %(time)s"),
        "tray.units": _("%(done)s of %(total)s"),
        "tray.cancel": _("Cancel"),
        "tray.cancel_job": _("Cancel %(title)s"),
        "tray.retry": _("Run again"),
        "tray.retry_job": _("Run %(title)s again"),
        "tray.again": _("Runs again: open the new job"),
        "tray.offline": _("The server did not answer. Check the connection and try again."),
        "tray.refused": _("The server refused this (%(status)s). Reload the page and try again."),
        "say.succeeded": _("%(title)s is finished"),
        "say.failed": _("%(title)s failed"),
        "say.cancelled": _("%(title)s was cancelled"),
        "say.many": _("%(n)s jobs ended, %(finished)s with a result"),
    }


def _toasts() -> dict[str, str]:
    return {
        "toast.close": _("Close this message"),
        "toast.failed": _("%(title)s failed: %(reason)s"),
        "toast.failed_plain": _("%(title)s failed."),
        "toast.open": _("View"),
        "toast.signed_out": _("You are signed out. Nothing on this page is live any more."),
        "toast.sign_in": _("Sign in"),
    }
