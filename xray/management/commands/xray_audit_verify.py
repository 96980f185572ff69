"""`manage.py xray_audit_verify`: whether the audit trail is whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from xray.models import AuditEvent
from xray.services.audit import verify_chain


class Command(BaseCommand):
    """Exit code 1 and the first bad row when it is not."""

    help = (
        "Check the chain of the X-ray audit trail and print the number of events and the last "
        "digest. Keep that digest elsewhere: only it tells of rows cut off at the end."
    )

    def add_arguments(self, parser: Any) -> None:
        """`--expect` is a digest that was kept."""
        parser.add_argument(
            "--expect",
            metavar="DIGEST",
            default="",
            help="a last digest of an earlier run; it must still be in the trail",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print and judge."""
        del args
        broken = verify_chain()
        if broken is not None:
            raise CommandError(
                _("The audit trail is broken at event %(id)d: %(reason)s.")
                % {"id": broken.id, "reason": broken.reason}
            )
        expected = options["expect"]
        if expected and not AuditEvent.objects.filter(digest=expected).exists():
            raise CommandError(_("The audit trail was cut off: the expected digest is not in it."))
        last = AuditEvent.objects.order_by("-id").values_list("digest", flat=True).first()
        self.stdout.write(f"events {AuditEvent.objects.count()}")
        self.stdout.write(f"last {last or '-'}")
