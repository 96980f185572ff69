"""Celery: each setting with its reason. The rows are the truth, the broker is a bell."""

from __future__ import annotations

from typing import Any

from project.settings import env

GPU_QUEUE = "gpu"
# What the runs of one worker process share; tests put a small one in its place.
JOB_RUNTIME = "project.inference.runtime.worker_runtime"

# The message survives until the thread is done with it; the row decides about duplicates.
CELERY_TASK_ACKS_LATE = True
# Acts in prefork only, harmless with threads.
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Our retry policy decides, not the broker.
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
# With late acknowledgement at most one message a thread is reserved.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# The row is the result.
CELERY_TASK_IGNORE_RESULT = True
# No pickle, ever.
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_EVENT_SERIALIZER = "json"
# A bell for a worker with a device; everything else is ordinary work.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"jobs.run": {"queue": GPU_QUEUE}}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    # Above the longest job. Correctness does not depend on it: the lease decides.
    "visibility_timeout": 6 * 3600,
    # BRPOP looks at the queues strictly in the order given.
    "queue_order_strategy": "priority",
    # Half-open connections are found.
    "socket_keepalive": True,
    "socket_timeout": 30,
    "health_check_interval": 25,
    # A dead broker must not hold a request: fail at once, the sweeper rings again.
    "socket_connect_timeout": 2,
    "max_retries": 0,
    # Several deployments may share one Redis.
    "global_keyprefix": f"{env.get('OMNILENS_REDIS_PREFIX')}:celery:",
}
# The lease protects a running job while the broker is away; let it finish.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# Start order does not matter, and an outage may last as long as it likes.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Warm shutdown, our drain and the lease together end a worker.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 0
# Logging belongs to Django's LOGGING.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
