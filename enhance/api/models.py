"""The networks: those of the catalogue, and those that administrators of this server add."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from enhance.api import documentation as docs
from enhance.api.serializers import ModelSwitchSerializer, ModelUploadSerializer
from enhance.operator_model import EnhanceModel
from enhance.services.face_support import face_networks
from enhance.services.networks import installed_networks
from enhance.services.operator_models import (
    add_operator_model,
    remove_operator_model,
    switch_operator_model,
)
from project.api.parsers import BoundedJSONParser
from project.api.permissions import IsAdministrator, IsAuthenticatedWithScope


class ModelsView(APIView):
    """The networks."""

    required_scope = {"GET": "jobs:read", "POST": "users:admin"}
    parser_classes = [MultiPartParser]

    def get_permissions(self) -> list[BasePermission]:
        """Everybody signed in reads, administrators write."""
        reading = self.request.method not in ("POST",)
        return [IsAuthenticatedWithScope() if reading else IsAdministrator()]

    @extend_schema(**docs.MODELS)
    def get(self, request: Request) -> Response:
        """Each network, its licence, and whether it can be used now."""
        catalogue = [
            {
                "name": network.entry.name,
                "task": network.task,
                "version": network.entry.version,
                "quality_levels": network.quality_levels,
                "scale": network.scale,
                "licence": network.entry.licence,
                "commercial": network.entry.commercial,
                "state": network.state,
                "command": network.command,
                "source": "catalogue",
            }
            for network in (*installed_networks(), *face_networks())
        ]
        return Response([*catalogue, *map(operator_payload, _visible(request))])

    @extend_schema(**docs.MODEL_ADD)
    def post(self, request: Request) -> Response:
        """Store a `.pth` or `.safetensors` file; a worker checks it before anybody can choose it."""
        serializer = ModelUploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        row = add_operator_model(by=_administrator(request), upload=given.pop("file"), **given)
        return Response(operator_payload(row), status=status.HTTP_202_ACCEPTED)


class ModelView(APIView):
    """One network that an administrator added."""

    required_scope = "users:admin"
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(**docs.MODEL_SWITCH)
    def patch(self, request: Request, pk: int) -> Response:
        """Show it to everybody, or hide it."""
        row = _for_administrators(request, pk)
        serializer = ModelSwitchSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        switch_operator_model(model=row, enabled=serializer.validated_data["enabled"])
        return Response(operator_payload(row))

    @extend_schema(**docs.MODEL_REMOVE)
    def delete(self, request: Request, pk: int) -> Response:
        """Delete it with its file, unless a job that has not ended needs it."""
        remove_operator_model(model=_for_administrators(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def operator_payload(row: EnhanceModel) -> dict[str, Any]:
    """One row in the shape of the catalogue's networks."""
    return {
        "id": row.pk,
        "name": row.name,
        "task": row.kind,
        "version": row.sha256[:12],
        "quality_levels": [],
        "scale": row.scale or None,
        "licence": row.licence,
        "commercial": row.commercial,
        "state": row.state,
        "command": None,
        "source": "operator",
        "architecture": row.architecture,
        "job": None if row.job_id is None else str(row.job_id),
    }


def _visible(request: Request) -> QuerySet[EnhanceModel]:
    """Administrators see also what is being checked, refused or switched off."""
    rows = EnhanceModel.objects.select_related("job")
    return rows if getattr(request.user, "is_administrator", False) else rows.offered()


def _for_administrators(request: Request, pk: int) -> EnhanceModel:
    """The row; to everybody else it does not exist."""
    rows = EnhanceModel.objects.select_related("job")
    is_administrator = getattr(request.user, "is_administrator", False)
    return get_object_or_404(rows if is_administrator else rows.none(), pk=pk)


def _administrator(request: Request) -> User:
    if not isinstance(request.user, User):
        raise serializers.ValidationError
    return request.user
