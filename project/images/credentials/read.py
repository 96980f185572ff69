"""What the content credentials of a file say, and whether they still hold."""

from __future__ import annotations

import enum
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from project.images.credentials import sdk
from project.images.credentials.errors import CannotRead, CannotSign
from project.images.credentials.formats import MEDIA_TYPES
from project.images.credentials.operator_key import operator_anchors

_UNTRUSTED = "signingCredential.untrusted"
_REMOTE = "Remote: "  # the library has no class of its own for it
UNREADABLE = "credentials_unreadable"


class State(enum.StrEnum):
    """VALID: intact, by a signer that the operator's authorities vouch for. UNTRUSTED: intact,
    by somebody unknown here, the development authority included. INVALID: changed after it was
    signed, or signed with a certificate that does not count (any more)."""

    VALID = "valid"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that was done, in the words of C2PA."""

    name: str
    source_type: str = ""
    software: str = ""
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The newest credentials of a file. `problems` are C2PA's codes for what does not hold."""

    state: State
    signer: str = ""
    generator: str = ""
    title: str = ""
    algorithm: str = ""
    actions: tuple[Action, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def source_type(self) -> str:
        """The IPTC term of the last action that has one."""
        return next((a.source_type for a in reversed(self.actions) if a.source_type), "")


def read_credentials(
    content: bytes, format: str, *, anchors: str | None = None
) -> Credentials | None:
    """The credentials in a PNG, JPEG, WEBP or TIFF file, or None where it has none.

    `anchors` (PEM) are the authorities that make a signer known; the operator's by default.
    Nothing is fetched: credentials that a file only points to raise CannotRead.
    """
    if format not in MEDIA_TYPES:
        raise CannotRead("format_unsupported", f"{format} files carry no credentials here.")
    if not sdk.is_installed():
        raise CannotRead("not_installed", "c2pa-python (requirements/ml.txt) is not installed.")
    if anchors is None:
        anchors = _anchors()
    c2pa = sdk.load()
    try:
        with (
            sdk.context(anchors=anchors) as context,
            c2pa.Reader(MEDIA_TYPES[format], io.BytesIO(content), context=context) as reader,
        ):
            return _credentials(json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return None
    except c2pa.C2paError as error:
        if str(error).startswith(_REMOTE):
            raise CannotRead(
                "elsewhere",
                "The file names an address that keeps its credentials; none is fetched.",
            ) from error
        # Something is there that calls itself credentials and cannot be parsed.
        return Credentials(state=State.INVALID, problems=(UNREADABLE,))


def _anchors() -> str:
    """A broken chain is reported where it signs; reading goes on without trust."""
    try:
        return operator_anchors()
    except CannotSign:
        return ""


def _credentials(store: dict[str, Any]) -> Credentials:
    manifest = store["manifests"][store["active_manifest"]]
    signature = manifest.get("signature_info", {})
    problems = tuple(sorted({item["code"] for item in store.get("validation_status", [])}))
    state = {"Trusted": State.VALID, "Valid": State.UNTRUSTED}.get(
        store.get("validation_state", ""), State.INVALID
    )
    names = [signature.get("common_name"), signature.get("issuer")]
    return Credentials(
        state=state,
        signer=", ".join(dict.fromkeys(name for name in names if name)),
        generator=_software(next(iter(manifest.get("claim_generator_info") or []), None)),
        title=manifest.get("title") or "",
        algorithm=signature.get("alg") or "",
        actions=_actions(manifest),
        problems=tuple(code for code in problems if state is State.INVALID or code != _UNTRUSTED),
    )


def _actions(manifest: dict[str, Any]) -> tuple[Action, ...]:
    return tuple(
        Action(
            name=str(action.get("action", "")),
            source_type=str(action.get("digitalSourceType") or ""),
            software=_software(action.get("softwareAgent")),
            description=str(action.get("description") or ""),
            parameters={
                name: str(value)
                for name, value in sorted((action.get("parameters") or {}).items())
                if isinstance(value, str | int | float | bool)
            },
        )
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    )


def _software(agent: object) -> str:
    """Name and version; older files hold plain text."""
    if isinstance(agent, dict):
        return f"{agent.get('name', '')} {agent.get('version') or ''}".strip()
    return str(agent or "")
