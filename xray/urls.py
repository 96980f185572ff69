"""Pages under `/xray/`."""

from django.urls import path

from xray.pages import views

app_name = "xray"
urlpatterns = [
    path("", views.study_list, name="list"),
    path("<uuid:study_id>/", views.study_detail, name="detail"),
    path("<uuid:study_id>/row/", views.study_row, name="row"),
    path("<uuid:study_id>/correct/", views.study_correct, name="correct"),
    path("<uuid:study_id>/report/", views.study_report, name="report"),
    path("<uuid:study_id>/review/", views.study_review, name="review"),
    path("<uuid:study_id>/delete/", views.study_delete, name="delete"),
    path("<uuid:study_id>/compare/<uuid:prior_id>/", views.study_compare, name="compare"),
]
