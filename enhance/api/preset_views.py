"""`/api/v1/enhance/presets`: the caller's own presets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enhance.api.documentation import TAGS
from enhance.api.views import caller
from enhance.presets.models import Preset
from enhance.presets.save import MOST_PER_OWNER, NAME_LENGTH, save_preset
from project.api.parsers import BoundedJSONParser
from project.jobs.api.payload import timestamp


class PresetSerializer(serializers.Serializer[Any]):
    """Options under a name; only those that were given."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=NAME_LENGTH)
    options = serializers.DictField(help_text=_("As `POST /api/v1/enhance` takes them."))
    updated_at = serializers.DateTimeField(read_only=True)


class PresetListView(APIView):
    """All presets of the caller."""

    required_scope = {"GET": "jobs:read", "POST": "jobs:write"}
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(
        operation_id="enhance_presets",
        summary="List your presets",
        tags=TAGS,
        responses=PresetSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """By name; there are at most 50."""
        own = Preset.objects.visible_to(request.user).order_by("name")[:MOST_PER_OWNER]
        return Response([_payload(preset) for preset in own])

    @extend_schema(
        operation_id="enhance_preset_create",
        summary="Keep options under a name",
        tags=TAGS,
        request=PresetSerializer,
        responses={
            201: PresetSerializer,
            409: OpenApiResponse(description="`preset_exists`"),
            422: OpenApiResponse(description="`too_many_presets`"),
        },
    )
    def post(self, request: Request) -> Response:
        """The options are judged as those of a photo."""
        given = _given(request)
        preset = save_preset(owner=caller(request), **given)
        return Response(_payload(preset), status=status.HTTP_201_CREATED)


class PresetView(APIView):
    """One preset."""

    required_scope = {"GET": "jobs:read", "PUT": "jobs:write", "DELETE": "jobs:write"}
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(
        operation_id="enhance_preset",
        summary="Read one preset",
        tags=TAGS,
        responses=PresetSerializer,
    )
    def get(self, request: Request, preset_id: UUID) -> Response:
        """Name and options."""
        return Response(_payload(_own(request, preset_id)))

    @extend_schema(
        operation_id="enhance_preset_replace",
        summary="Change name and options of a preset",
        tags=TAGS,
        request=PresetSerializer,
        responses={200: PresetSerializer, 409: OpenApiResponse(description="`preset_exists`")},
    )
    def put(self, request: Request, preset_id: UUID) -> Response:
        """Both are replaced."""
        preset = _own(request, preset_id)
        given = _given(request)
        return Response(_payload(save_preset(owner=caller(request), preset=preset, **given)))

    @extend_schema(
        operation_id="enhance_preset_delete",
        summary="Delete a preset",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, preset_id: UUID) -> Response:
        """What was made with it stays."""
        _own(request, preset_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request, preset_id: UUID) -> Preset:
    return get_object_or_404(Preset.objects.visible_to(request.user), pk=preset_id)


def _given(request: Request) -> dict[str, Any]:
    serializer = PresetSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _payload(preset: Preset) -> dict[str, Any]:
    return {
        "id": str(preset.pk),
        "name": preset.name,
        "options": preset.options,
        "updated_at": timestamp(preset.updated_at),
    }
