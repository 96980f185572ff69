"""ASGI entry: Django over HTTP, Channels over WebSocket. Never imports torch."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http_application = get_asgi_application()  # sets Django up, so it comes before our own imports

from django.conf import settings  # noqa: E402  (as said above)

from project.api.body_limit import BodyLimit  # noqa: E402  (as said above)
from project.api.request_timeout import RequestTimeout  # noqa: E402  (as said above)
from project.checks import refuse_unsafe_settings  # noqa: E402  (as said above)
from project.make_way import make_way  # noqa: E402  (as said above)
from project.realtime.held_answer import HeldAnswer  # noqa: E402  (as said above)
from project.realtime.routing import websocket_application  # noqa: E402  (as said above)
from project.web.error_pages import timed_out  # noqa: E402  (as said above)

refuse_unsafe_settings()

application = ProtocolTypeRouter(
    {
        "http": RequestTimeout(
            HeldAnswer(
                BodyLimit(http_application, max_bytes=settings.REQUEST_MAX_BYTES),
                seconds=settings.SYNC_SECONDS,
            ),
            seconds=settings.REQUEST_TIMEOUT.total_seconds(),
            answer=timed_out,
            when_stuck=make_way,  # its supervisor goes on
        ),
        "websocket": websocket_application(),
    }
)
