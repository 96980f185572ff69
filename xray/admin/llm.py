"""Language model servers in the admin: the secret goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from project.errors import ServiceError
from xray.models import LlmBackend
from xray.services.llm_backend import SECRET_CHARACTERS, check_change, save_backend
from xray.services.llm_status import check_backend, llm_status
from xray.services.llm_words import state_words

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[LlmBackend]
    _ModelForm = forms.ModelForm[LlmBackend]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm


class LlmBackendForm(_ModelForm):
    """The fields of a server, and the secret, which is never shown again."""

    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        strip=True,
        max_length=SECRET_CHARACTERS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Sent as a bearer token. Empty keeps what is stored."),
    )
    remove_secret = forms.BooleanField(label=_("Remove the stored secret"), required=False)

    class Meta:
        model = LlmBackend
        fields = ("name", "kind", "base_url", "model", "is_enabled", "sends_images", "order")

    def clean(self) -> dict[str, Any] | None:
        """What the service would refuse stands beside the form."""
        data = super().clean()
        if not self.errors and data is not None:
            stored = LlmBackend.objects.filter(pk=self.instance.pk).first()
            try:
                check_change(row=stored, base_url=data["base_url"], secret=given_secret(data))
            except ServiceError as error:
                raise forms.ValidationError(str(error.detail), code=error.code) from error
        return data


def given_secret(data: dict[str, Any]) -> str | None:
    """As `save_backend` takes it: None keeps what is stored, an empty text removes it."""
    return "" if data["remove_secret"] else data["secret"] or None


@admin.register(LlmBackend)
class LlmBackendAdmin(_ModelAdmin):
    """Administrators only. The first enabled server by order is used."""

    form = LlmBackendForm
    list_display = ("name", "kind", "base_url", "model", "is_enabled", "order", "status")
    readonly_fields = ("has_secret", "status", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "kind", "base_url", "model", "is_enabled", "order")}),
        (_("Secret"), {"fields": ("has_secret", "secret", "remove_secret")}),
        (_("Pictures"), {"fields": ("sends_images",)}),
        (_("State"), {"fields": ("status", "created_at")}),
    )
    actions = ["check_now"]

    @admin.display(description=_("secret stored"), boolean=True)
    def has_secret(self, row: LlmBackend) -> bool:
        """Whether, never which."""
        return bool(row.sealed_secret)

    @admin.display(description=_("state"))
    def status(self, row: LlmBackend) -> str:
        """What was seen last; the page asks no server."""
        return state_words(llm_status(row))

    @admin.action(description=_("Ask the chosen servers for their model now"))
    def check_now(self, request: HttpRequest, queryset: QuerySet[LlmBackend]) -> None:
        """One message for each server."""
        for row in queryset:
            status = check_backend(row)
            level = messages.SUCCESS if status.state == "available" else messages.WARNING
            self.message_user(request, f"{row.name}: {state_words(status)}", level=level)

    def save_model(
        self,
        request: HttpRequest,
        obj: LlmBackend,
        form: Any,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Through the service, which seals the secret."""
        data = form.cleaned_data
        stored = LlmBackend.objects.get(pk=obj.pk) if change else None
        fields = {name: data[name] for name in LlmBackendForm.Meta.fields}
        saved = save_backend(
            row=stored,
            secret=given_secret(data),
            actor=request.user if isinstance(request.user, User) else None,
            **fields,
        )
        obj.pk = saved.pk
        obj.refresh_from_db()
