"""Routes of the exports; `xray/api/urls.py` includes them."""

from __future__ import annotations

from django.urls import path

from xray.api import exports

STUDY = "xray/studies/<uuid:study_id>"

urlpatterns = [
    path(f"{STUDY}/report.json", exports.JsonView.as_view(), name="report_json"),
    path(f"{STUDY}/report.pdf", exports.PdfView.as_view(), name="report_pdf"),
    path(f"{STUDY}/report.fhir.json", exports.FhirView.as_view(), name="report_fhir"),
    path(f"{STUDY}/report.sr.dcm", exports.StructuredReportView.as_view(), name="report_sr"),
    path(f"{STUDY}/report.sc.dcm", exports.CaptureView.as_view(), name="report_sc"),
    path(f"{STUDY}/heatmap/<slug:label>.png", exports.HeatmapView.as_view(), name="heatmap"),
]
