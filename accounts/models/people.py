"""People and their roles."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _


@deconstructible
class UsernameValidator(UnicodeUsernameValidator):
    """No `@`: whoever signs in may type a username or an e-mail address, never a mix-up."""

    regex = r"^[\w.+-]+\Z"
    message = _("Use letters, digits and . + - _ only.")


class RoleQuerySet(models.QuerySet["Role"]):
    """Permission lives here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Roles are no secret among people who are signed in."""
        return self.all() if user.is_authenticated else self.none()


class Role(models.Model):
    """What a group of users may do; `administrator`, `operator` and `user` always exist."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    USER = "user"
    BUILT_IN: ClassVar[tuple[str, ...]] = (ADMINISTRATOR, OPERATOR, USER)

    code = models.SlugField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    device_seconds_per_day = models.PositiveIntegerField(
        _("device seconds a day"),
        null=True,
        blank=True,
        help_text=_("What each holder's jobs may use in 24 hours; empty means no limit."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_built_in(self) -> bool:
        """Whether the house depends on this role."""
        return self.code in self.BUILT_IN


class UserQuerySet(models.QuerySet["User"]):
    """Permission lives here: views reach people through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Administrators see everyone, everyone else sees only themselves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_administrator:
            return self.all()
        return self.filter(pk=user.pk)

    def active_administrators(self) -> Self:
        """Those who could let others in; the house keeps at least one."""
        held = models.Q(is_superuser=True) | models.Q(roles__code=Role.ADMINISTRATOR)
        return self.filter(held, is_active=True).distinct()

    def called(self, identifier: str) -> Self:
        """The account that `identifier` names: an e-mail address has an `@`, a username none."""
        if "@" in identifier:
            return self.filter(email__iexact=identifier)
        return self.filter(username__iexact=identifier)


class UserManager(DjangoUserManager["User"]):
    """Creation from Django, permission from UserQuerySet."""

    def get_queryset(self) -> UserQuerySet:
        """Every user."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: User | AnonymousUser) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().visible_to(user)

    def active_administrators(self) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().active_administrators()

    def called(self, identifier: str) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().called(identifier)


class User(AbstractBaseUser, PermissionsMixin):
    """One person. Roles say what they may do; `is_operator` opens the admin.

    Inherits `password` and `last_login` from AbstractBaseUser, `is_superuser` from PermissionsMixin.
    """

    username = models.CharField(
        _("username"), max_length=150, unique=True, validators=[UsernameValidator()]
    )
    email = models.EmailField(_("e-mail"), unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    roles = models.ManyToManyField(Role, verbose_name=_("roles"), related_name="users", blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_any_case",
                violation_error_code="username_taken",
                violation_error_message=_("This username is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_any_case",
                violation_error_code="email_taken",
                violation_error_message=_("An account with this e-mail address exists."),
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def has_role(self, code: str) -> bool:
        """Whether the user holds the role `code`."""
        return any(role.code == code for role in self.roles.all())

    @property
    def device_seconds_per_day(self) -> int | None:
        """The most generous allowance among the roles; None means no limit."""
        allowances = [role.device_seconds_per_day for role in self.roles.all()]
        limited = [seconds for seconds in allowances if seconds is not None]
        return max(limited) if limited and len(limited) == len(allowances) else None

    @property
    def is_administrator(self) -> bool:
        """Superusers and holders of the administrator role manage users and roles."""
        return self.is_active and (self.is_superuser or self.has_role(Role.ADMINISTRATOR))

    @property
    def is_operator(self) -> bool:
        """Operators see the queue and the workers, never another person's pictures."""
        return self.is_administrator or (self.is_active and self.has_role(Role.OPERATOR))


def signed_in(user: User | AnonymousUser) -> User:
    """`user` as a User; for code behind a permission check that has ruled out strangers."""
    if not user.is_authenticated:
        raise PermissionError("nobody is signed in")
    return user
