"""Take one's data along, or leave."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import LastAdministrator, PasswordWrong
from accounts.models import PrivacyReceipt, signed_in
from accounts.pages.account import account_page
from accounts.pages.account_rows import receipt_lines
from accounts.pages.forms import EraseForm
from accounts.pages.throttle import limited_like_sign_in
from accounts.privacy import erase_user, export_user
from accounts.privacy.export import ARCHIVE_NAME
from accounts.services.authenticate import confirm_password


@login_required
@require_POST
@never_cache
def export(request: HttpRequest) -> FileResponse:
    """Download everything."""
    archive = export_user(signed_in(request.user))
    return FileResponse(
        archive, as_attachment=True, filename=ARCHIVE_NAME, content_type="application/zip"
    )


@login_required
@require_POST
@never_cache
@sensitive_post_parameters("password")
@limited_like_sign_in
def erase(request: HttpRequest) -> HttpResponse:
    """Erase the account after the password was given once more."""
    user = signed_in(request.user)
    form = EraseForm(request.POST, auto_id="erase_%s")
    if form.is_valid():
        try:
            confirm_password(user=user, password=form.cleaned_data["password"], request=request)
            receipt = erase_user(user)
        except PasswordWrong as error:
            form.add_error("password", str(error.detail))
        except LastAdministrator as error:
            form.show(error)
        else:
            logout(request)
            return redirect("accounts:receipt", receipt.pk)
    return account_page(request, erase_form=form)


@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What an erasure removed. Its number is known to nobody but the person it was shown to."""
    erasures = PrivacyReceipt.objects.filter(kind=PrivacyReceipt.Kind.ERASURE)
    found = get_object_or_404(erasures, pk=pk)
    context = {"receipt": found, "lines": receipt_lines(found)}
    return render(request, "accounts/receipt.html", context)
