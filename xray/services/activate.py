"""Which classifier serves from now on: activate, roll back, retire.

A study keeps the version that was active when it was sent, so a switch needs no restart and
changes nothing that is on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from project.errors import ServiceError
from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.services import audit
from xray.services.goals import missed_goals
from xray.services.model_files import is_file_present

if TYPE_CHECKING:
    from accounts.models import User


def activate_version(
    *, version: ModelVersion, actor: User | None, address: str | None = None
) -> ModelVersion:
    """Let `version` serve; the one that did is retired.

    Raises ServiceError: already_active (409), version_below_goals (409, `missed` names each),
    model_file_missing (409). The table of goals is `xray.services.goals`; nobody may overrule it.
    """
    missed = missed_goals(version)
    if missed:
        told = [one.told() for one in missed]
        raise ServiceError(
            _("This version may not serve: it misses %(missed)s.") % {"missed": "; ".join(told)},
            code="version_below_goals",
            status=409,
            extra={"missed": told},
        )
    return _switch(version.pk, action="model.activated", actor=actor, address=address, is_new=True)


def roll_back_version(*, name: str, actor: User | None, address: str | None = None) -> ModelVersion:
    """Let the version serve that did before the active one; called again, the one before that.

    Raises ServiceError: no_previous_version (409), model_file_missing (409). Its figures passed
    when it was activated and are not judged again: a way back must stay open.
    """
    versions = ModelVersion.objects.filter(name=name, activated_at__isnull=False)
    active = versions.filter(status=VersionStatus.ACTIVE).first()
    earlier = versions.filter(status=VersionStatus.RETIRED).order_by("-activated_at", "-pk")
    if active is not None:
        earlier = earlier.filter(activated_at__lt=active.activated_at)
    previous = earlier.first()
    if previous is None:
        raise ServiceError(
            _("No version served before this one."), code="no_previous_version", status=409
        )
    return _switch(
        previous.pk, action="model.rolled_back", actor=actor, address=address, is_new=False
    )


def retire_version(
    *, version: ModelVersion, actor: User | None, address: str | None = None
) -> ModelVersion:
    """Take a draft out of the choice. Raises ServiceError version_is_active (409)."""
    rows = ModelVersion.objects.filter(pk=version.pk, status=VersionStatus.DRAFT)
    with transaction.atomic():
        if rows.update(status=VersionStatus.RETIRED):
            audit.record(
                action="model.retired",
                actor=actor,
                address=address,
                object=str(version),
                before=version.sha256,
            )
    version.refresh_from_db()
    if version.status == VersionStatus.ACTIVE:
        raise ServiceError(
            _("This version serves. Activate another one, or roll back."),
            code="version_is_active",
            status=409,
        )
    return version


def _switch(
    pk: int, *, action: str, actor: User | None, address: str | None, is_new: bool
) -> ModelVersion:
    """One transaction: nobody ever sees two active versions, or none.

    Two statements, not one, because both databases check the index of the active version row by
    row, in an order that nobody promises.
    """
    with transaction.atomic():
        # All rows in one order: of two activations at once the later one sees what the first did.
        name = ModelVersion.objects.values_list("name", flat=True).get(pk=pk)
        rows = ModelVersion.objects.select_for_update().filter(name=name).order_by("pk")
        by_key = {row.pk: row for row in rows}
        version = by_key[pk]
        active = next((row for row in rows if row.status == VersionStatus.ACTIVE), None)
        if active is not None and active.pk == pk:
            raise ServiceError(_("This version serves already."), code="already_active", status=409)
        if not is_file_present(version):
            raise ServiceError(
                _("The file of this version is gone; import it again."),
                code="model_file_missing",
                status=409,
            )
        if active is not None:
            active.status = VersionStatus.RETIRED
            active.save(update_fields=["status"])
        version.status, version.activated_by = VersionStatus.ACTIVE, actor
        if is_new:  # a version that comes back keeps its place in the order
            version.activated_at = timezone.now()
        version.save(update_fields=["status", "activated_by", "activated_at"])
        audit.record(
            action=action,
            actor=actor,
            address=address,
            object=str(version),
            before="" if active is None else active.sha256,
            after=version.sha256,
        )
    return version
