"""Sign in, sign out, register."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.errors import Invalid, InvalidCredentials
from accounts.models import User
from accounts.pages.forms import RegisterForm, SignInForm
from accounts.pages.next_page import next_page
from accounts.pages.throttle import limited_like_sign_in
from accounts.services.authenticate import check_credentials
from accounts.services.people import ensure_registration_open, register
from accounts.services.sessions import describe_session

BACKEND = "accounts.backends.RoleBackend"
BAD_FORM = 400


@never_cache
@sensitive_post_parameters("password")
@limited_like_sign_in
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in form; a fresh session key for whoever gets in."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(next_page(request))
        return _sign_in_form(request, SignInForm())
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            user = check_credentials(
                identifier=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                request=request,
            )
        except InvalidCredentials as error:
            form.show(error)
        else:
            return _let_in(request, user)
    return _sign_in_form(request, form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
@limited_like_sign_in
def sign_up(request: HttpRequest) -> HttpResponse:
    """The registration form; the new account is signed in."""
    ensure_registration_open()
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = register(**form.cleaned_data)
        except Invalid as error:
            form.show(error)
        else:
            return _let_in(request, user)
    return render(
        request,
        "accounts/register.html",
        {"form": form, "next": next_page(request)},
        status=BAD_FORM if form.is_bound else 200,
    )


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=BACKEND)
    describe_session(session=request.session, client=request.headers.get("User-Agent", ""))
    return redirect(next_page(request))


def _sign_in_form(request: HttpRequest, form: SignInForm) -> HttpResponse:
    context = {
        "form": form,
        "next": next_page(request),
        "registration_open": settings.REGISTRATION_OPEN,
    }
    status = BAD_FORM if form.is_bound else 200
    return render(request, "accounts/sign_in.html", context, status=status)
