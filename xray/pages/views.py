"""The pages of the chest X-ray room. They work without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from project.api.client_address import client_address
from project.api.page_throttle import count_request
from project.errors import ServiceError
from xray.choices import Correction, Language, Mode
from xray.models import Study
from xray.pages.cards import study_cards
from xray.pages.compare import comparison_page
from xray.pages.compose import compose_context, script_data
from xray.pages.detail import study_page
from xray.pages.forms import ReviewForm, SendForm, WorklistFilter
from xray.pages.viewer import page_language
from xray.services import audit
from xray.services.correct import correct_study
from xray.services.erase import delete_study
from xray.services.report_request import request_report, structured_report
from xray.services.review import review_report
from xray.services.submit import Wish, submit_study
from xray.worklist import worklist

if TYPE_CHECKING:
    from django.core.files.base import File

    from accounts.models import User

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def study_list(request: HttpRequest) -> HttpResponse:
    """The form and the worklist; a POST sends films."""
    if request.method != "POST":
        form = SendForm(user=_user(request), initial={"language": page_language()})
        return _list_page(request, form)
    form = SendForm(request.POST, user=_user(request))
    uploads = request.FILES.getlist("file")
    if not uploads:
        return _list_page(request, form, file_errors=[_("Choose a film first.")], status=400)
    if not form.is_valid():
        return _list_page(request, form, status=400)
    return _submitted(request, form, uploads)


def _submitted(request: HttpRequest, form: SendForm, uploads: Sequence[File[Any]]) -> HttpResponse:
    """Each film stands for itself; files have no names here, a name may be a patient's."""
    studies: list[Study] = []
    refusals: list[str] = []
    status = 422
    for number, upload in enumerate(uploads, start=1):
        try:
            studies.append(_submit(request, form, upload))
        except ServiceError as error:
            status = error.status
            text = str(error.detail)
            numbered = _("File %(number)s: %(reason)s") % {"number": number, "reason": text}
            refusals.append(text if len(uploads) == 1 else numbered)
    if not studies:
        return _list_page(request, form, file_errors=refusals, status=status)
    for text in refusals:
        messages.error(request, text)
    if len(studies) == 1:
        return redirect("xray:detail", study_id=studies[0].pk)
    sent = ngettext("%(count)s film was sent.", "%(count)s films were sent.", len(studies))
    messages.success(request, sent % {"count": len(studies)})
    return redirect("xray:list")


def _submit(request: HttpRequest, form: SendForm, upload: File[Any]) -> Study:
    """Raises ServiceError, the refusals of the ingest among them."""
    count_request(request, scope="submit")
    given = form.cleaned_data
    submitted = submit_study(
        owner=_user(request),
        upload=upload,
        wish=Wish(
            mode=form.mode,
            language=given["language"],
            indication=given["indication"],
            patient_key=given["patient_key"],
            prior=given["prior"],
        ),
        address=_address(request),
    )
    if not submitted.created:
        messages.info(request, _("This film was sent before; this is its study."))
    return submitted.study


def _list_page(
    request: HttpRequest,
    form: SendForm,
    *,
    file_errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    narrow = WorklistFilter(request.GET)
    asked = narrow.cleaned_data if narrow.is_valid() else {}
    if status == 200 and not narrow.is_valid():
        status = 400
    page = Paginator(worklist(user=_user(request), **asked), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "filter": narrow,
        "is_narrowed": narrow.is_valid() and narrow.is_narrowed,
        "page": page,
        "cards": study_cards(page.object_list),
        **compose_context(form=form, file_errors=file_errors),
    }
    return render(request, "xray/study_list.html", context, status=status)


@require_safe
@login_required
def study_detail(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Live stages, then the film with its findings, or why there are none."""
    study = _own(request, study_id)
    return _detail_page(request, study, request.GET)


def _detail_page(
    request: HttpRequest,
    study: Study,
    query: QueryDict,
    *,
    review: ReviewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    audit.record_view(study=study.pk, actor=_user(request), address=_address(request))
    language = query.get("language", "")
    version = query.get("version", "")
    page = study_page(
        user=_user(request),
        study=study,
        language=language if language in Language.values else study.language,
        mode=query.get("mode", ""),
        number=int(version) if version.isdecimal() and len(version) < 5 else None,
    )
    if page.report is not None and version and page.report.shown is None:
        raise Http404
    context = {
        "page": page,
        "shown": page.shown,
        "study": study,
        "card": page.shown.card,
        "review": review or ReviewForm(),
        "xray_data": script_data(),
    }
    return render(request, "xray/study_detail.html", context, status=status)


@require_safe
@login_required
def study_row(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """One row of the worklist as it is now, for the script of the list."""
    study = get_object_or_404(worklist(user=_user(request)), pk=study_id)
    return render(request, "xray/row.html", {"shown": study_cards([study])[0]})


@require_safe
@login_required
def study_compare(request: HttpRequest, study_id: UUID, prior_id: UUID) -> HttpResponse:
    """Two films of one patient beside each other; what changed is for the reader to say."""
    study, prior = _own(request, study_id), _own(request, prior_id)
    try:
        page = comparison_page(study=study, prior=prior)
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect(study)
    audit.record(
        action="study.compared",
        actor=_user(request),
        address=_address(request),
        study=study.pk,
        object=f"study {prior.pk}",
    )
    return render(request, "xray/study_compare.html", {"page": page, "study": study})


@require_POST
@login_required
def study_correct(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Analyse a refused film again, turned or with light and dark exchanged."""
    study = _own(request, study_id)
    correction = request.POST.get("correction", "")
    if correction not in Correction.values or not correction:
        messages.error(request, _("Choose what is to be corrected."))
        return redirect(study)
    try:
        count_request(request, scope="submit")
        again = correct_study(
            study=study, correction=correction, actor=_user(request), address=_address(request)
        )
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect(study)
    return redirect(again)


@require_POST
@login_required
def study_report(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Another report: a language that is not written yet, or a text by the language model."""
    study = _own(request, study_id)
    language = request.POST.get("language", "")
    mode = request.POST.get("mode", Mode.STRUCTURED)
    if language not in Language.values or mode not in Mode.values:
        messages.error(request, _("Choose language and kind of the report."))
        return redirect(study)
    try:
        if mode == Mode.LLM:
            count_request(request, scope="submit")
            request_report(
                study=study,
                language=language,
                actor=_user(request),
                replaces=request.POST.get("replaces", ""),
                address=_address(request),
            )
        else:
            structured_report(study=study, language=language)
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect(study)
    return redirect(f"{study.get_absolute_url()}?language={language}&mode={mode}#report")


@require_POST
@login_required
def study_review(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Sign the report that was read: accept it, edit its sentences, or reject it."""
    study = _own(request, study_id)
    report = study.reports.filter(digest=request.POST.get("digest", "")).order_by("-number").first()
    if report is None:
        messages.error(request, _("There is a newer version of this report. Read that one first."))
        return redirect(f"{study.get_absolute_url()}#report")
    form = ReviewForm(request.POST)
    query = QueryDict(f"version={report.number}")
    if not form.is_valid():
        return _detail_page(request, study, query, review=form, status=400)
    try:
        new = review_report(
            report=report,
            reviewer=_user(request),
            action=form.cleaned_data["action"],
            comment=form.cleaned_data["comment"],
            edits=form.edits(),
            digest=form.cleaned_data["digest"],
            address=_address(request),
        )
    except ServiceError as error:
        form.add_error(None, str(error.detail))
        return _detail_page(request, study, query, review=form, status=error.status)
    messages.success(request, _("The report was signed."))
    return redirect(f"{study.get_absolute_url()}?version={new.number}#report")


@require_POST
@login_required
def study_delete(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Remove the study with its film, heat maps and reports."""
    delete_study(study=_own(request, study_id), actor=_user(request), address=_address(request))
    messages.success(request, _("The study and its files were deleted."))
    return redirect(reverse("xray:list"))


def _own(request: HttpRequest, study_id: UUID) -> Study:
    visible = Study.objects.visible_to(request.user)
    return get_object_or_404(visible.with_job(), pk=study_id)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # login_required


def _address(request: HttpRequest) -> str | None:
    return client_address(request) or None
