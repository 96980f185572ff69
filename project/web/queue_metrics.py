"""Queue, workers and devices as Prometheus families, read from the database at scrape time.

Labels hold kinds, states, lanes, models and workers, never a user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from project.jobs.models import Worker
from project.web.operator.workers import WorkerState, worker_state
from project.web.queue_overview import lanes, overview


class QueueCollector(Collector):
    """Jobs, the queue by lane, and what each worker says of its device; four queries."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A silent worker counts as silent and says nothing else."""
        now = timezone.now()
        found = overview(now=now)
        jobs = GaugeMetricFamily(
            "omnilens_jobs", "Jobs by kind and state.", labels=["kind", "state"]
        )
        for (kind, state), number in sorted(found.jobs.items()):
            jobs.add_metric([kind, state], number)
        yield jobs
        yield GaugeMetricFamily(
            "omnilens_queue_oldest_seconds",
            "Age of the oldest queued job.",
            value=found.oldest_queued_seconds,
        )
        alive = [worker for worker, beating in found.workers if beating]
        yield GaugeMetricFamily(
            "omnilens_workers", "Workers heard of within the last minute.", value=len(alive)
        )
        yield GaugeMetricFamily(
            "omnilens_jobs_running",
            "Jobs that living workers say they run.",
            value=sum(worker.running for worker in alive),
        )
        yield from _queue(now)
        yield _states((worker for worker, _ in found.workers), now)
        yield from _devices(alive)


def _queue(now: datetime) -> Iterator[GaugeMetricFamily]:
    items = GaugeMetricFamily(
        "omnilens_inference_queue_items", "Jobs that wait, by lane.", labels=["lane"]
    )
    age = GaugeMetricFamily(
        "omnilens_inference_queue_age_seconds",
        "Age of the oldest job that waits, by lane.",
        labels=["lane"],
    )
    for lane in lanes(now=now):
        items.add_metric([lane.lane.value], lane.queued)
        age.add_metric([lane.lane.value], lane.oldest_queued_seconds)
    yield items
    yield age


def _states(workers: Iterable[Worker], now: datetime) -> GaugeMetricFamily:
    counted = Counter(worker_state(worker, now=now) for worker in workers)
    family = GaugeMetricFamily(
        "omnilens_workers_by_state", "Workers by what they do.", labels=["state"]
    )
    for state in WorkerState:
        family.add_metric([state.value], counted[state])
    return family


def _devices(workers: Iterable[Worker]) -> Iterator[GaugeMetricFamily]:
    busy = GaugeMetricFamily(
        "omnilens_device_busy_ratio",
        "Share of the last minute in which the device was held.",
        labels=["worker"],
    )
    memory = GaugeMetricFamily(
        "omnilens_device_memory_bytes",
        "Memory of the device: budget, models, device_total, device_free, peak.",
        labels=["worker", "kind"],
    )
    loaded = GaugeMetricFamily(
        "omnilens_model_loaded", "1 for each model in memory.", labels=["worker", "model"]
    )
    for worker in workers:
        busy.add_metric([worker.name], worker.busy_share)
        for name, size in sorted(worker.memory.items()):
            if size is not None:
                memory.add_metric([worker.name, name.removesuffix("_bytes")], size)
        for resident in worker.residents:
            loaded.add_metric([worker.name, resident["name"]], 1)
    yield from (busy, memory, loaded)
