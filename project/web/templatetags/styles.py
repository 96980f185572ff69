"""`{% component_styles %}`: the stylesheets of every page's head."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from project.web.static_files import HashedStaticFilesStorage
from project.web.stylesheets import BUNDLE, stylesheets

register = template.Library()


@register.simple_tag
def component_styles() -> SafeString:
    """One joined file where files were collected, else (development, tests) each by itself."""
    is_joined = isinstance(staticfiles_storage, HashedStaticFilesStorage) and not settings.DEBUG
    names = (BUNDLE,) if is_joined else stylesheets()
    links = ((static(name),) for name in names)
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', links)
