"""Pages under `/enhance/`."""

from django.urls import path

from enhance import views
from enhance.batches import views as batches
from enhance.presets import views as presets

app_name = "enhance"
urlpatterns = [
    path("", views.enhancement_list, name="list"),
    path("presets/", presets.preset_save, name="preset_save"),
    path("presets/<uuid:preset_id>/delete/", presets.preset_delete, name="preset_delete"),
    path("batches/<uuid:batch_id>/", batches.batch_detail, name="batch"),
    path("batches/<uuid:batch_id>/summary/", batches.batch_summary, name="batch_summary"),
    path("batches/<uuid:batch_id>/cancel/", batches.batch_cancel, name="batch_cancel"),
    path("batches/<uuid:batch_id>/retry/", batches.batch_retry, name="batch_retry"),
    path("batches/<uuid:batch_id>/delete/", batches.batch_delete, name="batch_delete"),
    path("<uuid:task_id>/", views.enhancement_detail, name="detail"),
    path("<uuid:task_id>/card/", views.enhancement_card, name="card"),
    path("<uuid:task_id>/faces/", views.enhancement_faces, name="faces"),
    path("<uuid:task_id>/cancel/", views.enhancement_cancel, name="cancel"),
    path("<uuid:task_id>/retry/", views.enhancement_retry, name="retry"),
    path("<uuid:task_id>/delete/", views.enhancement_delete, name="delete"),
]
