"""How views become OpenAPI."""

from drf_spectacular.openapi import AutoSchema


class OmnilensSchema(AutoSchema):
    """Shared behaviour of our operations."""
