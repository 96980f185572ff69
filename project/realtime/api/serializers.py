"""What a new ticket looks like."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class TicketSerializer(serializers.Serializer[Any]):
    """Shown once; offer `ticket.<ticket>` beside `jobs.v1` as WebSocket subprotocols."""

    ticket = serializers.CharField(read_only=True, help_text=_("Good for one socket."))
    expires_in = serializers.IntegerField(read_only=True, help_text=_("Seconds."))
