"""One's own account: profile, tokens, sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.errors import Invalid, PasswordWrong, ScopeNotAllowed
from accounts.models import ApiToken, BrowserSession, signed_in
from accounts.pages.account_rows import session_rows, token_rows
from accounts.pages.forms import EraseForm, ProfileForm, TokenForm
from accounts.services.people import change_user
from accounts.services.profile import confirm_new_address
from accounts.services.sessions import end_sessions
from accounts.services.tokens import create_token, revoke_token

BAD_FORM = 400


@login_required
@never_cache
@sensitive_post_parameters("password")
def account(request: HttpRequest) -> HttpResponse:
    """The page, and its profile form."""
    user = signed_in(request.user)
    if request.method != "POST":
        return account_page(request)
    form = ProfileForm(request.POST, auto_id="profile_%s")
    if form.is_valid():
        try:
            given = form.cleaned_data
            password = given.pop("password")
            confirm_new_address(user=user, email=given["email"], password=password, request=request)
            change_user(user=user, **given)
        except PasswordWrong:
            form.add_error("password", _("A new e-mail address needs your password."))
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("Your profile was saved."))
            return redirect("accounts:account")
    user.refresh_from_db()
    return account_page(request, profile_form=form)


@login_required
@require_POST
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    user = signed_in(request.user)
    form = TokenForm(request.POST, owner=user, auto_id="token_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = create_token(
                owner=user,
                name=given["name"],
                scopes=given["scopes"],
                expires_at=form.expires_at(),
            )
        except (Invalid, ScopeNotAllowed) as error:
            form.show(error)
        else:
            return render(request, "accounts/token_created.html", {"made": made})
    return account_page(request, token_form=form)


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token of one's own."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    revoke_token(token=token)
    messages.success(request, _("The token %(name)s was revoked.") % {"name": token.name})
    return redirect(_section("tokens"))


@login_required
@require_POST
def session_end(request: HttpRequest, handle: UUID) -> HttpResponse:
    """End one session of one's own."""
    get_object_or_404(BrowserSession.objects.visible_to(request.user), handle=handle)
    end_sessions(user=signed_in(request.user), handle=handle)
    messages.success(request, _("That browser is signed out."))
    return redirect(_section("sessions"))


@login_required
@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    ended = end_sessions(user=signed_in(request.user), except_key=request.session.session_key or "")
    messages.success(request, _("Other sessions ended: %(count)d.") % {"count": ended})
    return redirect(_section("sessions"))


def account_page(
    request: HttpRequest,
    *,
    profile_form: ProfileForm | None = None,
    token_form: TokenForm | None = None,
    erase_form: EraseForm | None = None,
) -> HttpResponse:
    """The whole page, with the form that was refused, if one was."""
    user = signed_in(request.user)
    refused = any(form is not None for form in (profile_form, token_form, erase_form))
    initial: dict[str, Any] = {"email": user.email, "language": user.language}
    context = {
        "profile_form": profile_form or ProfileForm(initial=initial, auto_id="profile_%s"),
        "token_form": token_form or TokenForm(owner=user, auto_id="token_%s"),
        "erase_form": erase_form or EraseForm(auto_id="erase_%s"),
        "tokens": token_rows(user=user, now=timezone.now()),
        "sessions": session_rows(user=user, current_key=request.session.session_key),
    }
    status = BAD_FORM if refused else 200
    return render(request, "accounts/account.html", context, status=status)


def _section(name: str) -> str:
    """The account page at one of its sections."""
    return f"{reverse('accounts:account')}#{name}"
