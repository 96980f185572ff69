"""What the faces of a photo bring to the platform; called once, when the app is ready."""

from __future__ import annotations

from datetime import timedelta


def register_all() -> None:
    """Weights, kinds, pictures in use, and the end of previews."""
    from enhance.faces.preview_kind import FACES_PREVIEW
    from enhance.faces.reblend_kind import REBLEND
    from enhance.nets import face_weights
    from enhance.services.faces_preview import expire_previews, is_preview_source
    from enhance.services.parts import is_part_in_use
    from project import periodic
    from project.images import in_use
    from project.jobs import kinds

    face_weights.register_all()
    kinds.register(FACES_PREVIEW)
    kinds.register(REBLEND)
    in_use.register_image_check(is_preview_source)
    in_use.register_image_check(is_part_in_use)
    periodic.register("enhance.faces_previews", timedelta(minutes=10), expire_previews)
