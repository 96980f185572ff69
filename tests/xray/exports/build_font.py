"""Make the two report fonts of `xray/exports/fonts/` from a variable Noto Sans SC.

    python -m tests.xray.exports.build_font "NotoSansSC[wght].ttf"

Wants fonttools, which no lock of ours holds: the fonts are committed and rarely made. Takes a
minute. The same fonttools (4.6x) and source give the same bytes, since no date is written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

FONTS = Path(__file__).parents[3] / "xray" / "exports" / "fonts"
WEIGHTS = {"Regular": 400, "Bold": 700}


def characters() -> list[int]:
    """Every character of GB 2312, and Latin, Greek and signs that a report may hold."""
    wanted = {*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x391, 0x3CA), *range(0x2010, 0x2040)}
    wanted |= {0x20AC, 0x2103, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2264, 0x2265, 0x2260}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:
                continue  # a hole in the table
    return sorted(wanted)


def main() -> None:
    """Pin the weight, drop what no report shows, rename, write."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    source = parser.parse_args().source
    for style, weight in WEIGHTS.items():
        font = instancer.instantiateVariableFont(
            TTFont(source, recalcTimestamp=False), {"wght": weight}, updateFontNames=False
        )
        options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
        cut = subset.Subsetter(options)
        cut.populate(unicodes=characters())
        cut.subset(font)
        name = f"NotoSansSC-{style}-GB2312"
        for record in font["name"].names:
            record.string = {
                1: "Noto Sans SC GB2312", 2: style, 3: name, 4: f"Noto Sans SC GB2312 {style}",
                6: name,
            }.get(record.nameID, record.toUnicode())  # fmt: skip
        target = FONTS / f"{name}.ttf"
        font.save(target)
        print(target.name, target.stat().st_size, len(font.getBestCmap()))


if __name__ == "__main__":
    main()
