"""The shapes of the API of this room for its OpenAPI description, and its request bodies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from project.jobs.api.serializers import JobSerializer
from xray.choices import (
    Band,
    Correction,
    Language,
    Mode,
    PointName,
    ReportMode,
    ReportState,
    ReviewAction,
    StudyStatus,
    VersionStatus,
)
from xray.labels import LABELS, Region, Side
from xray.models.study import INDICATION_LENGTH, PATIENT_KEY_LENGTH
from xray.services.review import MOST_SENTENCES, SENTENCE_LENGTH
from xray.worklist import ORDERINGS, STANDINGS

CORRECTIONS = [choice for choice in Correction.choices if choice[0]]


class StrictSerializer(serializers.Serializer[Any]):
    """A request body: what does not exist is refused by name, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for each unknown field."""
        known = {*self.fields, "csrfmiddlewaretoken"}
        unknown = [str(name) for name in data if name not in known] if hasattr(data, "keys") else []
        if unknown:
            raise serializers.ValidationError(
                {
                    name: [serializers.ErrorDetail(str(_("This field does not exist.")), "unknown")]
                    for name in unknown
                }
            )
        return super().to_internal_value(data)


class WishSerializer(StrictSerializer):
    """What a sender may ask for besides the file."""

    mode = serializers.ChoiceField(
        choices=Mode.choices,
        required=False,
        help_text=_("`llm` adds a text by the language model; the structured report always comes."),
    )
    use_ollama = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The original service's name: true is `mode=llm`, false `mode=structured`."),
    )
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    indication = serializers.CharField(
        required=False, allow_blank=True, max_length=INDICATION_LENGTH
    )
    patient_key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=PATIENT_KEY_LENGTH,
        help_text=_("What you call the patient. Only a keyed hash of it is kept."),
    )
    prior = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("An earlier study of the same patient.")
    )
    callback_url = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text=_("A public https:// address that is told when the job ends (a signed webhook)."),
    )
    sync = serializers.BooleanField(
        default=False,
        help_text=_("Wait up to 30 seconds and answer with the finished study, else with 202."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One mode, whichever way it was said."""
        asked = attrs.pop("use_ollama", None)
        if asked is not None:
            mode = Mode.LLM if asked else Mode.STRUCTURED
            if attrs.setdefault("mode", mode) != mode:
                raise serializers.ValidationError(
                    {"mode": _("mode and use_ollama ask for different reports.")}
                )
        return attrs


class StudyUploadSerializer(WishSerializer):
    """Multipart body of a submit."""

    file = serializers.FileField(
        help_text=_("A film: DICOM, PNG, JPEG, GIF, BMP or TIFF. Several: `files[]`, 20 at most.")
    )


class OriginalUploadSerializer(StrictSerializer):
    """The fields of the original service besides the file, and ours for the language."""

    use_ollama = serializers.BooleanField(default=False)
    language = serializers.ChoiceField(choices=Language.choices, required=False)


class CorrectSerializer(StrictSerializer):
    """What is to be corrected about a refused film."""

    correction = serializers.ChoiceField(choices=CORRECTIONS)


class RegenerateSerializer(StrictSerializer):
    """Which report is wanted; left out: as the study was sent."""

    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    use_ollama = serializers.BooleanField(required=False, allow_null=True, default=None)
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    replaces = serializers.CharField(
        required=False,
        max_length=64,
        help_text=_(
            "Digest of the signed report by the language model that a new text may replace."
        ),
    )
    validate = WishSerializer.validate


class EditsSerializer(StrictSerializer):
    """The whole new text of each section that changes, one sentence a line."""

    impression = serializers.CharField(
        required=False, allow_blank=True, max_length=MOST_SENTENCES * SENTENCE_LENGTH
    )
    narrative = serializers.CharField(
        required=False, allow_blank=True, max_length=MOST_SENTENCES * SENTENCE_LENGTH
    )


class ReviewSerializer(StrictSerializer):
    """A signature under the report that was read."""

    action = serializers.ChoiceField(choices=ReviewAction.choices)
    digest = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text=_("Of the report that was read: `reports[].digest`.")
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    edits = EditsSerializer(required=False)


class WorklistFilterSerializer(serializers.Serializer[Any]):
    """What narrows the worklist."""

    status = serializers.ChoiceField(
        choices=sorted({*STANDINGS, *StudyStatus.values}), required=False
    )
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field of that name is meant
        choices=sorted(LABELS),
        required=False,
        help_text=_("Only studies with this finding; `min_prob` and `ordering` are about it."),
    )
    min_prob = serializers.FloatField(required=False, min_value=0, max_value=1)
    q = serializers.CharField(
        required=False,
        max_length=100,
        help_text=_("Part of the pseudonym or of the id."),
    )
    ordering = serializers.ChoiceField(
        choices=list(ORDERINGS),
        required=False,
        default="-created",
        help_text=_("By probability only studies that have one are listed."),
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python, so these two are not declared above."""
        fields = super().get_fields()
        fields["from"] = serializers.DateField(
            required=False, help_text=_("First day, in the time zone of the server.")
        )
        fields["to"] = serializers.DateField(required=False, help_text=_("Last day."))
        return fields


class CodeSerializer(serializers.Serializer[Any]):
    """A stable code and its sentence."""

    code = serializers.CharField()
    detail = serializers.CharField()


class FilmRefusalSerializer(CodeSerializer):
    """Why nothing was scored, and what to do."""

    advice = serializers.CharField()
    repair = serializers.ChoiceField(
        choices=CORRECTIONS,
        allow_blank=True,
        help_text=_("What would make it a film that can be scored, where the gate can tell."),
    )
    repair_url = serializers.CharField(allow_null=True)


class PredictionHeatmapSerializer(serializers.Serializer[Any]):
    """Where the evidence lies; the patient's sides. `url` is null once the picture is deleted."""

    url = serializers.CharField(allow_null=True)
    region = serializers.ChoiceField(choices=[str(region) for region in Region])
    side = serializers.ChoiceField(choices=[str(side) for side in Side])
    inside_share = serializers.FloatField(help_text=_("Of the mass, within the lung fields."))


class PredictionSerializer(serializers.Serializer[Any]):
    """One calibrated probability; a research output is a bare share, and the rest of it is null."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name is meant
    probability = serializers.FloatField(min_value=0, max_value=1)
    interval = serializers.ListField(
        child=serializers.FloatField(),
        min_length=2,
        max_length=2,
        allow_null=True,
        help_text=_("95 %."),
    )
    operating_point = serializers.FloatField(allow_null=True)
    point_name = serializers.ChoiceField(choices=PointName.choices, allow_null=True)
    band = serializers.ChoiceField(choices=Band.choices, allow_null=True)
    research = serializers.BooleanField(help_text=_("Never in a report."))
    heatmap = PredictionHeatmapSerializer(allow_null=True)


class FilmSerializer(serializers.Serializer[Any]):
    """The de-identified film."""

    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    bit_depth = serializers.ChoiceField(choices=(8, 16))
    expires_at = serializers.DateTimeField(allow_null=True)


class ReviewPartSerializer(serializers.Serializer[Any]):
    """Who signed, and what was edited."""

    status = serializers.ChoiceField(choices=("pending", "accepted", "edited", "rejected"))
    by = serializers.CharField(allow_blank=True)
    at = serializers.CharField(allow_blank=True)
    edits = serializers.ListField(child=serializers.DictField())


class ReportSerializer(serializers.Serializer[Any]):
    """One version of a report, without its text."""

    number = serializers.IntegerField()
    report_id = serializers.CharField()
    mode = serializers.ChoiceField(choices=ReportMode.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    state = serializers.ChoiceField(choices=ReportState.choices)
    digest = serializers.CharField()
    review = ReviewPartSerializer()
    created_at = serializers.DateTimeField()


class ModelPartSerializer(serializers.Serializer[Any]):
    """The classifier that a study was scored with."""

    name = serializers.CharField()
    version = serializers.CharField()
    sha256 = serializers.CharField()


class SubmittedStudySerializer(serializers.Serializer[Any]):
    """Answer to a submit."""

    study_id = serializers.UUIDField()
    job = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    status = serializers.ChoiceField(choices=StudyStatus.choices)
    page_url = serializers.CharField()
    created_at = serializers.DateTimeField()
    queue_position = serializers.IntegerField(allow_null=True)
    eta_seconds = serializers.FloatField(allow_null=True)
    mode = serializers.ChoiceField(choices=Mode.choices)
    use_ollama = serializers.BooleanField()
    language = serializers.ChoiceField(choices=Language.choices)
    duplicate = serializers.BooleanField(
        help_text=_("Answered with the study that you have of this film.")
    )
    message = serializers.CharField()
    url = serializers.CharField()
    ws_url = serializers.CharField(help_text=_("Where progress is told live."))


class _IdentitySerializer(JobSerializer):
    study_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=StudyStatus.choices)
    mode = serializers.ChoiceField(choices=Mode.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    correction = serializers.ChoiceField(choices=CORRECTIONS, allow_blank=True)
    patient = serializers.CharField(
        allow_blank=True, help_text=_("The pseudonym; the key you sent is not kept.")
    )
    view = serializers.CharField(allow_blank=True)
    source_format = serializers.CharField()
    film_url = serializers.CharField(allow_null=True)


@extend_schema_serializer(component_name="XrayStudySummary")
class StudySummarySerializer(_IdentitySerializer):
    """One row of the worklist: the fields of its job and its own."""

    probability = serializers.FloatField(allow_null=True)
    operating_point = serializers.FloatField(allow_null=True)
    band = serializers.ChoiceField(choices=Band.choices, allow_null=True)
    refusal_code = serializers.CharField(allow_blank=True)


@extend_schema_serializer(component_name="XrayStudy")
class StudySerializer(_IdentitySerializer):
    """One study: the fields of its job and its own."""

    refusal = FilmRefusalSerializer(allow_null=True)
    indication = serializers.CharField(allow_blank=True)
    age_band = serializers.CharField(allow_blank=True)
    sex = serializers.CharField(allow_blank=True)
    prior = serializers.UUIDField(allow_null=True)
    film = FilmSerializer(allow_null=True)
    predictions = PredictionSerializer(many=True)
    report = serializers.DictField(
        allow_null=True, help_text=_("The newest envelope in the language of the study.")
    )
    reports = ReportSerializer(many=True)
    report_jobs = JobSerializer(many=True)
    gate = serializers.DictField()
    warnings = CodeSerializer(many=True)
    timings = serializers.DictField(child=serializers.FloatField())
    model = ModelPartSerializer(allow_null=True)


class FiguresSerializer(serializers.Serializer[Any]):
    """One label in both studies: this one first, the prior second."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name is meant
    probability = serializers.ListField(child=serializers.FloatField(allow_null=True))
    operating_point = serializers.ListField(child=serializers.FloatField(allow_null=True))
    band = serializers.ListField(child=serializers.CharField(allow_null=True))


class ComparedSerializer(serializers.Serializer[Any]):
    """One of two studies."""

    study_id = serializers.UUIDField()
    page_url = serializers.CharField()
    created_at = serializers.DateTimeField()
    film = FilmSerializer(allow_null=True)
    heatmaps = serializers.DictField(child=serializers.CharField())
    report = serializers.DictField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two studies of one patient side by side."""

    study = ComparedSerializer()
    prior = ComparedSerializer()
    figures = FiguresSerializer(many=True)
    same_model = serializers.BooleanField()
    note = serializers.CharField()


class AuditSerializer(serializers.Serializer[Any]):
    """One event of the trail."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True)
    origin = serializers.CharField(
        allow_blank=True,
        help_text=_("Of one person: the same value is the same network address. No address."),
    )
    action = serializers.CharField()
    object = serializers.CharField(allow_blank=True)
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)
    details = serializers.DictField()
    digest = serializers.CharField()


class ModelVersionSerializer(serializers.Serializer[Any]):
    """One classifier of the registry."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    status = serializers.ChoiceField(choices=VersionStatus.choices)
    architecture = serializers.CharField()
    px = serializers.IntegerField()
    labels = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
    point_name = serializers.ChoiceField(choices=PointName.choices)
    metrics = serializers.DictField()
    trained_on = serializers.CharField(allow_blank=True)
    data_sha256 = serializers.CharField(allow_blank=True)
    command = serializers.CharField(allow_blank=True)
    shipped = serializers.BooleanField()
    file_present = serializers.BooleanField()
    activated_at = serializers.DateTimeField(allow_null=True)
