"""The error codes of accounts, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    register(
        "registration_closed",
        403,
        _("Registration closed"),
        _("This site does not take new accounts; ask an administrator."),
    )
    register(
        "invalid_credentials",
        401,
        _("Sign-in failed"),
        _("The username or the password is wrong, or the account is not active."),
    )
    register(
        "password_wrong",
        403,
        _("Password wrong"),
        _("The request needs the password of the signed-in user."),
    )
    register(
        "token_reused",
        401,
        _("Refresh token used twice"),
        _("A copy of the refresh token exists; every token of this sign-in was revoked."),
    )
    register(
        "role_in_use",
        409,
        _("Role in use"),
        _("Take the role from its `user_count` holders before deleting it."),
    )
    register(
        "role_built_in",
        409,
        _("Built-in role"),
        _("The house depends on this role: it stays, and so does its code."),
    )
    register(
        "last_administrator",
        409,
        _("Last administrator"),
        _("Make someone else an administrator first."),
    )
    register(
        "scope_not_allowed",
        403,
        _("Scope not allowed"),
        _("A token cannot be given more than `allowed_scopes`."),
    )
