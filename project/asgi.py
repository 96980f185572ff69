"""ASGI entry: Django over HTTP, Channels over WebSocket. Never imports torch."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http_application = get_asgi_application()  # sets Django up, so it comes before our own imports

from django.conf import settings  # noqa: E402  (as said above)

from project.api.body_limit import BodyLimit  # noqa: E402  (as said above)
from project.checks import refuse_unsafe_settings  # noqa: E402  (as said above)
from project.realtime.routing import websocket_application  # noqa: E402  (as said above)

refuse_unsafe_settings()

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(http_application, max_bytes=settings.REQUEST_MAX_BYTES),
        "websocket": websocket_application(),
    }
)
