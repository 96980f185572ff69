"""`/api/v1/images/`: the caller's own pictures."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from project.images.api.serializers import ImageSerializer
from project.images.models import ImageRecord
from project.images.records import delete_image


class _OwnImages(generics.GenericAPIView[ImageRecord]):
    """Permission through the queryset: a stranger's picture does not exist."""

    serializer_class = ImageSerializer
    queryset = ImageRecord.objects.none()
    required_scope = {"GET": "images:read", "DELETE": "images:write"}

    def get_queryset(self) -> QuerySet[ImageRecord]:
        """Own pictures only."""
        return ImageRecord.objects.visible_to(self.request.user)


@extend_schema(tags=["images"])
class ImageListView(_OwnImages, generics.ListAPIView[ImageRecord]):
    """Own uploads and results, newest first."""

    filterset_fields = ("purpose", "format")


@extend_schema(tags=["images"])
class ImageDetailView(_OwnImages, generics.RetrieveAPIView[ImageRecord]):
    """One own picture."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove the picture and its files; 409 `image_in_use` while a job needs it."""
        delete_image(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
