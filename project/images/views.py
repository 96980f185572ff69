"""The media view: signature, expiry and ownership, in that order; every refusal is a 404."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from project.images.models import ImageRecord
from project.images.serving import serve_image
from project.images.signing import InvalidLink, read_link


class MediaView(APIView):
    """`GET /media/<signed>/[?download=1]` for the owner's session, JWT or `images:read` token."""

    # Not the default: a stranger must get the same 404 as for a link that never existed.
    permission_classes = [AllowAny]
    required_scope = "images:read"
    schema = None

    def get(self, request: Request, signed: str) -> HttpResponseBase:
        """The file, a redirect to the store, or 404."""
        try:
            link = read_link(signed)
            if not _may_read(request, self.required_scope):
                raise InvalidLink
            record = ImageRecord.objects.visible_to(request.user).get(
                pk=link.image, owner_id=link.owner_id
            )
            return serve_image(
                request._request, record, link.rendition, as_attachment="download" in request.GET
            )
        except (InvalidLink, ImageRecord.DoesNotExist, FileNotFoundError) as error:
            raise Http404(_("There is no such picture.")) from error


def _may_read(request: Request, scope: str) -> bool:
    scopes = getattr(request.auth, "scopes", None)
    return scopes is None or scope in scopes
