"""Change a password; reset a forgotten one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from accounts.errors import Invalid, PasswordWrong
from accounts.models import signed_in
from accounts.pages.forms import NewPasswordForm, PasswordChangeForm, PasswordResetForm
from accounts.pages.throttle import limited_like_sign_in
from accounts.services.authenticate import confirm_password
from accounts.services.passwords import set_password
from accounts.services.reset import send_reset_link, user_behind_link

BAD_FORM = 400


@login_required
@never_cache
@sensitive_post_parameters("current_password", "password")
@limited_like_sign_in
def password_change(request: HttpRequest) -> HttpResponse:
    """Old and new password; every other sign-in of the account ends."""
    user = signed_in(request.user)
    form = PasswordChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            confirm_password(user=user, password=given["current_password"], request=request)
            set_password(
                user=user, password=given["password"], keep_session=request.session.session_key
            )
        except PasswordWrong as error:
            form.add_error("current_password", str(error.detail))
        except Invalid as error:
            form.show(error)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password was changed."))
            return redirect("accounts:account")
    return _page(request, "accounts/password_change.html", form)


@never_cache
@limited_like_sign_in
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer does not tell whether the address is known."""
    form = PasswordResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():

        def link(uid: str, token: str) -> str:
            path = reverse("accounts:password_reset_confirm", args=(uid, token))
            return request.build_absolute_uri(path)

        send_reset_link(email=form.cleaned_data["email"], link=link)
        return redirect("accounts:password_reset_sent")
    return _page(request, "accounts/password_reset.html", form)


@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    return render(request, "accounts/password_reset_sent.html")


@never_cache
@sensitive_variables("token")
@sensitive_post_parameters("password")
@limited_like_sign_in
def password_reset_confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The new password; a link that is used, expired or forged is a 404 page of its own."""
    user = user_behind_link(uid=uid, token=token)
    if user is None:
        return render(request, "accounts/password_reset_invalid.html", status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            set_password(user=user, password=form.cleaned_data["password"])
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("Your password was changed. You can sign in now."))
            return redirect("accounts:sign_in")
    return _page(request, "accounts/password_reset_confirm.html", form)


def _page(request: HttpRequest, template: str, form: object) -> HttpResponse:
    bound = getattr(form, "is_bound", False)
    return render(request, template, {"form": form}, status=BAD_FORM if bound else 200)
