"""The interval of a share."""

from __future__ import annotations

import math

NORMAL_QUANTILE_95 = 1.959963984540054


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """95 % interval of `hits` of `total` by Wilson (1927, J. Am. Stat. Assoc. 22:209).

    Unlike the normal approximation it stays in [0, 1] and has a width at 0 hits. Raises
    ValueError for no trials or more hits than trials.
    """
    if total < 1 or not 0 <= hits <= total:
        raise ValueError(f"{hits} hits of {total} have no share")
    z, share = NORMAL_QUANTILE_95, hits / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if hits == 0 else (middle - half) / scale
    high = 1.0 if hits == total else (middle + half) / scale
    return low, high
