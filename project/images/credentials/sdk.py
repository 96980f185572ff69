"""The C2PA library, loaded at the first use and kept off the network.

It can fetch manifests, revocation lists and time stamps. Nothing here may leave the machine, so
every context forbids all three and, should the library learn a fourth, every host.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from project.images.credentials.profile import PURPOSES

if TYPE_CHECKING:
    from types import ModuleType


def is_installed() -> bool:
    """Whether this process could sign; asks without importing."""
    return all(importlib.util.find_spec(name) for name in ("c2pa", "cryptography"))


def load() -> ModuleType:
    """The library; raises ImportError where only the web process is installed."""
    import c2pa

    module: ModuleType = c2pa
    return module


def context(*, anchors: str = "") -> Any:
    """Offline settings for one signature or one reading; `anchors` are PEM certificates."""
    trust = {"trust_config": "\n".join(PURPOSES)}
    if anchors:
        trust["user_anchors"] = anchors
    return load().Context.from_dict(
        {
            "trust": trust,
            "core": {"allowed_network_hosts": []},
            "verify": {
                "verify_after_sign": True,
                "verify_trust": True,
                "ocsp_fetch": False,
                "remote_manifest_fetch": False,
            },
            "builder": {
                # A thumbnail would be a second picture in the file, and slow to make.
                "thumbnail": {"enabled": False},
                # What we did is our own statement ("created"), not something gathered.
                "created_assertion_labels": ["c2pa.actions", "c2pa.actions.v2"],
                "actions": {
                    "auto_created_action": {"enabled": False},
                    "auto_opened_action": {"enabled": False},
                    "auto_placed_action": {"enabled": False},
                },
            },
        }
    )
