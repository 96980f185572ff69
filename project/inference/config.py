"""What the outside tells this package, once per process: folders, device, limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class InferenceConfig:
    """`worker_memory_bytes` 0 measures the device; `mirror` None means the network."""

    model_root: Path
    mirror: Path | None = None
    device: str = "auto"
    torch_threads: int = 1
    worker_memory_bytes: int = 0
    allow_non_commercial: bool = False


_config: InferenceConfig | None = None


def configure(
    *,
    model_root: Path,
    mirror: Path | str | None = None,
    device: str = "auto",
    torch_threads: int = 1,
    worker_memory_bytes: int = 0,
    allow_non_commercial: bool = False,
) -> InferenceConfig:
    """Set the values of this process; a later call replaces them. Touches no file."""
    global _config
    _config = InferenceConfig(
        model_root=Path(model_root),
        mirror=Path(mirror).expanduser() if mirror else None,
        device=device,
        torch_threads=max(1, torch_threads),
        worker_memory_bytes=worker_memory_bytes,
        allow_non_commercial=allow_non_commercial,
    )
    return _config


def current() -> InferenceConfig:
    """The values given to `configure`; RuntimeError before that."""
    if _config is None:
        raise RuntimeError("project.inference.config.configure() was not called")
    return _config
