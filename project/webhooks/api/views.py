"""`/api/v1/webhooks/` and `/api/v1/jobs/{id}/callback/`: the caller's own, whatever their role."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope, signed_in
from project.api.pagination import CursorPages
from project.jobs.api.views import own_job
from project.webhooks.api.serializers import (
    AttemptSerializer,
    CallbackSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    NewCallbackSerializer,
    NewSecretSerializer,
    SecretSerializer,
)
from project.webhooks.callbacks import attach_callback, detach_callback
from project.webhooks.deliver import event_of
from project.webhooks.models import Callback, Delivery
from project.webhooks.resend import resend
from project.webhooks.signing_secrets import replace_secret, secret_state

TAGS = ["webhooks"]


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """`?state=` (repeatable), `?job=`."""

    state = django_filters.MultipleChoiceFilter(choices=Delivery.State.choices)
    job = django_filters.UUIDFilter("job_id")

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = ["state", "job"]


class DeliveryList(ListAPIView[Delivery]):
    """The log of deliveries."""

    required_scope = "jobs:read"
    serializer_class = DeliverySerializer
    pagination_class = CursorPages
    filterset_class = DeliveryFilter

    def get_queryset(self) -> QuerySet[Delivery]:
        """The caller's own."""
        return Delivery.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="webhooks_deliveries", summary="List your webhook deliveries", tags=TAGS
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page."""
        return super().get(request, *args, **kwargs)


class DeliveryDetail(APIView):
    """One delivery."""

    required_scope = "jobs:read"

    @extend_schema(
        operation_id="webhooks_delivery",
        summary="Read one webhook delivery with its attempts",
        tags=TAGS,
        responses=DeliveryDetailSerializer,
    )
    def get(self, request: Request, pk: Any) -> Response:
        """The delivery, its body and its attempts."""
        return Response(_detail(_own_delivery(request, pk)))


class DeliveryResend(APIView):
    """Sending once more."""

    required_scope = "jobs:write"
    throttle_scope = "submit"

    @extend_schema(
        operation_id="webhooks_resend",
        summary="Send a webhook again",
        description="With the same event id. A delivery that is still pending is refused.",
        tags=TAGS,
        request=None,
        responses={202: DeliverySerializer},
    )
    def post(self, request: Request, pk: Any) -> Response:
        """Back into the queue."""
        again = resend(delivery=_own_delivery(request, pk))
        return Response(DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)


class SecretView(APIView):
    """The signing secret of the caller."""

    required_scope = {"GET": Scope.ACCOUNT_READ, "POST": Scope.ACCOUNT_WRITE}

    @extend_schema(
        operation_id="webhooks_secret",
        summary="See when your signing secret was made",
        tags=TAGS,
        responses=SecretSerializer,
    )
    def get(self, request: Request) -> Response:
        """Times only."""
        return Response(SecretSerializer(secret_state(owner=signed_in(request.user))).data)

    @extend_schema(
        operation_id="webhooks_secret_replace",
        summary="Make a new signing secret",
        description="The one before stays valid for 24 hours: both sign meanwhile.",
        tags=TAGS,
        request=None,
        responses={201: NewSecretSerializer},
    )
    def post(self, request: Request) -> Response:
        """The new secret, shown in this answer and nowhere else."""
        owner = signed_in(request.user)
        secret = replace_secret(owner=owner)
        data = {**SecretSerializer(secret_state(owner=owner)).data, "secret": secret}
        return Response(data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class JobCallback(APIView):
    """Where the end of one job is sent; for every kind of job."""

    required_scope = {"GET": "jobs:read", "PUT": "jobs:write", "DELETE": "jobs:write"}

    @extend_schema(
        operation_id="jobs_callback",
        summary="See where the end of a job is sent",
        tags=TAGS,
        responses=CallbackSerializer,
    )
    def get(self, request: Request, pk: Any) -> Response:
        """The address, or null."""
        found = Callback.objects.filter(job=own_job(request, pk)).first()
        return Response({"url": found.url if found else None})

    @extend_schema(
        operation_id="jobs_callback_set",
        summary="Send the end of a job to an address",
        description="In place of an earlier one. A job that has ended already is told at once, "
        "unless it was told before.",
        tags=TAGS,
        request=NewCallbackSerializer,
        responses=CallbackSerializer,
    )
    def put(self, request: Request, pk: Any) -> Response:
        """Set it."""
        job = own_job(request, pk)
        body = NewCallbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        attach_callback(job=job, url=body.validated_data["url"])
        return Response({"url": body.validated_data["url"]})

    @extend_schema(
        operation_id="jobs_callback_remove",
        summary="Send the end of a job nowhere",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, pk: Any) -> Response:
        """Remove it; a repeat changes nothing."""
        detach_callback(job=own_job(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own_delivery(request: Request, pk: Any) -> Delivery:
    rows = Delivery.objects.visible_to(request.user).select_related("job")
    return get_object_or_404(rows, pk=pk)


def _detail(delivery: Delivery) -> dict[str, Any]:
    return {
        **DeliverySerializer(delivery).data,
        "event": event_of(delivery),
        "tries": AttemptSerializer(delivery.tries.all(), many=True).data,
    }
