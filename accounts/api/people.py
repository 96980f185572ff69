"""Users, for administrators and for themselves."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.body import validated
from accounts.api.serializers import (
    NewUserSerializer,
    ProfileSerializer,
    RoleCodesSerializer,
    UserChangeSerializer,
    UserSerializer,
)
from accounts.models import Role, Scope, User, signed_in
from accounts.services.people import change_user, create_user
from accounts.services.profile import confirm_new_address
from accounts.services.roles import assign_roles
from project.api.pagination import NumberedPages
from project.api.permissions import IsAdministrator

MAY_MANAGE = dict.fromkeys(("GET", "PATCH", "DELETE"), Scope.USERS_ADMIN)
OWN_PROFILE = {"GET": Scope.ACCOUNT_READ, "PATCH": Scope.ACCOUNT_WRITE}


class UserListView(generics.ListAPIView[User]):
    """Every account."""

    permission_classes = (IsAdministrator,)
    required_scope = Scope.USERS_ADMIN
    pagination_class = NumberedPages
    serializer_class = UserSerializer
    filterset_fields = ("is_active",)

    def get_queryset(self) -> QuerySet[User]:
        """All accounts with their roles."""
        return User.objects.visible_to(self.request.user).prefetch_related("roles").order_by("pk")

    @extend_schema(
        operation_id="users_create", request=NewUserSerializer, responses={201: UserSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make an account."""
        given = validated(NewUserSerializer, request)
        codes = given.pop("roles", None)
        with transaction.atomic():
            user = create_user(**given)
            if codes is not None:
                assign_roles(user=user, codes=codes)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class UserDetailView(APIView):
    """One account: one's own, or anyone's for administrators."""

    @property
    def required_scope(self) -> dict[str, Scope]:
        """An administrator's token needs users:admin to reach beyond its owner's account."""
        user = signed_in(self.request.user)
        beyond = self.kwargs.get("pk") != user.pk and user.is_administrator
        return MAY_MANAGE if beyond else OWN_PROFILE

    @extend_schema(operation_id="users_retrieve", responses={200: UserSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """The account."""
        return Response(UserSerializer(_visible_user(request, pk)).data)

    @extend_schema(
        operation_id="users_update", request=UserChangeSerializer, responses={200: UserSerializer}
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; only administrators change more than e-mail and language."""
        user = _visible_user(request, pk)
        shape = UserChangeSerializer if _manages(request) else ProfileSerializer
        return Response(UserSerializer(_change(user, shape, request)).data)

    @extend_schema(operation_id="users_deactivate", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Deactivate: sign-ins end at once, the data stays. Erasing is the owner's own step."""
        user = _visible_user(request, pk)
        if not _manages(request):
            self.permission_denied(request)
        change_user(user=user, is_active=False)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnProfileView(APIView):
    """The signed-in account."""

    required_scope = OWN_PROFILE

    @extend_schema(operation_id="users_info", responses={200: UserSerializer})
    def get(self, request: Request) -> Response:
        """The profile."""
        return Response(UserSerializer(signed_in(request.user)).data)

    @extend_schema(
        operation_id="users_info_update",
        request=ProfileSerializer,
        responses={200: UserSerializer},
    )
    def patch(self, request: Request) -> Response:
        """Change e-mail (with the password) or language; the old address is told."""
        return Response(
            UserSerializer(_change(signed_in(request.user), ProfileSerializer, request)).data
        )


class UserRolesView(APIView):
    """The roles of one account."""

    permission_classes = (IsAdministrator,)
    required_scope = Scope.USERS_ADMIN

    @extend_schema(operation_id="users_roles", responses={200: RoleCodesSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """Codes."""
        return _role_codes(_visible_user(request, pk))

    @extend_schema(
        operation_id="users_roles_set",
        request=RoleCodesSerializer,
        responses={200: RoleCodesSerializer},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Give exactly these roles."""
        user = _visible_user(request, pk)
        return _role_codes(assign_roles(user=user, **_codes(request)))


def _codes(request: Request) -> dict[str, list[str]]:
    return {"codes": validated(RoleCodesSerializer, request)["roles"]}


def _role_codes(user: User) -> Response:
    codes = Role.objects.filter(users=user).order_by("code").values_list("code", flat=True)
    return Response({"roles": list(codes)})


def _visible_user(request: Request, pk: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


def _manages(request: Request) -> bool:
    """An administrator, and not through a token that is for the own account only."""
    scopes = getattr(request.auth, "scopes", None)
    return signed_in(request.user).is_administrator and (
        scopes is None or Scope.USERS_ADMIN in scopes
    )


def _change(user: User, shape: type[ProfileSerializer], request: Request) -> User:
    given = validated(shape, request)
    password = given.pop("password", "")
    if user.pk == request.user.pk:
        confirm_new_address(
            user=user, email=given.get("email"), password=password, request=request._request
        )
    return change_user(user=user, **given)
