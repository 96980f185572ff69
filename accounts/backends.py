"""Who may sign in with a password, and what roles allow in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission

from accounts.models import User

OPERATOR_PERMISSIONS = frozenset(
    {
        "accounts.view_user",
        "accounts.view_role",
        "images.view_imagerecord",
        "jobs.view_job",
        "jobs.change_job",
        "jobs.view_jobevent",
        "jobs.view_worker",
        "jobs.view_runrate",
    }
)


class RoleBackend(ModelBackend):
    """Passwords as Django checks them; permissions from roles alone.

    Groups and per-user permissions are not consulted: staff who may edit one could otherwise
    hand themselves more than their role holds.
    """

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """Every permission for administrators, a fixed list for operators, none for others."""
        if not isinstance(user_obj, User) or obj is not None:
            return set()
        if user_obj.is_administrator:
            rows = Permission.objects.values_list("content_type__app_label", "codename")
            return {f"{label}.{codename}" for label, codename in rows.order_by()}
        return set(OPERATOR_PERMISSIONS) if user_obj.is_operator else set()

    def get_user_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """None: permissions come from roles."""
        return set()

    def get_group_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """None: permissions come from roles."""
        return set()

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Any = None) -> bool:
        """Whether the user's roles allow `perm`."""
        if not isinstance(user_obj, User) or obj is not None:
            return False
        if user_obj.is_administrator:
            return True
        return perm in OPERATOR_PERMISSIONS and user_obj.is_operator

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether the user's roles allow anything in the app `app_label`."""
        if not isinstance(user_obj, User):
            return False
        if user_obj.is_administrator:
            return True
        labels = {permission.split(".")[0] for permission in OPERATOR_PERMISSIONS}
        return app_label in labels and user_obj.is_operator
