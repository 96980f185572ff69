"""The table of settings as Markdown, from the declarations."""

from __future__ import annotations

from project.settings import parsers
from project.settings.variables import GROUPS, Variable

HEAD = """# Settings

<!-- Written by `manage.py settings_table`; edit project/settings/variables.py instead. -->

Every setting is an environment variable. The file `.env` in the project root is read as well;
a variable that is set in the environment wins over it. `NAME_FILE` instead of `NAME` names a file
that holds the value. The older names in the last column work too; the first name wins.
Sizes take units (`20MB`, `512MiB`), durations too (`30s`, `10m`, `14d`).
Code reads the Django setting, never the environment.
"""

TYPES = {
    str: "text",
    int: "number",
    float: "number",
    parsers.positive: "number >= 1",
    parsers.boolean: "true or false",
    parsers.size: "size",
    parsers.duration: "duration",
    parsers.words: "list",
    parsers.extensions: "list",
    parsers.path: "path",
    parsers.optional_path: "path",
    parsers.pem_or_path: "path or PEM",
}


def render() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, variables in GROUPS.items():
        parts.append(f"\n## {title}\n")
        parts.append("| variable | type | default | meaning | Django setting | also read as |")
        parts.append("|---|---|---|---|---|---|")
        parts.extend(_row(variable) for variable in variables)
    return "\n".join(parts) + "\n"


def _row(variable: Variable) -> str:
    default = "unset" if variable.default is None else f"`{variable.default}`"
    cells = (
        f"`{variable.name}`",
        TYPES.get(variable.parse, "word"),
        "empty" if variable.default == "" else default,
        variable.help + (" Secret." if variable.secret else ""),
        f"`{variable.setting}`",
        ", ".join(f"`{alias}`" for alias in variable.aliases),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
