from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """The dashboard shell; it owns no model."""

    name = "project.web"
    label = "web"
    verbose_name = _("Dashboard")


class AdminConfig(DjangoAdminConfig):
    """Django admin with our site."""

    default_site = "project.web.admin_site.OmnilensAdminSite"
