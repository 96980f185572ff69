"""The product's URLs, and one to submit the small test kinds."""

from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from project import urls as product
from project.jobs.submit import submit_job


class SubmitView(APIView):
    """`{"kind", "lane", "params"}` becomes a job of the caller."""

    required_scope = "jobs:write"

    def post(self, request):
        """202 with the id, or 200 when the request came before."""
        submission = submit_job(
            owner=request.user,
            kind=request.data["kind"],
            lane=request.data["lane"],
            params=request.data["params"],
            idempotency_key=request.headers["Idempotency-Key"],
        )
        return Response({"id": str(submission.job.pk)}, status=202 if submission.created else 200)


urlpatterns = [*product.urlpatterns, path("api/v1/chaos/", SubmitView.as_view())]
