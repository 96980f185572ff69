"""Pictures that are at hand: in installed packages and in a folder of the operator.

A source is what must not be parted between learning and measuring: one picture, one scan, or one
sub-folder. Photographs, drawings, microscopy, slices and projections of scans; no chest films.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image, UnidentifiedImageError

from xray.pipeline.preprocess import Film
from xray.training.canvas import spread
from xray.training.packs import PackError

# Folders inside installed packages that hold pictures; a package that is missing is left out.
PACKAGED = {
    "skimage": "data",
    "sklearn": "datasets/images",
    "matplotlib": "mpl-data/sample_data",
    "mahotas": "demos/data",
    "imgaug": ".",
    "pydicom": "data/test_files",
}
# How sources of the operator's folder are named, wherever it lies.
ADDED = "added"
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}
SMALLEST_SIDE, LARGEST_SIDE = 48, 512
SCAN_SIDE = 96
# Other pictures of a scene that is a source already.
SAME_SCENE = {
    "motorcycle_right.png": "motorcycle_left.png",
    "chessboard_GRAY.png": "chessboard_RGB.png",
    "multipage_rgb.tif": "multipage.tif",
    "examples_jpeg2k.dcm": "examples_rgb_color.dcm",
}
# Of the many files that pydicom ships to test readers, those with a picture of their own.
PYDICOM = {
    "693_J2KI.dcm",
    "CT_small.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "MR_small.dcm",
    "examples_jpeg2k.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "SC_rgb_jpeg.dcm",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One source: its name, and its pictures or its scan."""

    name: str
    kind: str
    """photo, slice (one DICOM picture) or scan (a volume)."""
    pictures: tuple[Film, ...]

    def draw(self, random: Generator) -> Film:
        """A crop of a picture, or a slice or projection of the scan."""
        pixels = self.pictures[int(random.integers(len(self.pictures)))]
        if pixels.ndim == 3:
            pixels = _view(pixels, random)
        return _crop(pixels, random)

    def whole(self) -> list[Film]:
        """Every picture as it is; of a scan the middle slice and projection along each axis."""
        if self.pictures[0].ndim == 2:
            return list(self.pictures)
        scan = self.pictures[0]
        middle = [spread(np.take(scan, scan.shape[axis] // 2, axis)) for axis in range(3)]
        return middle + [spread(scan.sum(axis=axis)) for axis in range(3)]


def packaged_sources() -> list[Found]:
    """Those of `PACKAGED` that are installed, in the order of their names."""
    found: list[Found] = []
    for package, inside in PACKAGED.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent / inside
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        wanted = (file for file in files if package != "pydicom" or file.name in PYDICOM)
        found += list(_singles(wanted, package))
    return _merged(found)


def folder_sources(folder: Path) -> list[Found]:
    """Each file at the root is a source, and each folder below is one, with all in it.

    Reads pictures, DICOM and three-dimensional `.npy`. Raises PackError when nothing is readable.
    """
    if not folder.is_dir():
        raise PackError(f"{folder} is no folder of pictures")
    entries = sorted(folder.iterdir())
    found = list(_singles((entry for entry in entries if entry.is_file()), ADDED))
    for entry in entries:
        inside = list(_singles(sorted(entry.rglob("*")), "")) if entry.is_dir() else []
        if inside:
            flat = tuple(p for one in inside for p in one.pictures)
            found.append(Found(f"{ADDED}/{entry.name}", inside[0].kind, flat))
    if not found:
        raise PackError(f"{folder} holds no picture that can be read")
    return found


def _singles(files: Iterable[Path], prefix: str) -> Iterator[Found]:
    for file in files:
        if not file.is_file():
            continue
        kind, pixels = _read(file)
        if pixels is not None and min(pixels.shape) >= SMALLEST_SIDE:
            yield Found(f"{prefix}/{file.name}", kind, (pixels,))


def _merged(found: list[Found]) -> list[Found]:
    """Several pictures of one scene become one source."""
    by_name: dict[str, Found] = {}
    for one in found:
        package, _, file = one.name.partition("/")
        name = f"{package}/{SAME_SCENE.get(file, file)}"
        first = by_name.get(name)
        pictures = (first.pictures if first else ()) + one.pictures
        by_name[name] = Found(name, one.kind, pictures)
    return list(by_name.values())


def _read(file: Path) -> tuple[str, Film | None]:
    """A picture of any kind as grey tones; None for what is none."""
    suffix = file.suffix.lower()
    if suffix in PICTURES:
        return "photo", _picture(file)
    if suffix == ".dcm":
        return "slice", _dicom(file)
    if suffix == ".npy":
        return "scan", _scan(file)
    return "", None


def _scan(file: Path) -> Film | None:
    """A volume with about `SCAN_SIDE` samples along each axis: a view is a small picture."""
    volume = np.load(file, allow_pickle=False)
    if volume.ndim != 3:
        return None
    z, y, x = (max(1, side // SCAN_SIDE) for side in volume.shape)
    return spread(volume[::z, ::y, ::x].astype(np.float32))


def _picture(file: Path) -> Film | None:
    try:
        with Image.open(file) as picture:
            picture.draft("L", (LARGEST_SIDE, LARGEST_SIDE))
            grey = _on_black(picture).convert("L")
    except (UnidentifiedImageError, OSError):
        return None
    grey.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return np.asarray(grey, dtype=np.float32) / np.float32(255)


def _on_black(picture: Image.Image) -> Image.Image:
    """What is transparent lies on black, as when a picture is sent to this room."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture
    shown = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", shown.size, "black"), shown)


def _dicom(file: Path) -> Film | None:
    """The first frame, its tones spread; None for what has no pixels that can be decoded here."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        data = pydicom.dcmread(file)
        pixels = np.asarray(data.pixel_array, dtype=np.float32)
    except (
        InvalidDicomError,
        AttributeError,
        ValueError,
        RuntimeError,
        OSError,
        NotImplementedError,
    ):
        return None
    if int(data.get("NumberOfFrames", 1) or 1) > 1:
        pixels = pixels[0]
    if pixels.ndim == 3:
        pixels = pixels.mean(axis=-1)
    if pixels.ndim != 2 or min(pixels.shape) < SMALLEST_SIDE:
        return None
    small = Image.fromarray(spread(pixels))
    small.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return np.asarray(small)


def _view(scan: Film, random: Generator) -> Film:
    """A slice, or the sum along an axis of a part of the scan: what a radiograph of it shows."""
    axis = int(random.integers(3))
    depth = scan.shape[axis]
    if random.random() < 0.5:
        return spread(np.take(scan, int(random.uniform(0.15, 0.85) * depth), axis))
    begin, end = sorted(int(share * depth) for share in random.uniform(0, 1, 2))
    if end - begin < depth // 3:
        begin, end = 0, depth
    summed = spread(np.take(scan, range(begin, end), axis).sum(axis=axis))
    return summed ** np.float32(random.uniform(0.7, 1.5))


def _crop(film: Film, random: Generator) -> Film:
    """The whole in one of four cases, else a part; turned, mirrored, inverted or re-exposed."""
    if random.random() > 0.25:
        height, width = (max(int(side * random.uniform(0.25, 1)), 24) for side in film.shape)
        height, width = min(height, film.shape[0]), min(width, film.shape[1])
        top = int(random.integers(0, film.shape[0] - height + 1))
        left = int(random.integers(0, film.shape[1] - width + 1))
        film = film[top : top + height, left : left + width]
    film = np.rot90(film, int(random.choice([0, 0, 0, 1, 2, 3])))
    if random.random() < 0.5:
        film = film[:, ::-1]
    if random.random() < 0.25:
        film = 1 - film
    return np.ascontiguousarray(film.clip(0, 1) ** np.float32(np.exp(random.uniform(-0.5, 0.5))))
