"""Lets basicsr 1.4.2 import under a torchvision that no longer has the module it asks for.

`basicsr/data/degradations.py` takes `rgb_to_grayscale` from `torchvision.transforms.functional_tensor`,
which is now in `torchvision.transforms.functional`.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from types import ModuleType

MISSING = "torchvision.transforms.functional_tensor"
_lock = threading.Lock()


def install() -> None:
    """Call before the first import of gfpgan, basicsr or facexlib; does nothing where the real
    module exists, or when it was called before."""
    with _lock:
        if MISSING in sys.modules or importlib.util.find_spec(MISSING) is not None:
            return
        from torchvision.transforms.functional import rgb_to_grayscale

        module = ModuleType(MISSING, "One function under its old name, for basicsr.")
        module.__dict__["rgb_to_grayscale"] = rgb_to_grayscale
        sys.modules[MISSING] = module
