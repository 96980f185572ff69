"""The child process that decodes one compressed film: bytes in, a line of JSON and pixels out.

Run by path, with nothing of Django or of this platform in it. The decoders are native code fed with
files of strangers, and a few bytes may ask for gigabytes: here that costs this process and no other.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

MAX_ADDRESS_BYTES = 3 << 30
MAX_CPU_SECONDS = 60
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def main() -> None:
    """Decode what stands on standard input, within limits of memory and time."""
    _limit()
    import gdcm

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
    options = json.loads(sys.stdin.buffer.readline())
    stream = sys.stdin.buffer.read()
    pixels = _extended(gdcm, stream, options) if _is_deep_jpeg(options) else _any(stream, options)
    facts = {"shape": list(pixels.shape), "dtype": pixels.dtype.newbyteorder("<").str}
    out = sys.stdout.buffer
    out.write(json.dumps(facts).encode() + b"\n")
    out.write(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())
    out.flush()


def _is_deep_jpeg(options: dict[str, Any]) -> bool:
    return bool(options["syntax"] == JPEG_EXTENDED and options["bits_stored"] > 8)


def _any(stream: bytes, options: dict[str, Any]) -> Any:
    """RGB where there are three samples; signs as the data set says."""
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    given: dict[str, Any] = {name: value for name, value in options.items() if name != "syntax"}
    given |= {"number_of_frames": 1, "pixel_keyword": "PixelData"}
    decoder = get_decoder(UID(options["syntax"]))
    pixels, _ = decoder.as_array(encapsulate([stream]), index=0, **given)
    return pixels


def _extended(gdcm: Any, stream: bytes, options: dict[str, Any]) -> Any:
    """JPEG with 12 bits, which gdcm decodes and pydicom's use of it leaves out."""
    import numpy as np

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((options["columns"], options["rows"], 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(options["photometric_interpretation"])
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(JPEG_EXTENDED)))
    bits = options["bits_stored"]
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, 0))
    # gdcm hands bytes out as text.
    raw = image.GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(raw, "<u2").reshape(options["rows"], options["columns"])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    # No file may be written, no core be dumped.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
