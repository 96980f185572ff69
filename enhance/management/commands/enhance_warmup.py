"""`manage.py enhance_warmup`: the warm-up of the running workers once more."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from enhance.services.warm import follow_orders, order_warm_up
from project.errors import ServiceError
from project.jobs.models import WorkerOrder

SOME_FAILED, USAGE = 1, 2


class Command(BaseCommand):
    """Exit code 0: all warm; 1: some are not, or no worker runs; 2: wrong usage."""

    help = "Load networks in the running workers and run their warm-up, as at the start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names of networks."""
        parser.add_argument("models", nargs="*", help="default: what OMNILENS_PRELOAD names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give the orders and say what each worker answers."""
        del args
        try:
            orders = order_warm_up(models=options["models"], preload=settings.PRELOAD)
        except ServiceError as error:
            raise CommandError(f"{error.code}: {error.detail}", returncode=USAGE) from error
        if not orders:
            raise CommandError(
                "Nothing to warm up: no worker runs, or OMNILENS_PRELOAD is empty. "
                "`manage.py status` shows the workers.",
                returncode=SOME_FAILED,
            )
        failed = 0
        for order in follow_orders(orders, sleep=time.sleep):
            failed += order.outcome != WorkerOrder.Outcome.DONE
            self.stdout.write(_line(order))
        if failed:
            raise CommandError(f"{failed} of {len(orders)} failed", returncode=SOME_FAILED)


def _line(order: WorkerOrder) -> str:
    name = f"{order.model} on {order.worker}"
    if order.outcome == WorkerOrder.Outcome.DONE and order.taken_at and order.done_at:
        return f"{name}: warm, {(order.done_at - order.taken_at).total_seconds():.1f} s"
    if order.outcome == WorkerOrder.Outcome.FAILED:
        return f"{name}: {order.detail}"
    return f"{name}: the worker did not answer"
