"""A URLconf of small views that fail in every known way, for the tests of this folder."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from redis.exceptions import ConnectionError as RedisGone
from rest_framework import exceptions, serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken

from accounts.models import User
from project.api.pagination import CursorPages
from project.api.permissions import IsAdministrator, IsOperator
from project.errors import ServiceError
from project.urls import handler400, handler403, handler404, handler500  # noqa: F401  (Django reads them here)
from project.urls import urlpatterns as real

FAILURES = {
    "service": ServiceError(
        "mend it", code="not_retryable", status=409, extra={"allowed": ["png"]},
        fields={"file": [{"code": "corrupt_image", "detail": "broken"}]}, retry_after_seconds=7,
    ),
    "validation": exceptions.ValidationError({"name": ["wrong"]}),
    "django_validation": DjangoValidationError("wrong", code="odd"),
    "parse": exceptions.ParseError(),
    "anonymous": exceptions.NotAuthenticated(),
    "credentials": exceptions.AuthenticationFailed(),
    "jwt": InvalidToken(),
    "forbidden": exceptions.PermissionDenied(),
    "django_forbidden": PermissionDenied("internal reason"),
    "missing": exceptions.NotFound(),
    "django_missing": Http404("internal reason"),
    "method": exceptions.MethodNotAllowed("PUT"),
    "accept": exceptions.NotAcceptable(),
    "media_type": exceptions.UnsupportedMediaType("text/plain"),
    "throttled": exceptions.Throttled(wait=11.2),
    "too_big": RequestDataTooBig("internal reason"),
    "suspicious": SuspiciousOperation("internal reason"),
    "store": RedisGone("internal address 10.0.0.7"),
}  # fmt: skip


class Inner(serializers.Serializer):
    size = serializers.IntegerField(max_value=3)


class Body(serializers.Serializer):
    name = serializers.CharField(max_length=4)
    items = Inner(many=True, required=False)

    def validate(self, data):
        if data.get("name") == "both":
            raise serializers.ValidationError(_("Choose one."), code="ambiguous")
        return data


class Fail(APIView):
    permission_classes = ()
    authentication_classes = ()

    def get(self, request, name):
        if name == "bug":
            raise RuntimeError("secret internals")
        raise FAILURES[name]


class Echo(APIView):
    permission_classes = ()
    throttle_scope = "submit"

    def get(self, request):
        return Response({"who": str(request.user)})

    def post(self, request):
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(body.data)


class Login(APIView):
    permission_classes = ()
    throttle_scope = "login"

    def post(self, request):
        return Response({})


class Scoped(APIView):
    required_scope = {"GET": "jobs:read", "POST": "jobs:write"}

    def get(self, request):
        return Response({})

    post = get


class Unscoped(APIView):
    def get(self, request):
        return Response({})


class ForOperators(Unscoped):
    permission_classes = (IsOperator,)
    required_scope = "jobs:read"


class ForAdministrators(Unscoped):
    permission_classes = (IsAdministrator,)
    required_scope = "users:admin"


class People(ListAPIView):
    class serializer_class(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ("username",)

    class pagination_class(CursorPages):
        ordering = "-created_at"

    permission_classes = ()
    queryset = User.objects.all()


def page(request, name):
    if name == "bug":
        raise RuntimeError("secret internals")
    raise FAILURES[name]


def rebuild(request):
    return HttpResponse(request.body)


urlpatterns = [
    path("api/probe/", include([
        path("fail/<str:name>/", Fail.as_view()),
        path("echo/", Echo.as_view()),
        path("login/", Login.as_view()),
        path("scoped/", Scoped.as_view()),
        path("unscoped/", Unscoped.as_view()),
        path("operators/", ForOperators.as_view()),
        path("administrators/", ForAdministrators.as_view()),
        path("people/", People.as_view()),
    ])),
    path("page/<str:name>/", page),
    *real,
]  # fmt: skip
