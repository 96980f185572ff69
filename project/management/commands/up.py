"""`manage.py up`: the whole stack on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.management.first_accounts import FirstAccounts
from project.realtime.publisher import drain_connections
from project.supervisor import daemon, processes
from project.supervisor.devices import NoDevice
from project.supervisor.listening import PortTaken
from project.supervisor.lock import AlreadyRunning
from project.supervisor.output import LineWriter
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
        parser.add_argument(
            "--daemon", action="store_true", help="start in the background, end when it is ready"
        )
        parser.add_argument(
            "--verbose", action="store_true", help="log in detail (OMNILENS_LOG_LEVEL=DEBUG)"
        )
        parser.add_argument("--in-background", action="store_true", help=SUPPRESS)
        parser.add_argument("--log-json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--samples", action="store_true", help="run the sample jobs once, on the first start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the stack; exit code 0 after a stop, 1 when it could not start.

        With --daemon: 0 once it is ready, 1 when it is not.
        """
        if options["web"] < 1:
            raise CommandError("--web needs at least 1.")
        if options["daemon"]:
            self._start_in_background(options)
            return
        if options["log_json"]:
            os.environ["OMNILENS_LOG_JSON"] = "true"  # the children read it
        if options["verbose"]:
            os.environ["OMNILENS_LOG_LEVEL"] = "DEBUG"
        if os.geteuid() == 0:
            self.stderr.write("Warning: running as root; an ordinary user is enough.")
        self._run(options)

    def _run(self, options: Mapping[str, Any]) -> None:
        accounts = FirstAccounts(settings.VAR_DIR)
        as_json = options["log_json"] or settings.LOG_JSON
        log = daemon.log_path(settings.VAR_DIR) if options["in_background"] else None
        lines = (
            terminal_lines(as_json=as_json)
            if log is None
            else daemon.DaemonLines(
                daemon.RotatingStream(log),
                sys.stdout,
                as_json=as_json,
                show_all=options["verbose"],
            )
        )
        stack = Stack(
            StackOptions(
                bind=options["bind"],
                port=options["port"],
                web=options["web"],
                log_level="DEBUG" if options["verbose"] else settings.LOG_LEVEL,
                log="" if log is None else str(log),
            ),
            StackHooks(
                after_migrate=accounts.ensure,
                when_ready=lambda url: self._announce(
                    url, accounts, lines, samples=options["samples"]
                ),
                before_stop=drain_connections,
            ),
            lines,
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

    def _start_in_background(self, options: Mapping[str, Any]) -> None:
        log = daemon.log_path(settings.VAR_DIR)
        process = daemon.start(_again(options), folder=settings.BASE_DIR)
        try:
            daemon.await_ready(
                process,
                var=settings.VAR_DIR,
                say=self._say_now,
                clock=time.monotonic,
                sleep=time.sleep,
            )
        except daemon.NotReady as error:
            raise CommandError(
                f"{error} The log is {log}; `manage.py status` shows the processes."
            ) from error
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise

    def _say_now(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _announce(
        self, url: str, accounts: FirstAccounts, lines: LineWriter, *, samples: bool
    ) -> processes.ProcessSpec | None:
        """Print address and sign-in; passwords go to the terminal only, never to a log."""
        in_background = isinstance(lines, daemon.DaemonLines)
        say = lines.show if isinstance(lines, daemon.DaemonLines) else self._say_now
        say(self.style.SUCCESS(f"\nOmnilens is ready: {url}/"))
        for line in accounts.lines():
            say(f"  {line}")
        say(f"  Stop it with {'' if in_background else 'Ctrl-C or '}`manage.py stop`.\n")
        if isinstance(lines, daemon.DaemonLines):
            lines.detach()
        if samples and not (settings.VAR_DIR / "demo" / "done").exists():
            return processes.samples_spec(manage=settings.BASE_DIR / "manage.py")
        return None


def _again(options: Mapping[str, Any]) -> list[str]:
    """The command line of the process in the background."""
    argv = ["up", "--in-background", "--bind", options["bind"], "--web", str(options["web"])]
    if options["port"] is not None:
        argv += ["--port", str(options["port"])]
    argv += [f"--{name}" for name in ("verbose", "samples") if options[name]]
    return [*argv, "--log-json"] if options["log_json"] else argv
