"""`manage.py models pull|list|verify|remove`: the weights on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from project.inference import weights
from project.inference.errors import ModelUnavailable
from project.inference.weight_store import WeightsStatus, WeightStore, configured_store


class Command(BaseCommand):
    """Exit code 0: all is well; 1: something is missing, damaged or refused; 2: wrong usage."""

    help = "Pull, list, verify or remove model weights."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command, names, and a switch for the embedded set."""
        actions = parser.add_subparsers(dest="action", required=True)
        for action, text in (
            ("pull", "Fetch weights, verify their hashes and convert them."),
            ("list", "Show every registered entry and whether it is on this machine."),
            ("verify", "Read every byte again and compare the hashes."),
            ("remove", "Delete weights from this machine."),
        ):
            sub = actions.add_parser(action, help=text)
            sub.add_argument("names", nargs="*")
            sub.add_argument("--embedded", action="store_true", help="The set that make run uses.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command on the chosen entries."""
        chosen = self._choose(options["names"], embedded=options["embedded"])
        action: Callable[[WeightStore, list[str]], bool] = getattr(self, f"_{options['action']}")
        if not chosen and options["action"] in {"pull", "remove"}:
            raise CommandError(_("Name the weights, or give --embedded."), returncode=2)
        try:
            well = action(configured_store(), chosen)
        except ModelUnavailable as error:
            raise CommandError(error.detail, returncode=1) from error
        if not well:
            sys.exit(1)

    def _choose(self, names: list[str], *, embedded: bool) -> list[str]:
        known = {entry.name: entry for entry in weights.all_entries()}
        if unknown := sorted(set(names) - set(known)):
            raise CommandError(
                _("Unknown weights: %(names)s. Known are: %(known)s.")
                % {"names": ", ".join(unknown), "known": ", ".join(known)},
                returncode=2,
            )
        extra = [entry.name for entry in known.values() if embedded and entry.embedded]
        return list(dict.fromkeys([*names, *extra]))

    def _pull(self, store: WeightStore, names: list[str]) -> bool:
        for status in store.pull(names, report=self.stdout.write):
            self._say(status)
        return True

    def _list(self, store: WeightStore, names: list[str]) -> bool:
        for name in names or [entry.name for entry in weights.all_entries()]:
            self._say(store.status(name))
        return True

    def _verify(self, store: WeightStore, names: list[str]) -> bool:
        """Without names: what is on this machine and what the embedded set needs."""
        well = True
        for name in names or [entry.name for entry in weights.all_entries()]:
            status = store.verify(name)
            if status.state == "missing" and not names and not status.entry.embedded:
                continue
            self._say(status)
            well = well and status.present
        return well

    def _remove(self, store: WeightStore, names: list[str]) -> bool:
        for name in names:
            text = _("%(name)s: removed") if store.remove(name) else _("%(name)s: was not there")
            self.stdout.write(text % {"name": name})
        return True

    def _say(self, status: WeightsStatus) -> None:
        entry = status.entry
        words = {"present": _("present"), "missing": _("missing"), "damaged": _("damaged")}
        size = filesizeformat(status.bytes or entry.download_bytes)
        use = _("commercial use allowed") if entry.commercial else _("no commercial use")
        line = f"{entry.name:<24} {entry.version:<10} {words[status.state]:<10} {size:>12}  "
        detail = f" ({status.detail})" if status.detail else ""
        self.stdout.write(f"{line}{entry.licence}, {use}{detail}")
