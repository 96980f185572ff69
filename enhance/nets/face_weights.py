"""The weights of the face path and the models they make; registered in `AppConfig.ready()`.

MTCNN comes from the wheel `facenet-pytorch` (MIT, never installed) and belongs to the embedded set.
The other files are release files of their authors. Their hashes are those that several public
manifests agree on; the files themselves were not at hand when they were written down.
"""

from __future__ import annotations

from enhance.nets.face_catalogue import MTCNN, PARSENET, RESTORERS, RETINAFACE
from project.inference import registry, weights
from project.inference.registry import Batching, ModelSpec
from project.inference.sources import HttpsFiles, PackageArchive
from project.inference.weights import PinnedFile, WeightsEntry

LOADER = "enhance.nets.face_loader:load_model"

_LICENCE = PinnedFile(
    name="LICENSE.md",
    sha256="9fac5781e1529f4dd1a045716e1859436038d2def9e108d101b6df20c5a11318",
    size=1070,
)
_MTCNN_FILES = (
    PinnedFile(
        name="pnet.pt",
        sha256="a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
        size=28_570,
    ),
    PinnedFile(
        name="rnet.pt",
        sha256="bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
        size=403_147,
    ),
    PinnedFile(
        name="onet.pt",
        sha256="165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
        size=1_559_269,
    ),
)
_GFPGAN_LICENCE = """\
GFPGAN (the network and its weights): Apache License 2.0
Copyright (C) 2021 THL A29 Limited, a Tencent company.
The licence of its repository names parts of others: StyleGAN2 (Nvidia Source Code License-NC) and
DFDNet (CC BY-NC-SA 4.0), from which code was taken, and the weights were trained on FFHQ
(CC BY-NC-SA 4.0). Whether your commercial use is covered is yours to judge.
"""
_RETINAFACE_LICENCE = """\
RetinaFace on ResNet-50 as facexlib distributes it: MIT License (facexlib; Pytorch_Retinaface).
Trained on WIDER FACE.
"""
_PARSENET_LICENCE = """\
ParseNet as facexlib distributes it (MIT License). The code names PSFRGAN as its origin, whose
repository is CC BY-NC-SA 4.0, and face parsing sets such as CelebAMask-HQ are for non-commercial
research. Treated as non-commercial here; without it an elliptical mask is used.
"""
_GFPGAN_RELEASES = "https://github.com/TencentARC/GFPGAN/releases/download"
_FACEXLIB_RELEASES = "https://github.com/xinntao/facexlib/releases/download"


def _release(
    name: str,
    version: str,
    url: str,
    sha256: str,
    size: int,
    *,
    convert: str,
    licence: str,
    licence_text: str,
    commercial: bool = True,
) -> WeightsEntry:
    """One release file, named as its address ends."""
    file = PinnedFile(name=url.rpartition("/")[2], sha256=sha256, size=size)
    return WeightsEntry(
        name=name,
        version=version,
        licence=licence,
        commercial=commercial,
        files=(file,),
        sources=(HttpsFiles(urls={file.name: url}),),
        convert=f"enhance.nets.face_convert:{convert}",
        licence_text=licence_text,
    )


def _gfpgan(name: str, path: str, sha256: str) -> WeightsEntry:
    """All three versions have the same network and file size."""
    return _release(
        name,
        name.rpartition("-")[2],
        f"{_GFPGAN_RELEASES}/{path}",
        sha256,
        348_632_874,
        convert="gfpgan_to_safetensors",
        licence="Apache-2.0",
        licence_text=_GFPGAN_LICENCE,
    )


ENTRIES = (
    WeightsEntry(
        name=MTCNN,
        version="2.6.0",
        licence="MIT",
        commercial=True,
        files=_MTCNN_FILES,
        sources=(
            PackageArchive(
                requirement="facenet-pytorch==2.6.0",
                archive="facenet_pytorch-2.6.0-py3-none-any.whl",
                sha256="ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca",
                members={
                    **{file.name: f"facenet_pytorch/data/{file.name}" for file in _MTCNN_FILES},
                    _LICENCE.name: "facenet_pytorch-2.6.0.dist-info/LICENSE.md",
                },
            ),
        ),
        convert="enhance.nets.face_convert:mtcnn_to_safetensors",
        licence_file=_LICENCE,
        embedded=True,
    ),
    _gfpgan(
        "gfpgan-1.4",
        "v1.3.0/GFPGANv1.4.pth",
        "e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad",
    ),
    _gfpgan(
        "gfpgan-1.3",
        "v1.3.0/GFPGANv1.3.pth",
        "c953a88f2727c85c3d9ae72e2bd4846bbaf59fe6972ad94130e23e7017524a70",
    ),
    _gfpgan(
        "gfpgan-1.2",
        "v0.2.0/GFPGANCleanv1-NoCE-C2.pth",
        "29e25ee90c170f4231163f4c83df6b59c968b73f3ce00cb884015ae005db083c",
    ),
    _release(
        RETINAFACE,
        "0.1.0",
        f"{_FACEXLIB_RELEASES}/v0.1.0/detection_Resnet50_Final.pth",
        "6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d",
        109_497_761,
        convert="retinaface_to_safetensors",
        licence="MIT",
        licence_text=_RETINAFACE_LICENCE,
    ),
    _release(
        PARSENET,
        "0.2.2",
        f"{_FACEXLIB_RELEASES}/v0.2.2/parsing_parsenet.pth",
        "3d558d8d0e42c20224f13cf5a29c79eba2d59913419f945545d8cf7b72920de2",
        85_331_193,
        convert="parsenet_to_safetensors",
        licence="CC-BY-NC-SA-4.0",
        licence_text=_PARSENET_LICENCE,
        commercial=False,
    ),
)

# One face is one payload; faces of all runs share a batch (pipeline/faces/restore.py).
_FACES = Batching(
    run="enhance.pipeline.faces.batch:restore_batch",
    shape_bucket="enhance.pipeline.faces.batch:bucket_of",
    max_batch=16,
    max_batch_cpu=1,
    max_wait_seconds=0.02,
    tolerance=1 / 255,
)
_MASKS = Batching(
    run="enhance.pipeline.faces.batch:parse_batch",
    shape_bucket="enhance.pipeline.faces.batch:bucket_of",
    max_batch=16,
    max_batch_cpu=1,
    max_wait_seconds=0.02,
    tolerance=1 / 255,
)


def _spec(name: str, task: str, size: int, batching: Batching | None = None) -> ModelSpec:
    """Float32 only: nobody has measured a lower format against the real weights yet."""
    version = next(entry.version for entry in ENTRIES if entry.name == name)
    return ModelSpec(
        name=name, version=version, task=task, loader=LOADER, weights=(name,),
        vram_estimate=size, channels_last=False, batching=batching,
    )  # fmt: skip


SPECS = (
    _spec(MTCNN, "detect_faces", 2_000_000),
    _spec(RETINAFACE, "detect_faces", 110_000_000),
    *(_spec(name, "restore_faces", 346_000_000, _FACES) for name in RESTORERS),
    _spec(PARSENET, "parse_faces", 86_000_000, _MASKS),
)


def register_all() -> None:
    """Make the face networks known to `manage.py models` and to the model host."""
    for entry in ENTRIES:
        weights.register(entry)
    for spec in SPECS:
        registry.register(spec)
