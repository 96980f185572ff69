"""The error codes of enhance, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    register(
        "file_missing",
        400,
        _("File missing"),
        _("Send the picture as the multipart field `file`."),
    )
    register(
        "task_not_completed",
        400,
        _("Task not completed"),
        _("There is nothing to download yet; `state` says how the task stands."),
    )
    register(
        "source_gone",
        409,
        _("Original deleted"),
        _("The stored original was deleted; upload the picture again."),
    )
    register(
        "output_too_large",
        422,
        _("Result too large"),
        _("The result would exceed the limit; `largest_scale` fits."),
    )
    register(
        "target_out_of_range",
        422,
        _("Target out of range"),
        _("The target size must lie between `smallest` and `largest`."),
    )
    register(
        "model_missing",
        422,
        _("Network not installed"),
        _("The weights of this network are not here; an operator can run `command`."),
    )
    register(
        "model_name_taken",
        409,
        _("Name taken"),
        _("Another network has this name; choose another one."),
    )
    register(
        "model_in_use",
        409,
        _("Network in use"),
        _("Jobs that have not ended need it; disable it now and delete it later."),
    )
    register(
        "too_large_model",
        413,
        _("Network too large"),
        _("A network may have `limit_bytes` at most."),
    )
    register(
        "unsupported_model_file",
        415,
        _("No file of a network"),
        _("Send one of the `allowed` kinds of file."),
    )
    register(
        "licence_not_accepted",
        422,
        _("Licence not accepted"),
        _("The operator permits only weights that may be used commercially."),
    )
    register(
        "denoise_unavailable",
        422,
        _("Denoising unavailable"),
        _(
            "Only one of `allowed_models` can choose the strength, and `command` fetches what it needs."
        ),
    )
    register(
        "jpeg_side_limit",
        422,
        _("Too large for JPEG"),
        _("JPEG sides end at `limit` pixels; choose PNG or `largest_scale`."),
    )
    register(
        "webp_side_limit",
        422,
        _("Too large for WEBP"),
        _("WEBP sides end at `limit` pixels; choose PNG or `largest_scale`."),
    )
    register(
        "too_large_for_device",
        422,
        _("Too large for this device"),
        _(
            "Choose one of `allowed_quality_levels` or `allowed_models`, or a picture of `largest_pixels` at most."
        ),
    )
    register(
        "too_many_files",
        422,
        _("Too many files"),
        _("A batch may hold `limit` files; send the rest as another batch."),
    )
    register(
        "batch_closed",
        409,
        _("Batch closed"),
        _("The batch has ended, was cancelled, or takes no more photos; open another."),
    )
    register(
        "preset_exists",
        409,
        _("Preset exists"),
        _("You have a preset of this name; change that one, or choose another name."),
    )
    register(
        "too_many_presets",
        422,
        _("Too many presets"),
        _("You may keep `limit` presets; delete one first."),
    )
    register(
        "nothing_to_retry",
        409,
        _("Nothing to retry"),
        _("No photo of the batch failed, or the originals of those are not stored."),
    )
    register(
        "face_model_missing",
        409,
        _("Face network missing"),
        _("Faces were required; an operator has to run `command` first."),
    )
    register(
        "unknown_face",
        400,
        _("Unknown face"),
        _("`faces` lists the numbers of the faces that were found."),
    )
    register(
        "face_not_restored",
        409,
        _("Face not restored"),
        _("Only the faces that were restored, listed in `faces`, can be blended."),
    )
    register(
        "parts_gone",
        409,
        _("Parts deleted"),
        _("The background or the faces of this result were deleted; run it again."),
    )
    register(
        "reblend_in_progress",
        409,
        _("Already changing"),
        _("Wait for the blend that is under way."),
    )
