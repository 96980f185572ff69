"""Sign-in for API clients: JWT pairs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.body import validated
from accounts.api.serializers import (
    LoginSerializer,
    LogoutSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from accounts.services import families
from accounts.services.authenticate import check_credentials, note_sign_in
from accounts.services.people import register


class LoginView(APIView):
    """Trade a password for a pair of tokens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_login", request=LoginSerializer, responses={200: TokenPairSerializer}
    )
    def post(self, request: Request) -> Response:
        """Sign in; unknown accounts and wrong passwords get the same answer."""
        given = validated(LoginSerializer, request)
        user = check_credentials(
            identifier=given.get("username") or given["email"],
            password=given["password"],
            request=request._request,
        )
        note_sign_in(user=user, request=request._request)
        return Response(TokenPairSerializer(families.issue_pair(user=user)).data)


class RegisterView(APIView):
    """Open an account."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_register", request=RegisterSerializer, responses={201: UserSerializer}
    )
    def post(self, request: Request) -> Response:
        """The new account has the default role."""
        user = register(**validated(RegisterSerializer, request))
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class RefreshView(APIView):
    """Trade a refresh token for the next pair."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_refresh", request=RefreshSerializer, responses={200: TokenPairSerializer}
    )
    def post(self, request: Request) -> Response:
        """Each refresh token works once; a second use revokes every token of the sign-in."""
        given = validated(RefreshSerializer, request)
        return Response(TokenPairSerializer(families.refresh_pair(refresh=given["refresh"])).data)


class LogoutView(APIView):
    """End a sign-in."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="auth_logout", request=LogoutSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke the family of the Bearer token, of `refresh`, or of both."""
        given = validated(LogoutSerializer, request)
        family_id = families.family_of(request.auth)
        if family_id is None and "refresh" not in given:
            raise NotAuthenticated
        if family_id is not None:
            families.revoke_family(family_id=family_id)
        if "refresh" in given:
            families.revoke_by_refresh_token(refresh=given["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)
