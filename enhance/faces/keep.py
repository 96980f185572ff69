"""The parts that a result with faces leaves behind: files first, rows with the end of the job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from enhance.marking import SOURCE_TYPE
from enhance.models import Enhancement, FaceResult
from project.images.encode import encode
from project.images.marking import SourceType
from project.images.models import ImageRecord
from project.images.records import record_result

if TYPE_CHECKING:
    from enhance.pipeline.face_path import Outcome
    from enhance.pipeline.face_search import FoundFace
    from enhance.pipeline.upscale import Result
    from project.images.decode import Picture
    from project.jobs.kinds import FileSink
    from project.jobs.models import Job

# Parts are read again by ourselves, and soon: speed before size.
PNG_LEVEL = 1


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that lies in the storage of this attempt already."""

    key: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class KeptFace:
    """One face and its files."""

    index: int
    face: FoundFace
    fidelity: float
    crop: KeptFile | None
    restored: KeptFile | None


class FaceParts:
    """Collects the files of one run; `commit` writes their rows."""

    def __init__(self, files: FileSink, picture: Picture) -> None:
        self._files = files
        self._picture = picture
        self._background: KeptFile | None = None
        self._faces: list[KeptFace] = []

    def keep_background(self, result: Result) -> None:
        """The picture without its faces, without loss and with all that belongs to it."""
        picture = self._picture
        made = encode(
            result.pixels,
            source_type=SOURCE_TYPE,
            alpha=result.alpha,
            is_grey=picture.is_grey,
            icc=picture.icc,
            exif=picture.exif,
            png_level=PNG_LEVEL,
        )
        self._background = self._save("background.png", made.content)

    def keep_faces(self, outcome: Outcome) -> None:
        """Each face as it was and, where there is one, as the network drew it."""
        icc = self._picture.icc
        for index, face in enumerate(outcome.faces):
            pasted = outcome.pasted.get(index)
            crop = restored = None
            if face.crop is not None:
                made = encode(
                    face.crop.pixels, source_type=SourceType.ENHANCED, icc=icc, png_level=PNG_LEVEL
                )
                crop = self._save(f"face-{index}.png", made.content)
            if pasted is not None:
                made = encode(
                    pasted.pixels,
                    source_type=SOURCE_TYPE,
                    alpha=pasted.mask,
                    icc=icc,
                    png_level=PNG_LEVEL,
                )
                restored = self._save(f"face-{index}-restored.png", made.content)
            self._faces.append(
                KeptFace(
                    index=index, face=face, fidelity=face.fidelity, crop=crop, restored=restored
                )
            )

    def commit(self, job: Job, enhancement: Enhancement, *, expires_at: datetime | None) -> None:
        """Inside the finishing transaction."""

        def record(file: KeptFile | None) -> ImageRecord | None:
            if file is None:
                return None
            return record_result(
                owner=job.owner,
                key=file.key,
                content=file.content,
                purpose=ImageRecord.Purpose.PART,
                expires_at=expires_at,
            )

        Enhancement.objects.filter(pk=enhancement.pk).update(background=record(self._background))
        FaceResult.objects.bulk_create(
            FaceResult(
                enhancement=enhancement,
                index=kept.index,
                **place_of(kept.face),
                enabled=kept.restored is not None,
                fidelity=kept.fidelity,
                status=kept.face.status,
                reason=kept.face.reason,
                crop=record(kept.crop),
                restored=record(kept.restored),
            )
            for kept in self._faces
        )

    def _save(self, name: str, content: bytes) -> KeptFile:
        return KeptFile(key=self._files.save(name, content), content=content)


def place_of(found: FoundFace) -> dict[str, Any]:
    """Box, points and score in JSON types. The points are kept whole: they place the face."""
    box = found.face.box
    return {
        "box": [round(edge, 2) for edge in (box.left, box.top, box.width, box.height)],
        "points": [list(point) for point in found.face.points],
        "score": round(found.face.score, 4),
    }


def copy_faces(*, source: Enhancement, target: Enhancement) -> None:
    """Give `target`, an answer from the earlier result `source`, the same faces and files."""
    Enhancement.objects.filter(pk=target.pk).update(
        face_restoration=source.face_restoration, background=source.background
    )
    FaceResult.objects.bulk_create(
        FaceResult(
            enhancement=target,
            **{
                name: getattr(face, name)
                for name in (
                    "index", "box", "points", "score", "enabled", "fidelity", "status", "reason",
                    "crop_id", "restored_id",
                )
            },
        )
        for face in source.face_results.all()
    )  # fmt: skip
