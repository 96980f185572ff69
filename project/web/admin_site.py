"""The operators' site: Django admin with our doors; queue and workers are on `/operator/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

View = TypeVar("View", bound=Callable[..., Any])


class OmnilensAdminSite(AdminSite):
    """Open to operators and administrators; to anyone else it does not exist."""

    site_title = _("Omnilens")
    site_header = _("Omnilens operators")
    index_title = _("Tables")
    index_template = "admin/overview.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators and administrators."""
        return bool(getattr(request.user, "is_operator", False))

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002  (Django's signature)
        """As Django's, but strangers get our sign-in page, or a 404 when they are signed in."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return cast("View", guarded)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One sign-in page for everybody: ours, with its throttle and lockout."""
        del extra_context
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
