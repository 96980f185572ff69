"""Forms of the account pages. They check shape; the services decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope, User
from accounts.services.tokens import allowed_scopes
from project.errors import ServiceError

PASSWORD_MAX_CHARACTERS = 1024


class AccountForm(forms.Form):
    """A form that can show what a service refused, beside the field it is about.

    A refused form puts the cursor where the person goes on: into the first wrong field, or into
    the first empty one when no field is to blame.
    """

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def visible_fields(self) -> list[BoundField]:
        """The fields that a template shows, one of them with the cursor if the form was refused."""
        fields = super().visible_fields()
        if self.is_bound and self.errors:
            wrong = (field for field in fields if field.errors)
            empty = (field for field in fields if not field.value() or _is_password(field))
            chosen = next(wrong, None) or next(empty, None)
            if chosen:
                chosen.field.widget.attrs["autofocus"] = True
        return fields

    def show(self, error: ServiceError) -> None:
        """Attach `error` to its fields, or to the form when it names none of them."""
        own = {name: items for name, items in error.fields.items() if name in self.fields}
        for name, items in own.items():
            for item in items:
                self.add_error(name, forms.ValidationError(item["detail"], code=item["code"]))
        if not own:
            self.add_error(None, forms.ValidationError(str(error.detail), code=error.code))


def _is_password(field: BoundField) -> bool:
    """A password is never sent back, so its field is empty."""
    return isinstance(field.field.widget, forms.PasswordInput)


def _password(
    label: Any, *, autocomplete: str, help_text: Any = "", required: bool = True
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        strip=False,
        max_length=PASSWORD_MAX_CHARACTERS,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignInForm(AccountForm):
    """Username or e-mail address, and password."""

    username = forms.CharField(
        label=_("Username or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Password"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:  # the only thing to do on its page
            self.fields["username"].widget.attrs["autofocus"] = True


class RegisterForm(AccountForm):
    """What a new account needs."""

    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        help_text=_("Letters, digits and . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Used to reset your password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = _password(
        _("Password"), autocomplete="new-password", help_text=_("At least 8 characters.")
    )


class PasswordChangeForm(AccountForm):
    """The old password and the new one."""

    current_password = _password(_("Current password"), autocomplete="current-password")
    password = _password(
        _("New password"), autocomplete="new-password", help_text=_("At least 8 characters.")
    )


class PasswordResetForm(AccountForm):
    """Where to send the link."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class NewPasswordForm(AccountForm):
    """The new password at the end of the link."""

    password = _password(
        _("New password"), autocomplete="new-password", help_text=_("At least 8 characters.")
    )


class ProfileForm(AccountForm):
    """What people change about themselves."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    password = _password(
        _("Password"),
        autocomplete="current-password",
        help_text=_("Only to change the e-mail address."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above; for mypy)
        field.choices = [("", _("As the browser asks")), *settings.LANGUAGES]


class TokenForm(AccountForm):
    """A new API token."""

    LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")), (0, _("No expiry")))

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What the token is for, to recognise it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=_("Valid for"), coerce=int, choices=LIFETIMES, initial=90)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (declared above; for mypy)
        field.choices = [(code, Scope(code).label) for code in allowed_scopes(owner=owner)]

    def expires_at(self, *, now: datetime | None = None) -> datetime | None:
        """When the token expires, or None."""
        days: int = self.cleaned_data["days"]
        return (now or timezone.now()) + timedelta(days=days) if days else None


class EraseForm(AccountForm):
    """The password, once more."""

    password = _password(_("Password"), autocomplete="current-password")
