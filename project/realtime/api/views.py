"""`/api/v1/ws-tickets/` and `/api/v1/jobs/stream/`."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import signed_in
from project.errors import ServiceError
from project.realtime import connections
from project.realtime.api.serializers import TicketSerializer
from project.realtime.credentials import credential_of
from project.realtime.sse import EventStream, Viewer, stream_jobs
from project.realtime.tickets import TTL_SECONDS, issue_ticket


class EventStreamRenderer(JSONRenderer):
    """Lets `Accept: text/event-stream` in; refusals are still problem documents."""

    media_type = "text/event-stream"
    format = "event-stream"


class TicketList(APIView):
    """One-time tickets for the WebSocket feed."""

    required_scope = "jobs:read"
    throttle_scope = "tickets"

    @extend_schema(
        operation_id="ws_tickets_create",
        summary="Issue a ticket for the WebSocket feed",
        description=(
            "The ticket opens one socket within 30 seconds: offer the subprotocols `jobs.v1` and "
            "`ticket.<ticket>` at `/ws/v1/feed/`."
        ),
        request=None,
        responses={201: TicketSerializer},
    )
    def post(self, request: Request) -> Response:
        """Issue a ticket for the caller."""
        ticket = issue_ticket(credential=credential_of(request), now=timezone.now())
        return Response(
            {"ticket": ticket, "expires_in": TTL_SECONDS},
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class JobStream(APIView):
    """The feed as server-sent events."""

    required_scope = "jobs:read"
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="jobs_stream",
        summary="Follow your jobs as server-sent events",
        description=(
            "The messages of the WebSocket feed, one JSON object per `data:` line: first a "
            "complete `snapshot`, whose `jobs` are `Job` objects as in the list, then `job` "
            "changes; a comment every 15 seconds. After a reconnect the stream starts with a "
            "snapshot again."
        ),
        parameters=[OpenApiParameter("format", exclude=True)],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR, description="A stream that ends after ten minutes at most."
            )
        },
    )
    def get(self, request: Request) -> EventStream:
        """Open the stream."""
        viewer = Viewer(
            user=signed_in(request.user),
            credential=credential_of(request),
            language=get_language() or "en",
            connection=f"sse.{uuid4().hex}",
        )
        if not connections.enter(
            user_id=viewer.user.pk, connection=viewer.connection, now=timezone.now()
        ):
            raise ServiceError(
                _("You have %(limit)s live connections already. Close one of them.")
                % {"limit": connections.MAX_PER_USER},
                code="too_many_connections",
                status=429,
                retry_after_seconds=5,
            )
        return EventStream(stream_jobs(viewer))
