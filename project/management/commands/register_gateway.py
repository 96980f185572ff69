"""`manage.py register_gateway`: tell the API gateway where this installation answers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.gateway.register import Gateway, register_with_gateway, wait_until_ready
from project.supervisor import state
from project.supervisor.readiness import host_header, probe_ready

DEFAULT_PORTS = {"http": 80, "https": 443}


class Command(BaseCommand):
    """Arguments and messages; the work is in project/gateway. `up` starts it when it is set up."""

    help = "Register address, port and secret with the API gateway, once the site is ready."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where this site answers, and how long to wait for it."""
        parser.add_argument("--url", help="of this site; default: that of the running stack")
        parser.add_argument("--wait", type=float, default=600.0, help="seconds until it is ready")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 when registered, 1 when not."""
        if not settings.GATEWAY_URL:
            raise CommandError("Registration is off. Set OMNILENS_GATEWAY_URL to turn it on.")
        url = options["url"] or _url_of_the_stack()
        host = host_header(url, settings.ALLOWED_HOSTS)
        missing = wait_until_ready(lambda: probe_ready(url, host=host), seconds=options["wait"])
        if missing:
            raise CommandError(f"{url} is not ready: {missing}")
        gateway = Gateway(
            url=settings.GATEWAY_URL,
            port=settings.GATEWAY_PORT or _port_of(url),
            secret=settings.GATEWAY_SECRET,
            ip=settings.GATEWAY_IP,
            ip_services=settings.GATEWAY_IP_SERVICES,
        )
        attempt = register_with_gateway(gateway, attempts=settings.GATEWAY_ATTEMPTS)
        if not attempt.is_success:
            raise CommandError(
                f"{attempt.origin} was told {attempt.number} times in vain: {attempt.error_code}. "
                "The admin lists every attempt."
            )
        self.stdout.write(f"Registered {attempt.ip} port {attempt.port} with {attempt.origin}.")


def _url_of_the_stack() -> str:
    stack = state.read(settings.VAR_DIR)
    if stack is None or not stack.url:
        raise CommandError("No stack runs here; name the site with --url.")
    return stack.url


def _port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
