"""Keeping, changing and forgetting presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from enhance.presets.models import Preset
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from project.errors import ServiceError

MOST_PER_OWNER = 50
NAME_LENGTH = Preset._meta.get_field("name").max_length or 0


def save_preset(
    *,
    owner: User,
    name: str,
    options: Mapping[str, Any],
    preset: Preset | None = None,
    replace: bool = False,
) -> Preset:
    """A new preset, or `preset` under this name with these options.

    With `replace` one of the same name takes the options instead of being a conflict. Raises
    ValidationError for wrong options and ServiceError: invalid, preset_exists (409),
    too_many_presets (422).
    """
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= NAME_LENGTH or not plain.isprintable():
        detail = _("A name has 1 to %(length)d characters.") % {"length": NAME_LENGTH}
        raise ServiceError(detail, fields={"name": [{"code": "invalid", "detail": detail}]})
    given = {key: value for key, value in options.items() if value not in ("", None)}
    parse_options(given, default_quality=default_quality(current_device()))
    own = Preset.objects.visible_to(owner)
    if preset is None and replace:
        preset = own.filter(name=plain).first()
    if preset is None and own.count() >= MOST_PER_OWNER:
        raise ServiceError(
            _("You may keep %(limit)d presets.") % {"limit": MOST_PER_OWNER},
            code="too_many_presets",
            status=422,
            extra={"limit": MOST_PER_OWNER},
        )
    row = preset or Preset(owner=owner)
    row.name, row.options = plain, given
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ServiceError(
            _("You have a preset of this name already."), code="preset_exists", status=409
        ) from error
    return row
