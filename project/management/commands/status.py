"""`manage.py status`: what runs on this data directory."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.supervisor import state
from project.supervisor.readiness import host_header, probe_ready


class Command(BaseCommand):
    """Reads the state file of the running stack."""

    help = "Show whether the stack runs here, where, and the state of its processes."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 when it runs and is whole, 1 when a process was given up or it is not ready
        any more, 3 when stopped."""
        stack = state.read(settings.VAR_DIR)
        if stack is None:
            self.stdout.write(f"Omnilens does not run on {settings.VAR_DIR}.")
            sys.exit(3)
        missing = probe_ready(stack.url, host=host_header(stack.url, settings.ALLOWED_HOSTS))
        ready = "ready" if not missing else "not ready" if stack.ready else "starting"
        self.stdout.write(f"{stack.url or 'no address yet'}  {ready}  pid {stack.pid}")
        if missing:
            self.stdout.write(f"  {missing}")
        for child in stack.children:
            pid = child.pid or "-"
            self.stdout.write(
                f"  {child.name:<16}{child.state:<10}pid {pid:<8}restarts {child.restarts}"
            )
        if stack.log:
            self.stdout.write(f"  log {stack.log}")
        if (stack.ready and missing) or any(
            child.state == state.FAILED for child in stack.children
        ):
            sys.exit(1)
