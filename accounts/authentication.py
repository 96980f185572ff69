"""`Authorization: Token omni_...`: API tokens for programs."""

from rest_framework.authentication import BaseAuthentication


class ApiTokenAuthentication(BaseAuthentication):
    """Stub until accounts lands."""

    def authenticate(self, request):  # type: ignore[no-untyped-def]
        return None
