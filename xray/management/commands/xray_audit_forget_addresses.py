"""`manage.py xray_audit_forget_addresses`: the addresses that older events still hold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from xray.services.audit import ChainBroken, forget_addresses


class Command(BaseCommand):
    """Once after an upgrade; later calls find nothing."""

    help = (
        "Take network addresses out of events of the X-ray audit trail that were written when "
        "it still kept them. The chain stays whole, and an event says for how many it was done."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a broken trail, else print how many."""
        del args, options
        try:
            count = forget_addresses()
        except ChainBroken as error:
            raise CommandError(
                _("The audit trail is broken at event %(id)d: %(reason)s.")
                % {"id": error.broken.id, "reason": error.broken.reason}
            ) from error
        self.stdout.write(f"events {count}")
