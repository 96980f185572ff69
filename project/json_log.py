"""One JSON object a line, with the request id."""

import json
import logging

from project.log_redaction import redact


class JsonFormatter(logging.Formatter):
    """`{at, level, logger, message, request_id}` and `error` for exceptions; all redacted."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        from project.api.request_id import current_request_id

        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request_id": current_request_id(),
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
