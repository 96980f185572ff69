"""Pages under `/enhance/`."""

from django.urls import path

from enhance import views

app_name = "enhance"
urlpatterns = [
    path("", views.enhancement_list, name="list"),
    path("<uuid:task_id>/", views.enhancement_detail, name="detail"),
    path("<uuid:task_id>/card/", views.enhancement_card, name="card"),
    path("<uuid:task_id>/cancel/", views.enhancement_cancel, name="cancel"),
    path("<uuid:task_id>/retry/", views.enhancement_retry, name="retry"),
    path("<uuid:task_id>/delete/", views.enhancement_delete, name="delete"),
]
