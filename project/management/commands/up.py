"""`manage.py up`: the whole stack on this machine, until Ctrl-C."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.management.first_accounts import FirstAccounts
from project.realtime.publisher import drain_connections
from project.supervisor import processes
from project.supervisor.devices import NoDevice
from project.supervisor.listening import PortTaken
from project.supervisor.lock import AlreadyRunning
from project.supervisor.readiness import NotAnswering
from project.supervisor.stack import Stack, StackHooks, StackOptions, terminal_lines


class Command(BaseCommand):
    """Arguments and messages; the work is in project/supervisor."""

    help = "Start Redis, workers, scheduler and the web site, and keep them running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Address, number of web processes, log format, samples."""
        parser.add_argument("--port", type=int, help="default: 8000, else the next free port")
        parser.add_argument("--bind", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--web", type=int, default=1, help="number of web processes")
        parser.add_argument("--log-json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--samples", action="store_true", help="run the sample jobs once, on the first start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the stack; exit code 0 after a stop, 1 when it could not start."""
        if options["web"] < 1:
            raise CommandError("--web needs at least 1.")
        if options["log_json"]:
            os.environ["OMNILENS_LOG_JSON"] = "true"  # the children read it
        if os.geteuid() == 0:
            self.stderr.write("Warning: running as root; an ordinary user is enough.")
        accounts = FirstAccounts(settings.VAR_DIR)
        stack = Stack(
            StackOptions(
                bind=options["bind"],
                port=options["port"],
                web=options["web"],
                as_json=options["log_json"] or settings.LOG_JSON,
            ),
            StackHooks(
                after_migrate=accounts.ensure,
                when_ready=lambda url: self._announce(url, accounts, samples=options["samples"]),
                before_stop=drain_connections,
            ),
            terminal_lines(as_json=options["log_json"] or settings.LOG_JSON),
        )
        try:
            stack.run()
        except AlreadyRunning as error:
            raise CommandError(
                f"Omnilens is {error} on {settings.VAR_DIR}. "
                "`manage.py status` shows it, `manage.py stop` ends it."
            ) from error
        except PortTaken as error:
            raise CommandError(f"{error} is in use; choose another with --port.") from error
        except NoDevice as error:
            raise CommandError(f"{error}. `manage.py doctor` looks into it.") from error
        except NotAnswering as error:
            raise CommandError(f"{error}. `manage.py doctor` looks into it.") from error
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['bind']}: {error}") from error

    def _announce(
        self, url: str, accounts: FirstAccounts, *, samples: bool
    ) -> processes.ProcessSpec | None:
        """Print address and sign-in; passwords go to the terminal only, never to a log."""
        self.stdout.write(self.style.SUCCESS(f"\nOmnilens is ready: {url}/"))
        for line in accounts.lines():
            self.stdout.write(f"  {line}")
        self.stdout.write("  Stop it with Ctrl-C or `manage.py stop`.\n")
        self.stdout.flush()
        if samples and not (settings.VAR_DIR / "demo" / "done").exists():
            return processes.samples_spec(manage=settings.BASE_DIR / "manage.py")
        return None
