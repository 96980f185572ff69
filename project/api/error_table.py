"""`docs/api/errors.md`, made from the catalogue."""

from __future__ import annotations

from django.utils import translation

from project.api.catalogue import all_codes

_HEAD = """# Error codes

Made by `manage.py errors_table`; do not edit. Every error of the API is a problem document
(RFC 9457, `application/problem+json`):

```json
{
  "type": "/docs/errors#not_found",
  "title": "Not found",
  "status": 404,
  "code": "not_found",
  "detail": "It does not exist, or it is not yours to see.",
  "fields": {},
  "request_id": "7f3c9a52d1e84b0c"
}
```

`code` is stable and English; `title` and `detail` are in the caller's language
(`Accept-Language`). `fields` maps each wrong field (nested names joined with dots) to a list of
`{code, detail}`. Some problems carry more members, named below. `request_id` is also the
`X-Request-Id` of the response and stands in the log. 429 and 503 come with `Retry-After`.

| Code | Status | Title | Meaning |
|---|---|---|---|
"""


def error_table() -> str:
    """The whole file, in English."""
    with translation.override("en"):
        rows = [
            f"| `{entry.code}` | {entry.status} | {entry.title} | {entry.meaning} |"
            for entry in all_codes()
        ]
    return _HEAD + "\n".join(rows) + "\n"
