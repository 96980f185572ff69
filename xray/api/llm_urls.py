"""Routes of the language model server, for `xray/api/urls.py`."""

from django.urls import path

from xray.api import llm

urlpatterns = [
    path("xray/llm", llm.LlmBackendView.as_view(), name="llm"),
    path("xray/llm/", llm.LlmBackendView.as_view()),
]
