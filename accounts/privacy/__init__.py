"""The right to take one's data along and to leave: rooms take part by registering.

`register_exporter(name, export)` and `register_eraser(name, erase, files=...)` are called in an
AppConfig's `ready()`; accounts imports no other room.
"""

from accounts.privacy.erase import erase_user, finish_erasures
from accounts.privacy.export import export_user
from accounts.privacy.registry import register_eraser, register_exporter

__all__ = [
    "erase_user",
    "export_user",
    "finish_erasures",
    "register_eraser",
    "register_exporter",
]
