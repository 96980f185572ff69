"""Which stylesheets every page has: a component's is one by being in its folder."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf import settings

# Tokens come first: they order the layers.
FIRST: Final = ("css/tokens.css", "css/base.css")
COMPONENTS: Final = "css/components"
# The joined file lies where the components lie, so that their relative addresses hold.
BUNDLE: Final = f"{COMPONENTS}/all.css"


@cache
def stylesheets() -> tuple[str, ...]:
    """Tokens, base, then each component in alphabetical order."""
    folder = settings.BASE_DIR / "static" / COMPONENTS
    return (*FIRST, *(f"{COMPONENTS}/{path.name}" for path in sorted(folder.glob("*.css"))))
