"""Rows that operators may look at and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Nobody adds, changes or deletes here, whatever rights they have."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """These rows are made by the work itself."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History does not change."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What may be deleted goes through its service, which removes the files as well."""
        del request, obj
        return False
