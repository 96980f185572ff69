"""What a number format means for the classifier; read without torch.

In bfloat16 the stem and the first stage stay in float32 (see `packed.py`). Evidence names the form
that was measured, so what was found of another one never lets this one serve.
"""

from __future__ import annotations

BFLOAT16_FORM = "stem and layer1 in float32"
EXACT_LAYER = "layer1"
