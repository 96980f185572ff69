"""Routes of this room under `/api/v1/`; each resource has a module of its own."""

from xray.api.export_urls import urlpatterns as exports
from xray.api.llm_urls import urlpatterns as llm

app_name = "xray_api"

urlpatterns = [*exports, *llm]
