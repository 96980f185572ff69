"""`manage.py demo`: one real job per app on a real picture, and a table of how they went."""

from __future__ import annotations

import signal
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.demo import table
from project.demo.client import ApiClient, DemoFailed
from project.demo.run import SampleOutcome, announce, run_sample
from project.demo.stack_process import running_stack
from project.management.first_accounts import read_demo_sign_in
from project.samples import samples


class Command(BaseCommand):
    """Uses the stack that runs already, or starts one and stops it again."""

    help = "Run the sample jobs through the HTTP API, save their results and print a table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only `--attach`."""
        parser.add_argument(
            "--attach", action="store_true", help="use the running stack, never start one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 when every sample has its result."""
        folder: Path = settings.VAR_DIR / "demo"
        # As Ctrl-C does: leave through the `with` below, which stops the stack in its order.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with running_stack(
                settings.VAR_DIR,
                manage=settings.BASE_DIR / "manage.py",
                start=not options["attach"],
                clock=time.monotonic,
                sleep=time.sleep,
            ) as url:
                outcomes = self._run(url, folder)
        except DemoFailed as error:
            raise CommandError(str(error)) from error
        for line in table.render(outcomes):
            self.stdout.write(line)
        if not outcomes or not all(outcome.succeeded for outcome in outcomes):
            sys.exit(1)
        (folder / "done").touch(mode=0o600)

    def _run(self, url: str, folder: Path) -> list[SampleOutcome]:
        sign_in = read_demo_sign_in(settings.VAR_DIR)
        if sign_in is None:
            raise DemoFailed(
                f"The password of the demo account is not known. Set one with `manage.py "
                f"changepassword demo` and save it as JSON (username, password) in "
                f"{folder / 'sign-in.json'}."
            )
        client = ApiClient(url, username=sign_in.username, password=sign_in.password)
        client.sign_in()
        prepared = [(sample, sample.make_request()) for sample in samples()]
        announce(prepared, self.stdout.write)
        self.stdout.flush()
        return [
            run_sample(
                sample,
                request,
                client=client,
                folder=folder,
                patience_seconds=settings.JOB_TIMEOUT.total_seconds(),
                clock=time.monotonic,
                sleep=time.sleep,
            )
            for sample, request in prepared
        ]
