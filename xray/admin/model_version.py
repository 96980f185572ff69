"""Classifiers in the admin: what they are worth, which one serves, and the way back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from project.api.client_address import client_address
from project.errors import ServiceError
from xray.admin.read_only import ReadOnlyAdmin
from xray.admin.reliability import diagram
from xray.models import ModelVersion
from xray.services.activate import activate_version, retire_version, roll_back_version
from xray.services.goals import GOALS, missed_goals
from xray.services.versions import NAME

if TYPE_CHECKING:
    from accounts.models import User

DIGITS_OF_HASH = 12


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Two things can be done, both audited: let one version serve, or the one before it.

    Whoever may change model versions may switch them. Figures and files never change here.
    """

    list_display = (
        "version", "status", "auc", "sensitivity", "specificity", "ece", "lacks", "data",
        "activated_at",
    )  # fmt: skip
    list_filter = ("status",)
    ordering = ("-created_at", "-pk")
    actions = ("activate", "roll_back", "retire")
    fields = (
        "name", "version", "status", "lacks", "figures", "reliability", "points", "formats",
        "architecture", "px", "labels", "point_name", "file", "is_shipped", "sha256",
        "data_sha256", "trained_on", "command", "activated_by", "activated_at", "created_at",
    )  # fmt: skip

    def has_switch_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions."""
        return request.user.has_perm("xray.change_modelversion")

    @admin.action(description=_("Let this version serve"), permissions=["switch"])
    def activate(self, request: HttpRequest, rows: QuerySet[ModelVersion]) -> None:
        """One version, if its figures meet every goal."""
        version = self._only(request, rows)
        if version is not None:
            self._told(request, activate_version, version=version)

    @admin.action(
        description=_("Go back to the version that served before"), permissions=["switch"]
    )
    def roll_back(self, request: HttpRequest, rows: QuerySet[ModelVersion]) -> None:
        """Whatever is chosen, it is the active version that gives way."""
        del rows
        self._told(request, roll_back_version, name=NAME)

    @admin.action(description=_("Retire this draft"), permissions=["switch"])
    def retire(self, request: HttpRequest, rows: QuerySet[ModelVersion]) -> None:
        """Take one draft out of the choice."""
        version = self._only(request, rows)
        if version is not None:
            self._told(request, retire_version, version=version)

    @admin.display(description="AUC")
    def auc(self, row: ModelVersion) -> str:
        """With its interval."""
        return _with_interval(row, "auc")

    @admin.display(description=_("sensitivity"))
    def sensitivity(self, row: ModelVersion) -> str:
        """With its interval."""
        return _with_interval(row, "sensitivity")

    @admin.display(description=_("specificity"))
    def specificity(self, row: ModelVersion) -> str:
        """With its interval."""
        return _with_interval(row, "specificity")

    @admin.display(description="ECE")
    def ece(self, row: ModelVersion) -> str:
        """With its interval."""
        return _with_interval(row, "ece")

    @admin.display(description=_("misses"))
    def lacks(self, row: ModelVersion) -> str:
        """What keeps it from serving."""
        return "; ".join(one.told() for one in missed_goals(row)) or "–"

    @admin.display(description=_("data"))
    def data(self, row: ModelVersion) -> str:
        """Of the films it learned from."""
        return row.data_sha256[:DIGITS_OF_HASH] or "–"

    @admin.display(description=_("figures on held-out films"))
    def figures(self, row: ModelVersion) -> SafeString:
        """All of them, beside their goals."""
        held_out = row.metrics.get("holdout", {})
        goals = {goal.figure: goal.told() for goal in GOALS}
        lines = [
            (name, _with_interval(row, name), goals.get(name, ""))
            for name in held_out.get("ci", {})
        ]
        head = f"{held_out.get('data', '')} {held_out.get('split', '')}, n = {held_out.get('n', 0)}"
        body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", lines)
        return format_html("<table><caption>{}</caption>{}</table>", head, body)

    @admin.display(description=_("reliability"))
    def reliability(self, row: ModelVersion) -> str | SafeString:
        """Drawn from the stored bins."""
        bins = row.metrics.get("holdout", {}).get("reliability", [])
        return diagram(bins) if bins else "–"

    @admin.display(description=_("calibration"))
    def points(self, row: ModelVersion) -> str:
        """Temperature and operating points."""
        return json.dumps(row.calibration) if row.calibration else "–"

    @admin.display(description=_("verified formats"))
    def formats(self, row: ModelVersion) -> str:
        """How far each moves a probability."""
        found = row.metrics.get("holdout", {}).get("formats", {})
        return "; ".join(
            f"{dtype}: {told['probability_difference']:g}" for dtype, told in found.items()
        ) or str(_("float32 only"))

    def _only(self, request: HttpRequest, rows: QuerySet[ModelVersion]) -> ModelVersion | None:
        chosen = list(rows[:2])
        if len(chosen) == 1:
            return chosen[0]
        self.message_user(request, str(_("Choose one version.")), level=messages.ERROR)
        return None

    def _told(self, request: HttpRequest, act: Any, **given: Any) -> None:
        user: User = request.user  # type: ignore[assignment]  # the admin lets nobody else in
        try:
            version = act(actor=user, address=client_address(request), **given)
        except ServiceError as error:
            self.message_user(request, str(error.detail), level=messages.ERROR)
            return
        words = _("%(version)s: %(status)s") % {
            "version": version,
            "status": version.get_status_display(),
        }
        self.message_user(request, str(words), level=messages.SUCCESS)


def _with_interval(row: ModelVersion, figure: str) -> str:
    """0.981 (0.972-0.989), or a dash."""
    held_out = row.metrics.get("holdout", {})
    value = held_out.get(figure)
    if not isinstance(value, int | float):
        return "–"
    bounds = held_out.get("ci", {}).get(figure)
    return f"{value:.3f}" + (f" ({bounds[0]:.3f}-{bounds[1]:.3f})" if bounds else "")
