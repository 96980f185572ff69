"""Presets on the page: forms that work without JavaScript."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from enhance.forms import field_errors, submitted_values
from enhance.handling import split_handling
from enhance.presets.models import Preset
from enhance.presets.save import save_preset
from project.errors import ServiceError


@require_POST
@login_required
def preset_save(request: HttpRequest) -> HttpResponse:
    """The options of the form under a name; the same name again replaces what was kept."""
    name = str(request.POST.get("preset_name", ""))
    try:
        _handling, options = split_handling(submitted_values(request.POST))
        preset = save_preset(
            owner=request.user,  # type: ignore[arg-type]  # login_required
            name=name,
            options=options,
            replace=True,
        )
    except ValidationError as error:
        for field, texts in field_errors(error).items():
            messages.error(request, f"{field}: {' '.join(texts)}")
        return redirect("enhance:list")
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect("enhance:list")
    messages.success(request, _("The preset %(name)s is kept.") % {"name": preset.name})
    return redirect(f"{reverse('enhance:list')}?preset={preset.pk}")


@require_POST
@login_required
def preset_delete(request: HttpRequest, preset_id: UUID) -> HttpResponse:
    """Forget one; what was made with it stays."""
    preset = get_object_or_404(Preset.objects.visible_to(request.user), pk=preset_id)
    preset.delete()
    messages.success(request, _("The preset %(name)s was deleted.") % {"name": preset.name})
    return redirect("enhance:list")
