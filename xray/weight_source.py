"""A file that came with the product, as a source of the weight store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from project.inference.errors import SourceUnavailable
from project.inference.sources import copy_verified

if TYPE_CHECKING:
    from project.inference.transport import Transport
    from project.inference.weights import PinnedFile


@dataclass(frozen=True, kw_only=True)
class ShippedFile:
    """One file beside the code."""

    path: Path

    def describe(self) -> str:
        """For operators."""
        return f"shipped {self.path.name}"

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        """Copy and verify; an entry of this source has one file. Raises SourceUnavailable."""
        del transport
        (file,) = files
        try:
            with self.path.open("rb") as stream:
                copy_verified(stream, into / file.name, file)
        except OSError as error:
            raise SourceUnavailable(f"{self.path.name} is not there") from error
