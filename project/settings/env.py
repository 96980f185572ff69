"""Typed settings from the environment: the only place that reads `os.environ`.

Each variable is declared once in `VARIABLES` with its type, default, help text and aliases;
`docs/operating/settings.md` is generated from that list (`manage.py settings_table`).
A variable `NAME` may also be given as `NAME_FILE`, the path of a file that holds the value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

_BYTE_UNITS = {"": 1, "b": 1, "kb": 1000, "kib": 1024, "k": 1024, "mb": 1000**2, "mib": 1024**2}
_BYTE_UNITS |= {"m": 1024**2, "gb": 1000**3, "gib": 1024**3, "g": 1024**3}
_SECOND_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_bool(text: str) -> bool:
    """`1 true yes on` or `0 false no off`, in any case; raises ValueError otherwise."""
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected true or false")


def parse_bytes(text: str) -> int:
    """A size such as `20MB`, `512 MiB` or `1048576`, in bytes."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    if not match or match[2].lower() not in _BYTE_UNITS:
        raise ValueError("expected a size such as 20MB")
    return int(float(match[1]) * _BYTE_UNITS[match[2].lower()])


def parse_duration(text: str) -> timedelta:
    """A duration such as `30s`, `10m`, `14d` or plain seconds."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", text.lower())
    if not match:
        raise ValueError("expected a duration such as 30s, 10m or 14d")
    return timedelta(seconds=float(match[1]) * _SECOND_UNITS[match[2]])


def parse_list(text: str) -> list[str]:
    """Comma-separated words."""
    return [item.strip() for item in text.split(",") if item.strip()]


def parse_path(text: str) -> Path:
    """A path; relative ones start at the project root, never at the working directory."""
    path = Path(text).expanduser()
    return path if path.is_absolute() else BASE_DIR / path


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One documented environment variable."""

    name: str
    parse: Callable[[str], Any]
    default: str | None
    help: str
    aliases: tuple[str, ...] = ()
    secret: bool = False


def _variable(
    name: str,
    parse: Callable[[str], Any],
    default: str | None,
    help_text: str,
    *aliases: str,
    secret: bool = False,
) -> Variable:
    return Variable(
        name=name, parse=parse, default=default, help=help_text, aliases=aliases, secret=secret
    )


_LIST = (
    _variable("OMNILENS_VAR", parse_path, "var", "Private directory for data, keys, sockets and logs."),
    _variable("OMNILENS_SECRET_KEY", str, None, "Signing key; the embedded default generates one once.", "SECRET_KEY", secret=True),
    _variable("OMNILENS_DEBUG", parse_bool, "false", "Django debug pages; never outside development.", "DEBUG"),
    _variable("OMNILENS_ALLOWED_HOSTS", parse_list, "localhost,127.0.0.1,[::1]", "Host names the site answers to.", "ALLOWED_HOSTS"),
    _variable("OMNILENS_CSRF_TRUSTED_ORIGINS", parse_list, "", "Origins (scheme://host) behind a TLS proxy."),
    _variable("OMNILENS_CORS_ORIGINS", parse_list, "", "Foreign origins that may call the API; empty allows none."),
    _variable("OMNILENS_DATABASE_URL", str, "", "postgres://... ; empty means SQLite under OMNILENS_VAR.", "DATABASE_URL", secret=True),
    _variable("OMNILENS_REDIS_URL", str, "", "redis://, rediss:// or unix://; empty means the embedded server.", "REDIS_URL", secret=True),
    _variable("OMNILENS_REDIS_PREFIX", str, "omnilens", "Key prefix, so that several deployments may share one Redis."),
    _variable("OMNILENS_S3_BUCKET", str, "", "Private bucket for files; empty means local files under OMNILENS_VAR."),
    _variable("OMNILENS_S3_ENDPOINT", str, "", "S3 API address; empty means the provider's default."),
    _variable("OMNILENS_S3_REGION", str, "", "S3 region."),
    _variable("OMNILENS_S3_ACCESS_KEY", str, "", "S3 access key id; empty uses the machine's own credentials.", secret=True),
    _variable("OMNILENS_S3_SECRET_KEY", str, "", "S3 secret key.", secret=True),
    _variable("OMNILENS_MODEL_ROOT", parse_path, "var/models", "Where verified model weights live.", "MODEL_PATH"),
    _variable("OMNILENS_DIFFUSION_MODEL_PATH", str, "", "Folder of diffusion weights, for try-on.", "DIFFUSION_MODEL_PATH"),
    _variable("OMNILENS_MODEL_MIRROR", str, "", "Folder of weight files to use instead of the network."),
    _variable("OMNILENS_ALLOW_NON_COMMERCIAL", parse_bool, "false", "Permit weights whose licence forbids commercial use."),
    _variable("OMNILENS_INFERENCE_STEPS", int, "30", "Default denoising steps, for try-on.", "INFERENCE_STEPS"),
    _variable("OMNILENS_GUIDANCE_SCALE", float, "2.5", "Default guidance scale, for try-on.", "GUIDANCE_SCALE"),
    _variable("OMNILENS_UPLOAD_MAX_BYTES", parse_bytes, "20MB", "Largest upload of the default policy.", "UPLOAD_MAX_SIZE"),
    _variable("OMNILENS_ALLOWED_EXTENSIONS", parse_list, "jpg,jpeg,png,webp", "File name extensions of the default policy.", "ALLOWED_EXTENSIONS"),
    _variable("OMNILENS_DEVICE", str, "auto", "auto, cpu, cuda or cuda:N."),
    _variable("OMNILENS_TORCH_THREADS", int, "1", "CPU threads of the worker."),
    _variable("OMNILENS_WORKER_MEMORY", parse_bytes, "0", "Byte budget for loaded models; 0 measures the device."),
    _variable("OMNILENS_WORKER_THREADS", int, "8", "Job threads of one worker; at least 3.", "WORKERS"),
    _variable("OMNILENS_JOB_TIMEOUT", parse_duration, "1h", "Time after which a job is stopped at its next checkpoint.", "TIMEOUT"),
    _variable("OMNILENS_JOB_LEASE", parse_duration, "30s", "How long a silent worker keeps its job."),
    _variable("OMNILENS_EVENT_RETENTION", parse_duration, "14d", "How long the events of a job are kept."),
    _variable("OMNILENS_RESULT_RETENTION", parse_duration, "30d", "How long uploads and results are kept; 0 keeps them."),
    _variable("OMNILENS_QUEUE_LIMIT_INTERACTIVE", int, "50", "Queued interactive jobs one user may hold."),
    _variable("OMNILENS_QUEUE_LIMIT_BATCH", int, "500", "Queued batch jobs one user may hold."),
    _variable("OMNILENS_DRAIN", parse_duration, "20s", "How long a stopping worker lets its steps run."),
    _variable("OMNILENS_LOG_LEVEL", str, "INFO", "DEBUG, INFO, WARNING or ERROR.", "LOG_LEVEL"),
    _variable("OMNILENS_LOG_FILE", str, "", "Also write the log to this file.", "LOG_FILE"),
    _variable("OMNILENS_LOG_JSON", parse_bool, "false", "One JSON object a line."),
    _variable("OMNILENS_REGISTRATION", parse_bool, "true", "Whether strangers may create an account."),
    _variable("OMNILENS_DEFAULT_ROLE", str, "user", "Code of the role a new account gets."),
    _variable("OMNILENS_BOOTSTRAP_TOKEN", str, "", "API token of the first administrator, for unattended set-up.", secret=True),
    _variable("OMNILENS_METRICS_TOKEN", str, "", "Bearer token for /metrics from outside this machine.", secret=True),
    _variable("OMNILENS_EMAIL_URL", str, "", "smtp://user:password@host:port; empty writes mail to OMNILENS_VAR/mail.", secret=True),
    _variable("OMNILENS_EMAIL_FROM", str, "omnilens@localhost", "Sender of mail."),
    _variable("CUDA_VISIBLE_DEVICES", str, "", "Read by CUDA itself; shown by doctor."),
    _variable("PYTORCH_CUDA_ALLOC_CONF", str, "", "Read by PyTorch itself; shown by doctor."),
)

VARIABLES = {variable.name: variable for variable in _LIST}


def read_dotenv(path: Path) -> None:
    """Load `NAME=value` lines; variables that are already set win."""
    import environ

    if path.is_file():
        environ.Env.read_env(str(path))


def _raw(variable: Variable) -> tuple[str, str] | None:
    for name in (variable.name, *variable.aliases):
        if name in os.environ:
            return name, os.environ[name]
        if os.environ.get(f"{name}_FILE"):
            return name, Path(os.environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
    return None


def get(name: str) -> Any:
    """The parsed value of a declared variable, its default, or None.

    Raises ImproperlyConfigured, naming the variable, when the text does not parse.
    """
    variable = VARIABLES[name]
    found = _raw(variable)
    if found is None:
        return None if variable.default is None else variable.parse(variable.default)
    spelling, text = found
    try:
        return variable.parse(text)
    except ValueError as error:
        shown = "***" if variable.secret else repr(text)
        raise ImproperlyConfigured(f"{spelling}={shown}: {error}") from error


def unknown_names() -> list[str]:
    """`OMNILENS_*` names in the environment that no variable declares (a typing mistake)."""
    known = set(VARIABLES) | {f"{name}_FILE" for name in VARIABLES}
    return sorted(n for n in os.environ if n.startswith("OMNILENS_") and n not in known)
