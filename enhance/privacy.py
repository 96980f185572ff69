"""What a person takes along and what is forgotten; pictures and jobs have their own rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.models import User
from enhance.models import Enhancement


def export(user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """One JSON list of the person's enlargements."""
    rows = Enhancement.objects.visible_to(user).order_by("id")
    yield (
        "enhance/enlargements.json",
        [
            {
                "id": str(row.pk),
                "source_name": row.source_name,
                "source": str(row.source_id) if row.source_id else None,
                "result": str(row.result_id) if row.result_id else None,
                "options": row.options,
                "plan": row.plan,
                "warnings": row.warnings,
                "marking": row.marking,
                "timings": row.timings,
                "created_at": row.created_at.isoformat(),
            }
            for row in rows
        ],
    )


def erase(user: User) -> Mapping[str, int]:
    """Delete the person's enlargements; returns how many."""
    count, _ = Enhancement.objects.visible_to(user).delete()
    return {"enlargements": count}
