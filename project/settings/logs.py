"""Logging: one line an event, with the request id; never bodies, images or tokens."""

from typing import Any


def logging_config(*, level: str, file: str, as_json: bool) -> dict[str, Any]:
    """A dictConfig for the console and, if `file` is given, a rotating file."""
    formatter = "json" if as_json else "plain"
    handlers: dict[str, Any] = {
        "console": {"class": "logging.StreamHandler", "formatter": formatter}
    }
    if file:
        handlers["file"] = {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": file,
            "maxBytes": 10_000_000,
            "backupCount": 5,
            "formatter": formatter,
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
            "json": {"()": "project.json_log.JsonFormatter"},
        },
        "handlers": handlers,
        "root": {"level": level.upper(), "handlers": list(handlers)},
    }
