"""One's own API tokens."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.body import validated
from accounts.api.serializers import (
    ApiTokenSerializer,
    CreatedTokenSerializer,
    NewTokenSerializer,
)
from accounts.models import ApiToken, Scope, signed_in
from accounts.services.tokens import create_token, revoke_token
from project.api.pagination import NumberedPages

SCOPES = {
    "GET": Scope.ACCOUNT_READ,
    "POST": Scope.ACCOUNT_WRITE,
    "DELETE": Scope.ACCOUNT_WRITE,
}


class TokenListView(generics.ListAPIView[ApiToken]):
    """The caller's tokens, newest first, revoked ones included."""

    required_scope = SCOPES
    pagination_class = NumberedPages
    serializer_class = ApiTokenSerializer

    def get_queryset(self) -> QuerySet[ApiToken]:
        """The caller's own, whatever their role."""
        return ApiToken.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="tokens_create",
        request=NewTokenSerializer,
        responses={201: CreatedTokenSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a token; `secret` is in this answer and nowhere else."""
        made = create_token(
            owner=signed_in(request.user),
            maker_scopes=getattr(request.auth, "scopes", None),
            **validated(NewTokenSerializer, request),
        )
        data = {**ApiTokenSerializer(made.token).data, "secret": made.secret}
        return Response(data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class TokenDetailView(APIView):
    """One token of the caller."""

    required_scope = SCOPES

    @extend_schema(operation_id="tokens_retrieve", responses={200: ApiTokenSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """The token, without its secret."""
        return Response(ApiTokenSerializer(_visible_token(request, pk)).data)

    @extend_schema(operation_id="tokens_revoke", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke at once and for good."""
        revoke_token(token=_visible_token(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _visible_token(request: Request, pk: int) -> ApiToken:
    return get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
