"""One JSON object a line, with the request id."""

import json
import logging


class JsonFormatter(logging.Formatter):
    """`{at, level, logger, message, request_id}` and `error` for exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        from project.api.request_id import current_request_id

        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": current_request_id(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
