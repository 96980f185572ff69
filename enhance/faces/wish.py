"""What the options and the weights of this machine together ask of the face pipeline."""

from __future__ import annotations

from enhance.options import EnhanceOptions
from enhance.pipeline.face_search import FaceWish
from enhance.services.face_support import face_support
from project.inference.errors import InferenceError


class FaceModelMissing(InferenceError):
    """Faces were required and their weights are gone since the job was accepted."""

    code = "face_model_missing"


def wanted_faces(options: EnhanceOptions) -> FaceWish | None:
    """None when faces are to be left alone. Raises FaceModelMissing."""
    if options.face_restore == "off":
        return None
    wish = wish_of(options)
    if wish.is_required and (wish.restorer is None or wish.detector is None):
        raise FaceModelMissing(", ".join(face_support(options.face_model).missing))
    return wish


def wish_of(options: EnhanceOptions) -> FaceWish:
    """Each network is named only if its weights are installed now."""
    support = face_support(options.face_model)
    return FaceWish(
        detector=support.detector,
        restorer=support.network,
        parser=support.parser,
        choice=options.faces,
        min_face=options.min_face,
        aligned=options.aligned,
        fidelity=options.fidelity,
        is_required=options.face_restore == "required",
    )
