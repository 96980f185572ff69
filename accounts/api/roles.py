"""Roles: everyone may read them, administrators write."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.body import validated
from accounts.api.serializers import NewRoleSerializer, RoleChangeSerializer, RoleSerializer
from accounts.models import Role, Scope
from accounts.role_cache import RoleRow, cached_rows
from accounts.services.roles import change_role, create_role, delete_role
from project.api.pagination import NumberedPages
from project.api.permissions import IsAdministrator, IsAuthenticatedWithScope

SCOPES = {
    "GET": Scope.ACCOUNT_READ,
    "POST": Scope.USERS_ADMIN,
    "PATCH": Scope.USERS_ADMIN,
    "DELETE": Scope.USERS_ADMIN,
}


class _RoleView(APIView):
    """Reading for everyone who is signed in, writing for administrators."""

    required_scope = SCOPES

    def get_permissions(self) -> list[BasePermission]:
        """By method."""
        reading = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return [IsAuthenticatedWithScope() if reading else IsAdministrator()]


class RoleListView(_RoleView, generics.ListAPIView[Role]):
    """Every role."""

    queryset = Role.objects.all()
    pagination_class = NumberedPages
    serializer_class = RoleSerializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of the cached list, with its count."""
        return self.get_paginated_response(self.paginate_queryset(cached_rows(_query)))

    @extend_schema(
        operation_id="roles_create", request=NewRoleSerializer, responses={201: RoleSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make a role."""
        role = create_role(**validated(NewRoleSerializer, request))
        return Response(RoleSerializer(role).data, status=status.HTTP_201_CREATED)


class RoleDetailView(_RoleView):
    """One role."""

    @extend_schema(operation_id="roles_retrieve", responses={200: RoleSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """The role."""
        return Response(RoleSerializer(_visible_role(request, pk)).data)

    @extend_schema(
        operation_id="roles_update", request=RoleChangeSerializer, responses={200: RoleSerializer}
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; the code of a built-in role stays (409 role_built_in)."""
        given = validated(RoleChangeSerializer, request)
        return Response(RoleSerializer(change_role(role=_visible_role(request, pk), **given)).data)

    @extend_schema(operation_id="roles_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete a role that nobody holds (409 role_in_use) and the house does not need."""
        delete_role(role=_visible_role(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _query() -> list[RoleRow]:
    return [RoleRow(**row) for row in RoleSerializer(Role.objects.all(), many=True).data]  # type: ignore[typeddict-item]  # the serializer's fields are those of RoleRow


def _visible_role(request: Request, pk: int) -> Role:
    return get_object_or_404(Role.objects.visible_to(request.user), pk=pk)
