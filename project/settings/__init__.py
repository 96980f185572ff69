"""`project.settings` alone is the embedded default; profiles are its submodules.

Importing a profile (`project.settings.production`) runs this package first, so the
embedded default is loaded only when it is the module that Django was asked for.
"""

import os

if os.environ.get("DJANGO_SETTINGS_MODULE", "project.settings") == "project.settings":
    from project.settings.embedded import *  # noqa: F403  (a settings module is its names)
