"""The error codes of this room, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    _register_studies()
    _register_reports()
    _register_language_model()
    _register_exports()
    _register_registry()


def _register_studies() -> None:
    register(
        "model_unavailable",
        503,
        _("No classifier"),
        _("No classifier is active here; an operator can activate one or restore its file."),
    )
    register(
        "not_chest_xray",
        422,
        _("No chest X-ray"),
        _("The film does not look like an upright frontal chest X-ray; nothing was scored."),
    )
    register(
        "inverted_or_rotated",
        422,
        _("Turned or inverted"),
        _("`repair` is the correction that would make it a film that can be scored."),
    )
    register(
        "low_quality",
        422,
        _("Too poor to be scored"),
        _("The picture is too small, too flat or too coarse; send the film itself."),
    )
    register(
        "not_refused",
        409,
        _("Not refused"),
        _("Only a refused film can be corrected."),
    )
    register(
        "not_same_patient",
        409,
        _("Not the same patient"),
        _("Both films must have been sent under the same `patient_key`."),
    )

    register(
        "analysis_failed",
        500,
        _("Analysis failed"),
        _(
            "`error_code` says why; 503 and 504 may pass when the film is sent again, 422 is the film."
        ),
    )
    register(
        "analysis_cancelled",
        409,
        _("Analysis cancelled"),
        _("Somebody stopped the analysis; send the film again."),
    )


def _register_reports() -> None:
    register(
        "not_reported",
        409,
        _("No findings"),
        _("The study was refused, failed, or is not finished: there is nothing to report."),
    )
    register(
        "report_superseded",
        409,
        _("Newer version"),
        _(
            "There is a newer version of this report: read and sign that one. An export names it in "
            "`version` and `url`."
        ),
    )
    register(
        "report_signed",
        409,
        _("Signed report"),
        _("A person signed the report; send its `digest` as `replaces` to have it replaced."),
    )
    register(
        "nothing_edited",
        422,
        _("Nothing edited"),
        _("The text is as before; accept the report instead."),
    )
    register(
        "impression_needed",
        422,
        _("Impression needed"),
        _("An edited report keeps at least one sentence of impression; reject it instead."),
    )
    register(
        "figures_changed",
        422,
        _("Figures changed"),
        _("`figures` are none of the classifier's, whose figures cannot be edited."),
    )
    register(
        "unknown_section",
        422,
        _("Unknown section"),
        _("Only the `sections` can be edited."),
    )


def _register_language_model() -> None:
    register(
        "llm_host_refused",
        422,
        _("Language model host refused"),
        _("The address is not on the list that `setting` names; `reason` says what is wrong."),
    )
    register(
        "llm_secret_needed",
        422,
        _("Secret needed again"),
        _("A stored secret is not sent to another address; give it again, or an empty one."),
    )
    register(
        "llm_unavailable",
        503,
        _("Language model unavailable"),
        _("The server could not be reached, or refused; the structured report is complete."),
    )
    register(
        "llm_model_missing",
        503,
        _("Language model missing"),
        _("The server does not have the model; an operator fetches it there."),
    )
    register(
        "llm_timeout",
        503,
        _("Language model too slow"),
        _("It did not answer in time; the structured report is complete."),
    )
    register(
        "llm_answer_invalid",
        503,
        _("Language model answer invalid"),
        _("The server broke off or did not keep to its protocol."),
    )
    register(
        "llm_rejected",
        422,
        _("Language model text rejected"),
        _("The text did not agree with the figures, twice, and was not used."),
    )
    register(
        "llm_busy",
        503,
        _("Language model paused"),
        _("It failed several times and is left alone for a minute."),
    )
    register(
        "llm_secret_unreadable",
        503,
        _("Language model secret unreadable"),
        _("It was sealed with another key; an administrator enters it again."),
    )


def _register_exports() -> None:
    register(
        "report_not_ready",
        409,
        _("Report not ready"),
        _("There is no report yet; `status` says how the study stands."),
    )
    register(
        "study_refused",
        409,
        _("Film refused"),
        _("A refused film has no report; `refusal_code` says why it was refused."),
    )
    register(
        "report_version_missing",
        404,
        _("No such version"),
        _("`versions` lists the versions that the study has, with their languages."),
    )
    register(
        "heatmap_missing",
        404,
        _("No heat map"),
        _("The label is unknown, or lies below its operating point."),
    )
    register(
        "film_gone",
        409,
        _("Film deleted"),
        _("The film is no longer stored; exports without a picture can still be had."),
    )
    register(
        "nothing_measured",
        409,
        _("Nothing measured"),
        _("A report without figures has no TID 1500; ask for `template=basic_text`."),
    )
    register(
        "export_unavailable",
        503,
        _("Export unavailable"),
        _("A file of the installation is missing; an operator has to reinstall it."),
    )


def _register_registry() -> None:
    register(
        "version_below_goals",
        409,
        _("Model version below the goals"),
        _("`missed` names what its held-out figures lack; evaluate it or choose another one."),
    )
    register(
        "already_active",
        409,
        _("Already active"),
        _("This model version serves already."),
    )
    register(
        "no_previous_version",
        409,
        _("No previous version"),
        _("No other version served before the active one; activate one that meets the goals."),
    )
    register(
        "model_file_missing",
        409,
        _("File of the model version missing"),
        _("Its weights are not in the storage any more; import them again."),
    )
    register(
        "version_is_active",
        409,
        _("Model version in use"),
        _("Activate another version or roll back before this one is retired."),
    )
    register(
        "version_taken",
        409,
        _("Model version taken"),
        _("The name or the very weights are in the registry already."),
    )
