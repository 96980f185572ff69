"""Whether this server can restore faces, and what an operator does about it when it cannot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.nets.face_catalogue import MTCNN, PARSENET, RESTORERS, RETINAFACE
from enhance.options import EnhanceOptions, FaceModel
from enhance.services.networks import InstalledNetwork, pull_command
from project.errors import ServiceError
from project.inference.weight_store import configured_store

# The better detector where an operator has installed it.
DETECTORS = (RETINAFACE, MTCNN)
TASKS = {"face": RESTORERS, "detector": DETECTORS, "mask": (PARSENET,)}


@dataclass(frozen=True, kw_only=True)
class FaceSupport:
    """`candidates` are the restorers that could be used, best first; `installed` every network of
    the face path whose weights are here and may be used."""

    candidates: tuple[str, ...]
    installed: frozenset[str]

    @property
    def detector(self) -> str | None:
        """What finds faces, None when nothing can."""
        return self._first(DETECTORS)

    @property
    def network(self) -> str | None:
        """What restores them, None when its weights are missing."""
        return self._first(self.candidates)

    @property
    def parser(self) -> str | None:
        """What draws their masks, None for an ellipse."""
        return self._first((PARSENET,))

    @property
    def is_available(self) -> bool:
        """Whether faces can be found and restored."""
        return self.detector is not None and self.network is not None

    @property
    def missing(self) -> list[str]:
        """The weights that an operator has to fetch."""
        wanted = [] if self.detector else [MTCNN]
        return wanted if self.network else [*wanted, self.candidates[0]]

    @property
    def command(self) -> str | None:
        """What an operator runs, or None when nothing is to be done."""
        return pull_command(*self.missing) if self.missing else None

    @property
    def detail(self) -> str:
        """Why not, in the reader's language; empty when faces can be restored."""
        if not self.missing:
            return ""
        return _("The weights for faces (%(networks)s) are not installed on this server.") % {
            "networks": ", ".join(self.missing)
        }

    def _first(self, names: Iterable[str]) -> str | None:
        return next((name for name in names if name in self.installed), None)


def face_support(model: FaceModel = "auto") -> FaceSupport:
    """What this machine offers for that choice of the option `face_model`."""
    return FaceSupport(
        candidates=RESTORERS if model == "auto" else (f"gfpgan-{model}",),
        installed=installed_face_networks(),
    )


def face_networks() -> list[InstalledNetwork]:
    """Every network of the face path; none of them enlarges."""
    store = configured_store()
    found = []
    for task, names in TASKS.items():
        for status in map(store.status, names):
            found.append(
                InstalledNetwork(
                    quality_levels=(), scale=1, entry=status.entry, state=status.state,
                    embedded=status.entry.embedded, task=task,
                )
            )  # fmt: skip
    return found


def installed_face_networks() -> frozenset[str]:
    """Compares names and sizes only, so it is cheap enough for a page."""
    store = configured_store()
    statuses = (store.status(name) for name in (*DETECTORS, *RESTORERS, PARSENET))
    return frozenset(
        status.entry.name
        for status in statuses
        if status.present and (status.entry.commercial or store.allow_non_commercial)
    )


def check_faces(options: EnhanceOptions) -> None:
    """Refuse what cannot be done: raises ServiceError `face_model_missing` (409)."""
    if options.face_restore != "required":
        return
    support = face_support(options.face_model)
    if not support.is_available:
        raise ServiceError(
            support.detail,
            code="face_model_missing",
            status=409,
            extra={"command": support.command, "installed": sorted(support.installed)},
        )
