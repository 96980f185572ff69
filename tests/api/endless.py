"""A view that returns when a test lets it go."""

import threading

from django.http import HttpResponse
from django.urls import path

let_go = threading.Event()


def endless(request):
    let_go.wait(60)
    return HttpResponse("late")


urlpatterns = [path("api/v1/endless/", endless)]
