"""Our Bearer tokens in the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__ has no types
    """`Authorization: Bearer`, from `/auth/login/`."""

    target_class = "accounts.authentication.FamilyJwtAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A JWT of ten minutes."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
