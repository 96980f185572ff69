"""One report version in one of the formats in which it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from project.errors import ServiceError
from xray.exports.fonts import FontMissing
from xray.exports.json_report import as_json
from xray.exports.pictures import Pictures
from xray.exports.uids import REVISION
from xray.models import Report
from xray.services.study_pictures import film_gone, one_at_a_time, read_pictures

DICOM = "application/dicom"


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a report leaves; `has_pictures` says that it shows the film."""

    extension: str
    media_type: str
    has_pictures: bool
    write: Callable[[Report, Pictures], bytes]


# The libraries are imported where they are used: a web process that exports nothing loads none.
def _json(report: Report, pictures: Pictures) -> bytes:
    del pictures
    return as_json(report.envelope)


def _pdf(report: Report, pictures: Pictures) -> bytes:
    from xray.exports.pdf import as_pdf

    return as_pdf(report.envelope, pictures)


def _fhir(report: Report, pictures: Pictures) -> bytes:
    from xray.exports.fhir import as_fhir

    del pictures
    return json.dumps(as_fhir(report.envelope), ensure_ascii=False).encode()


def _capture(report: Report, pictures: Pictures) -> bytes:
    from xray.exports.dicom_sc import FilmGone, as_secondary_capture

    try:
        return as_secondary_capture(report.envelope, pictures)
    except FilmGone as error:
        raise film_gone() from error


def _structured(template: str) -> Callable[[Report, Pictures], bytes]:
    def write(report: Report, pictures: Pictures) -> bytes:
        from xray.exports.dicom_sr import NothingMeasured, as_sr

        del pictures
        try:
            return as_sr(report.envelope, template=template)
        except NothingMeasured as error:
            raise ServiceError(
                _("The report has no figure to measure; ask for the template basic_text."),
                code="nothing_measured",
                status=409,
            ) from error

    return write


FORMATS: Mapping[str, Format] = {
    "json": Format(
        extension="json", media_type="application/json", has_pictures=False, write=_json
    ),
    "pdf": Format(extension="pdf", media_type="application/pdf", has_pictures=True, write=_pdf),
    "fhir": Format(
        extension="fhir.json", media_type="application/fhir+json", has_pictures=False, write=_fhir
    ),
    "sc": Format(extension="sc.dcm", media_type=DICOM, has_pictures=True, write=_capture),
    "sr-tid1500": Format(
        extension="sr.dcm", media_type=DICOM, has_pictures=False, write=_structured("tid1500")
    ),
    "sr-basic_text": Format(
        extension="sr.dcm", media_type=DICOM, has_pictures=False, write=_structured("basic_text")
    ),
}


def etag_of(*, report: Report, format_name: str) -> str:
    """Changes with the report and with the product that writes it."""
    return f'"{report.digest[:32]}-{format_name}-{settings.VERSION}-{REVISION}"'


def file_name(*, report: Report, format_name: str) -> str:
    """Says nothing of the patient: a part of the study's id and the version."""
    extension = FORMATS[format_name].extension
    return f"chest-xray-{str(report.study_id)[-12:]}-v{report.number}.{extension}"


def export_report(*, report: Report, format_name: str) -> bytes:
    """The file's bytes. Raises ServiceError: film_gone, nothing_measured, export_unavailable."""
    wanted = FORMATS[format_name]
    try:
        if not wanted.has_pictures:
            return wanted.write(report, Pictures(film=None))
        with one_at_a_time():
            sha256 = report.envelope["model"]["sha256"]
            return wanted.write(report, read_pictures(report.study, model_sha256=sha256))
    except FontMissing as error:
        raise ServiceError(
            _(
                "A font of this installation is missing, so the report cannot be written. An operator has to reinstall it."
            ),
            code="export_unavailable",
            status=503,
        ) from error
