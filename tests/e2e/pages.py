"""Every page that a person can open, by who sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One page: `name` for its picture, `path`, and who looks: nobody, demo or administrator."""

    name: str
    path: str
    who: str = "demo"


PAGES = (
    Seen(name="landing", path="/", who="nobody"),
    Seen(name="sign-in", path="/accounts/sign-in/", who="nobody"),
    Seen(name="register", path="/accounts/register/", who="nobody"),
    Seen(name="password-reset", path="/accounts/password/reset/", who="nobody"),
    Seen(name="password-reset-sent", path="/accounts/password/reset/sent/", who="nobody"),
    Seen(name="password-reset-invalid", path="/accounts/password/reset/MQ/no-token/", who="nobody"),
    Seen(name="home", path="/"),
    Seen(name="enhance", path="/enhance/"),
    Seen(name="enhance-finished", path="{enhancement}"),
    Seen(name="xray", path="/xray/"),
    Seen(name="job", path="{job}"),
    Seen(name="history", path="/history/"),
    Seen(name="account", path="/accounts/"),
    Seen(name="webhooks", path="/webhooks/"),
    Seen(name="password-change", path="/accounts/password/"),
    Seen(name="error-codes", path="/docs/errors"),
    Seen(name="not-found", path="/nothing/"),
    Seen(name="operator", path="/operator/", who="administrator"),
    Seen(name="admin", path="/admin/", who="administrator"),
    Seen(name="styleguide", path="/styleguide/", who="administrator"),
)
