"""The addresses of the product and one that submits the job of these tests."""

from django.urls import path
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from project import urls
from project.images.intake import accept_upload
from project.jobs.submit import submit_job

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


class CopyView(APIView):
    """Take a picture in and queue its copy, as the view of a service does."""

    parser_classes = [MultiPartParser]
    required_scope = "jobs:write"

    def post(self, request):
        """202 with the id of the job."""
        picture = accept_upload(owner=request.user, upload=request.FILES["file"])
        params = {"picture": picture.pk.hex, "gate": request.data.get("gate", "")}
        submitted = submit_job(owner=request.user, kind="test.copy", params=params)
        return Response({"job": str(submitted.job.pk)}, status=202)


urlpatterns = [path("api/v1/test-copies/", CopyView.as_view()), *urls.urlpatterns]
