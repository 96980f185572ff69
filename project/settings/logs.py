"""Logging: one line an event, with the request id; never bodies, images, tokens or secrets."""

from pathlib import Path
from typing import Any


def logging_config(*, level: str, file: Path | None, as_json: bool) -> dict[str, Any]:
    """A dictConfig for the console and, if `file` is given, a private file.

    Both formatters redact (project/log_redaction.py), so that tracebacks are covered too.
    """
    formatter = "json" if as_json else "plain"
    # At DEBUG these print whole requests, with signatures, or a line for each chunk of a picture.
    without_detail = {"level": "INFO" if level == "DEBUG" else level}
    handlers: dict[str, Any] = {
        "console": {"class": "logging.StreamHandler", "formatter": formatter}
    }
    if file:
        handlers["file"] = {
            "class": "project.log_file.PrivateFileHandler",
            "filename": str(file),
            "formatter": formatter,
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": "project.log_redaction.PlainFormatter"},
            "json": {"()": "project.json_log.JsonFormatter"},
        },
        "filters": {"probes": {"()": "project.log_filters.ProbeFilter"}},
        "handlers": handlers,
        "root": {"level": level, "handlers": list(handlers)},
        "loggers": {
            "django.request": {"filters": ["probes"]},
            # Its request line would repeat what the proxy's access log holds, query included.
            "django.channels.server": {"level": "WARNING"},
            # Four lines about one socket at every start.
            "daphne": {"level": "WARNING"},
            "botocore": without_detail,
            "PIL": without_detail,
        },
    }
