"""Weights of operators in this platform's own storage, as a source of the weight store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from project.images import storage
from project.inference.errors import SourceUnavailable
from project.inference.sources import copy_verified

if TYPE_CHECKING:
    from project.inference.transport import Transport
    from project.inference.weights import PinnedFile


@dataclass(frozen=True, kw_only=True)
class StorageFile:
    """One file under a storage key: every worker of the fleet finds it, on whatever machine."""

    key: str

    def describe(self) -> str:
        """For operators."""
        return f"storage {self.key}"

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        """Copy and verify; an entry of this source has one file. Raises SourceUnavailable."""
        del transport
        (file,) = files
        try:
            with storage.open_file(self.key) as stream:
                copy_verified(stream, into / file.name, file)
        except FileNotFoundError as error:
            raise SourceUnavailable(f"the file {self.key} is gone") from error
