"""`manage.py xray_original`: give out the encrypted original of a film, audited."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import User
from project.errors import ServiceError
from project.sealing import CannotUnseal
from xray.models import Study
from xray.services.original import open_original


class Command(BaseCommand):
    """The file is new and readable by its owner alone."""

    help = (
        "Write the original of a study to a file, for a member of staff; the audit trail keeps who "
        "opened it. Originals exist where OMNILENS_XRAY_KEEP_ORIGINAL was on when the film came."
    )

    def add_arguments(self, parser: Any) -> None:
        """Which study, for whom, and where to."""
        parser.add_argument("study", metavar="STUDY", help="id of the study")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME",
                            help="the member of staff who reads it")  # fmt: skip
        parser.add_argument("--out", required=True, metavar="FILE", help="a file that is not there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open and write."""
        del args
        out = Path(options["out"])
        if out.exists():
            raise CommandError(_("%(file)s is there already.") % {"file": out})
        try:
            actor = User.objects.get(username=options["username"])
            study = Study.objects.get(pk=options["study"])
            content = open_original(study=study, actor=actor)
        except User.DoesNotExist:
            raise CommandError(_("There is no such user.")) from None
        except (Study.DoesNotExist, ValidationError):
            raise CommandError(_("There is no such study.")) from None
        except ServiceError as refused:
            raise CommandError(str(refused.detail)) from refused
        except CannotUnseal:
            raise CommandError(
                _("It was encrypted with another OMNILENS_SECRET_KEY and cannot be opened.")
            ) from None
        except FileNotFoundError:
            raise CommandError(_("The file of the original is gone.")) from None
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self.stdout.write(_("%(count)d bytes") % {"count": len(content)})
