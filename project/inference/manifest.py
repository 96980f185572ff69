"""`manifest.json` beside stored weights: what they are, and the hashes they must keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from project.inference.sources import sha256_of
from project.inference.weights import PinnedFile, WeightsEntry

NAME = "manifest.json"


class Unreadable(ValueError):
    """The manifest is missing or is not one of ours."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The record of one pull: `files` lie in the folder, `fetched` are what the source gave."""

    name: str
    version: str
    licence: str
    commercial: bool
    source: str
    convert: str | None
    fetched: tuple[PinnedFile, ...]
    files: tuple[PinnedFile, ...]

    @classmethod
    def of(
        cls, entry: WeightsEntry, folder: Path, names: Sequence[str], *, source: str
    ) -> Manifest:
        """Hash the named files of `folder` and record them."""
        return cls(
            name=entry.name,
            version=entry.version,
            licence=entry.licence,
            commercial=entry.commercial,
            source=source,
            convert=entry.convert,
            fetched=entry.files,
            files=tuple(
                PinnedFile(
                    name=name,
                    sha256=sha256_of(folder / name),
                    size=(folder / name).stat().st_size,
                )
                for name in names
            ),
        )

    @property
    def sha256(self) -> str:
        """The hash of the one file, or of the list of hashes when there are several."""
        if len(self.files) == 1:
            return self.files[0].sha256
        lines = sorted(f"{file.sha256}  {file.name}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def belongs_to(self, entry: WeightsEntry) -> bool:
        """Whether these files were made from the hashes that are registered now."""
        same = (self.name, self.version, self.convert, self.fetched) == (
            entry.name, entry.version, entry.convert, entry.files,
        )  # fmt: skip
        return same and bool(self.files) and (bool(entry.convert) or self.files == entry.files)


def write(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` into the folder."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False)
    (folder / NAME).write_text(text + "\n", "utf-8")


def read(folder: Path) -> Manifest:
    """The manifest of a folder; Unreadable when it is missing or broken."""
    try:
        data = json.loads((folder / NAME).read_text("utf-8"))
        fetched, files = (
            tuple(PinnedFile(**file) for file in data.pop(key)) for key in ("fetched", "files")
        )
        return Manifest(**data, fetched=fetched, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"{NAME} is missing or broken") from error
