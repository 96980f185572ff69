"""Users, roles and API tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.Model):
    """What a group of users may do; `administrator`, `operator` and `user` always exist."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    USER = "user"
    BUILT_IN: ClassVar[tuple[str, ...]] = (ADMINISTRATOR, OPERATOR, USER)

    code = models.SlugField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, PermissionsMixin):
    """One person. `is_staff` opens the admin; roles say what they may do there.

    Inherits `password` and `last_login` from AbstractBaseUser, `is_superuser` from PermissionsMixin.
    """

    username = models.CharField(
        _("username"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
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

    objects: ClassVar[UserManager[User]] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.username

    def has_role(self, code: str) -> bool:
        """Whether the user holds the role `code`."""
        return any(role.code == code for role in self.roles.all())

    @property
    def is_administrator(self) -> bool:
        """Superusers and holders of the administrator role manage users and roles."""
        return self.is_active and (self.is_superuser or self.has_role(Role.ADMINISTRATOR))

    @property
    def is_operator(self) -> bool:
        """Operators see the queue and the workers, never another person's pictures."""
        return self.is_administrator or (self.is_active and self.has_role(Role.OPERATOR))


class ApiToken(models.Model):
    """A named key for programs: shown once, kept as sha256, limited by scopes and expiry."""

    owner = models.ForeignKey(User, models.CASCADE, verbose_name=_("owner"), related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, help_text=_("First characters, to recognise it."))
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
