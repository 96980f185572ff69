"""Sign a finished, marked file. The mark in it becomes part of what is signed."""

from __future__ import annotations

import io
from collections.abc import Mapping

from django.conf import settings

from project.images.credentials import sdk
from project.images.credentials.errors import CannotSign, CannotSignCode
from project.images.credentials.formats import MEDIA_TYPES
from project.images.credentials.identity import Identity
from project.images.credentials.manifest import Edit, Scalar, definition
from project.images.credentials.signer import current_identity


def sign(
    content: bytes,
    *,
    format: str,
    source_type: str,
    description: str = "",
    models: Mapping[str, str] | None = None,
    parameters: Mapping[str, Scalar] | None = None,
    resized: bool = False,
    source_media_type: str = "",
    title: str = "",
    identity: Identity | None = None,
) -> bytes:
    """`content` (PNG, JPEG, WEBP or TIFF) with content credentials; its pixels stay as they are.

    `source_type` is the IPTC term that the file was marked with; `models` are network names and
    their versions; `parameters` are options worth telling. Whatever is passed can be read by
    everybody who gets the file: no name of a person or of a file. Raises CannotSign.
    """
    media_type = MEDIA_TYPES.get(format)
    if media_type is None:
        raise CannotSign(
            CannotSignCode.FORMAT_UNSUPPORTED,
            f"{format} cannot be signed; {', '.join(MEDIA_TYPES)} can.",
        )
    identity = identity or current_identity()
    edit = Edit(
        source_type=source_type,
        description=description,
        models=models or {},
        parameters=parameters or {},
        resized=resized,
        source_media_type=source_media_type,
    )
    manifest = definition(edit, version=settings.VERSION, title=title)
    c2pa = sdk.load()
    signed = io.BytesIO()
    try:
        info = c2pa.C2paSignerInfo(
            alg=identity.algorithm,
            sign_cert=identity.chain.encode(),
            private_key=identity.private_key.encode(),
            ta_url=None,  # a time stamp would send the picture's hash to somebody else
        )
        with (
            sdk.context() as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(manifest, context=context) as builder,
        ):
            builder.sign(signer, media_type, io.BytesIO(content), signed)
    except c2pa.C2paError as error:
        raise CannotSign(CannotSignCode.SIGNING_FAILED, str(error)) from error
    return signed.getvalue()
