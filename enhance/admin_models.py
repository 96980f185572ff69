"""Networks that operators add, in the admin: upload, switch, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enhance.operator_model import EnhanceModel
from enhance.services.operator_models import (
    add_operator_model,
    check_new_model,
    remove_operator_model,
)
from project.errors import ServiceError

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[EnhanceModel]
    _ModelForm = forms.ModelForm[EnhanceModel]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm


class UploadForm(_ModelForm):
    """A new network; its file is judged by a worker, not here."""

    network_file = forms.FileField(
        label=_("File"), help_text=_("A .pth or .safetensors file with tensors only.")
    )

    class Meta:
        model = EnhanceModel
        fields = ("name", "licence", "commercial")

    def clean(self) -> dict[str, Any] | None:
        """What can be refused before the file is stored."""
        data = super().clean()
        if not self.errors and data is not None:
            try:
                check_new_model(
                    upload=data["network_file"], name=data["name"], commercial=data["commercial"]
                )
            except ServiceError as error:
                raise forms.ValidationError(str(error.detail), code=error.code) from error
        return data


@admin.register(EnhanceModel)
class EnhanceModelAdmin(_ModelAdmin):
    """Adding stores a file and queues its check; only the switch can be changed afterwards."""

    list_display = ("name", "state", "architecture", "scale", "licence", "commercial", "enabled")
    list_select_related = ("job",)
    list_editable = ("enabled",)
    actions = None
    search_fields = ("name",)

    def get_form(
        self,
        request: HttpRequest,
        obj: EnhanceModel | None = None,
        change: bool = False,  # noqa: FBT001,FBT002  (Django's signature)
        **more: Any,
    ) -> Any:
        """The upload, or the switch."""
        if obj is None:
            more["form"] = UploadForm
        return super().get_form(request, obj, change, **more)

    def get_fields(self, request: HttpRequest, obj: EnhanceModel | None = None) -> Any:
        """All facts of a row that exists."""
        del request
        if obj is None:
            return ("name", "licence", "commercial", "network_file")
        return ("name", "enabled", *self.get_readonly_fields(None, obj)[1:])

    def get_readonly_fields(
        self, request: HttpRequest | None, obj: EnhanceModel | None = None
    ) -> tuple[str, ...]:
        """What was uploaded and measured does not change."""
        del request
        if obj is None:
            return ()
        return (
            "name", "state", "kind", "licence", "commercial", "sha256", "size_bytes",
            "architecture", "scale", "receptive_radius", "megaflop_per_pixel",
            "bfloat16_psnr_db", "uploaded_by", "created_at",
        )  # fmt: skip

    @admin.display
    def state(self, row: EnhanceModel) -> str:
        """Ready, disabled, being checked or refused (then its job says why)."""
        reason = row.job.error_detail if row.job and row.state == row.State.REFUSED else ""
        return f"{row.state.label}: {reason}" if reason else str(row.state.label)

    def save_model(
        self,
        request: HttpRequest,
        obj: EnhanceModel,
        form: Any,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Through the service, which stores the file and queues the check."""
        if change:
            super().save_model(request, obj, form, change)
            return
        data = form.cleaned_data
        row = add_operator_model(
            by=_user(request),
            upload=data["network_file"],
            name=data["name"],
            licence=data["licence"],
            commercial=data["commercial"],
        )
        obj.pk = row.pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: EnhanceModel) -> None:
        """Through the service, which keeps what jobs still need."""
        try:
            remove_operator_model(model=obj)
        except ServiceError as error:
            self.message_user(request, str(error.detail), level=messages.ERROR)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # the admin lets nobody else in
