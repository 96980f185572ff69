"""`/api/v1/enhance/batch` and `/api/v1/batch/...`: the caller's own batches."""

from __future__ import annotations

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enhance.api import batch_documentation as docs
from enhance.api.batch_payload import batch_payload
from enhance.api.batch_request import (
    announced_photos,
    common_fields,
    overrides_of,
    uploads_of,
)
from enhance.api.views import accepted, caller
from enhance.batches import errors
from enhance.batches.archive import archive_of, stream_archive
from enhance.batches.erase import delete_batch
from enhance.batches.models import EnhanceBatch
from enhance.batches.retry import retry_batch
from enhance.batches.state import standing_of
from enhance.batches.submit import (
    SubmittedBatch,
    add_photo,
    close_batch,
    note_refusal,
    open_batch,
    submit_batch,
)
from enhance.handling import split_handling
from enhance.models import Enhancement
from project.api.closing_stream import stream_blocks
from project.api.parsers import BoundedJSONParser
from project.errors import ServiceError
from project.images.serving import protect
from project.jobs.cancel import cancel_job

# What the same request may meet with success a moment later.
TRANSIENT = (status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE)


def own_batch(request: Request, batch_task_id: UUID) -> EnhanceBatch:
    """The caller's batch, or 404: a stranger's is as absent as one that never was."""
    visible = EnhanceBatch.objects.visible_to(request.user).select_related("job__owner")
    return get_object_or_404(visible, pk=batch_task_id)


class BatchView(APIView):
    """Submitting several photos."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [MultiPartParser, FormParser, BoundedJSONParser]

    @extend_schema(**docs.SUBMIT)
    def post(self, request: Request) -> Response:
        """Queue every good photo and name each bad one; or announce photos that follow."""
        uploads = uploads_of(request)
        handling, options = split_handling(common_fields(request))
        if handling.sync:
            raise errors.no_waiting()
        # JSON may hold anything; what is no address is refused as one.
        callback_url = str(options.pop("callback_url", None) or "")
        key = request.headers.get("Idempotency-Key")
        photos = None if uploads else announced_photos(request)
        if photos is not None:
            opened = open_batch(
                owner=caller(request),
                photos=photos,
                options=options,
                idempotency_key=key,
                callback_url=callback_url,
            )
            return _accepted(opened)
        submitted = submit_batch(
            owner=caller(request),
            uploads=uploads,
            options=options,
            overrides=overrides_of(request, uploads),
            idempotency_key=key,
            callback_url=callback_url,
            handling=handling,
        )
        return _accepted(submitted)


class BatchFilesView(APIView):
    """One more photo of an announced batch."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [MultiPartParser]

    @extend_schema(**docs.FILES)
    def post(self, request: Request, batch_task_id: UUID) -> Response:
        """Queue it; a photo that is refused stays in the batch as a failed item."""
        batch = own_batch(request, batch_task_id)
        upload = request.FILES.get("file")
        if upload is None:
            raise errors.no_file()
        handling, own = split_handling(common_fields(request))
        if handling.sync:
            raise errors.no_waiting()
        try:
            item = add_photo(
                batch=batch,
                upload=upload,
                options={**batch.options, **own},
                handling=handling,
                idempotency_key=request.headers.get("Idempotency-Key"),
            )
        except errors.BatchError:
            raise
        except ValidationError as error:
            note_refusal(batch=batch, name=upload.name, error=error)
            raise
        except ServiceError as error:
            if error.status not in TRANSIENT:
                note_refusal(batch=batch, name=upload.name, error=error)
            raise
        return accepted(Enhancement.objects.with_job().get(batch_item=item))


class BatchCloseView(APIView):
    """The end of an announced batch."""

    required_scope = "jobs:write"

    @extend_schema(**docs.CLOSE)
    def post(self, request: Request, batch_task_id: UUID) -> Response:
        """No more photos will come; what is there is the batch."""
        return Response(batch_payload(close_batch(batch=own_batch(request, batch_task_id))))


class BatchStatusView(APIView):
    """One batch."""

    required_scope = "jobs:read"

    @extend_schema(**docs.STATUS)
    def get(self, request: Request, batch_task_id: UUID) -> Response:
        """State, progress, and every photo with its own."""
        return Response(batch_payload(own_batch(request, batch_task_id)))


class BatchDownloadView(APIView):
    """The finished photos in one file."""

    required_scope = "images:read"

    @extend_schema(**docs.DOWNLOAD)
    def get(self, request: Request, batch_task_id: UUID) -> HttpResponseBase:
        """A ZIP that is written while it is sent; 400 `task_not_completed` before the first."""
        batch = own_batch(request, batch_task_id)
        standing = standing_of(batch)
        entries, manifest = archive_of(batch, standing)
        if not entries:
            raise errors.nothing_finished(standing.state)
        blocks = stream_archive(entries, manifest)
        response = stream_blocks(request._request, blocks, content_type="application/zip")
        name = f"omnilens-{batch.created_at:%Y%m%d-%H%M%S}.zip"
        response["Content-Disposition"] = (
            content_disposition_header(as_attachment=True, filename=name) or "attachment"
        )
        protect(response, may_be_kept=False)
        return response


class BatchDeleteView(APIView):
    """Deleting a batch."""

    required_scope = {"DELETE": "jobs:write"}

    @extend_schema(**docs.DELETE)
    def delete(self, request: Request, batch_task_id: UUID) -> Response:
        """Stop what still runs and remove all rows and files."""
        delete_batch(batch=own_batch(request, batch_task_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class BatchCancelView(APIView):
    """Stopping a batch."""

    required_scope = "jobs:write"

    @extend_schema(**docs.CANCEL)
    def post(self, request: Request, batch_task_id: UUID) -> Response:
        """What waits ends at once, what runs after its tile; finished photos stay."""
        batch = close_batch(batch=own_batch(request, batch_task_id))
        batch.job = cancel_job(job=batch.job)
        return Response(batch_payload(batch))


class BatchRetryView(APIView):
    """What failed once more."""

    required_scope = "jobs:write"
    throttle_scope = "submit"

    @extend_schema(**docs.RETRY)
    def post(self, request: Request, batch_task_id: UUID) -> Response:
        """A new batch of the photos that failed or were cancelled."""
        batch = retry_batch(batch=own_batch(request, batch_task_id))
        return _accepted(SubmittedBatch(batch=batch, created=True))


def _accepted(submitted: SubmittedBatch) -> Response:
    """202 with the place to ask, or 200 when the request came before."""
    batch = submitted.batch
    response = Response(
        batch_payload(batch),
        status=status.HTTP_202_ACCEPTED if submitted.created else status.HTTP_200_OK,
        headers={"Location": reverse("enhance_api:batch_status", args=[batch.pk])},
    )
    if not submitted.created:
        response["Idempotent-Replay"] = "true"
    return response
