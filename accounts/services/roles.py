"""Roles: create, change, assign, delete."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import role_cache
from accounts.errors import LastAdministrator, RoleBuiltIn, RoleInUse, invalid
from accounts.models import Role, User

BUILT_IN_TEXT = {
    Role.ADMINISTRATOR: ("Administrator", "Manages users, roles and settings."),
    Role.OPERATOR: ("Operator", "Watches the queue and the workers; never sees pictures."),
    Role.USER: ("User", "Works with their own pictures."),
}


def ensure_built_in_roles(*, using: str, apps: Apps = installed, **_signal: Any) -> None:
    """Make the roles the house depends on: after `flush` has emptied a table that migrations,
    which do not run again, had filled. Receiver of post_migrate."""
    try:
        role_model = apps.get_model("accounts", "Role")
    except LookupError:  # migrated back to before the first migration
        return
    for code, (name, description) in BUILT_IN_TEXT.items():
        role_model.objects.using(using).get_or_create(
            code=code, defaults={"name": name, "description": description}
        )


def default_role() -> Role:
    """The role of new accounts; raises ImproperlyConfigured when nobody made it."""
    role = Role.objects.filter(code=settings.DEFAULT_ROLE).first()
    if role is None:
        raise ImproperlyConfigured(
            f"OMNILENS_DEFAULT_ROLE={settings.DEFAULT_ROLE!r}: there is no such role"
        )
    return role


def create_role(
    *,
    code: str,
    name: str,
    description: str = "",
    device_seconds_per_day: int | None = None,
) -> Role:
    """Make a role; raises Invalid."""
    role = Role(
        code=code,
        name=name.strip(),
        description=description,
        device_seconds_per_day=device_seconds_per_day,
    )
    _save(role)
    return role


def change_role(
    *,
    role: Role,
    code: str | None = None,
    name: str | None = None,
    description: str | None = None,
    **allowance: int | None,
) -> Role:
    """Change what is given; `allowance` may hold `device_seconds_per_day`, where None lifts the
    limit and absence keeps it. Raises Invalid, and RoleBuiltIn for the code of a built-in role."""
    if code is not None and code != role.code:
        if role.is_built_in:
            raise RoleBuiltIn(_("The code of a built-in role cannot change."))
        role.code = code
    if name is not None:
        role.name = name.strip()
    if description is not None:
        role.description = description
    if "device_seconds_per_day" in allowance:
        role.device_seconds_per_day = allowance["device_seconds_per_day"]
    _save(role)
    return role


def delete_role(*, role: Role) -> None:
    """Delete a role that nobody holds; raises RoleBuiltIn or RoleInUse."""
    if role.is_built_in:
        raise RoleBuiltIn(_("A built-in role cannot be deleted."))
    with transaction.atomic():
        # Locked as in `assign_roles`, so that no assignment slips in between check and delete.
        locked = Role.objects.select_for_update().get(pk=role.pk)
        holders = locked.users.count()
        if holders:
            raise RoleInUse(
                _("The role %(role)s is still assigned.") % {"role": role.code},
                extra={"user_count": holders},
            )
        locked.delete()


def assign_roles(*, user: User, codes: Collection[str]) -> User:
    """Give `user` exactly these roles; raises Invalid or LastAdministrator."""
    with transaction.atomic():
        roles = list(Role.objects.select_for_update().filter(code__in=codes))
        missing = sorted(set(codes) - {role.code for role in roles})
        if missing:
            detail = _("Unknown roles: %(roles)s.") % {"roles": ", ".join(missing)}
            raise invalid({"roles": ValidationError(detail, code="unknown_role")})
        if Role.ADMINISTRATOR not in codes and not user.is_superuser:
            ensure_administrator_remains(without=user)
        user.roles.set(roles)
    return user


def ensure_administrator_remains(*, without: User) -> None:
    """Raises LastAdministrator if `without` is the only active administrator.

    Call inside the transaction that makes the change: the lock on the role lets two
    administrators step down one after the other, never both at once.
    """
    list(Role.objects.select_for_update().filter(code=Role.ADMINISTRATOR))
    administrators = User.objects.active_administrators()
    if not administrators.filter(pk=without.pk).exists():
        return
    if not administrators.exclude(pk=without.pk).exists():
        raise LastAdministrator(_("The last administrator must stay."))


def invalidate_cache(**_signal: Any) -> None:
    """Start a new generation of the cached list once the write is stored."""
    transaction.on_commit(role_cache.start_generation)


def _save(role: Role) -> None:
    try:
        role.full_clean()
        with transaction.atomic():
            role.save()
    except ValidationError as error:
        fields = {name: ValidationError(items) for name, items in error.error_dict.items()}
        raise invalid(fields) from error
    except IntegrityError as error:
        detail = _("A role with this code exists.")
        raise invalid({"code": ValidationError(detail, code="unique")}) from error
