"""Where bfloat16 moves the classifier: each stage rounded alone, on any processor.

python -m tests.bench.xray.rounding --data PACK [--split calibration] [--films 16] [--form-only]

The kernels multiply bfloat16 numbers, add in float32 and round what they write. Here that is done
with float32 operators and rounding between them, so it needs no processor that knows bfloat16 and
says nothing of speed. What may serve is decided by `xray_eval --formats` on the real kernels alone.
The form that serves was chosen with this table of calibration films.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from tests.bench.enhance import hardware
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from xray.management.data_argument import SPLITS, rows_of
from xray.pipeline.checkpoint import load_classifier, read_calibration
from xray.pipeline.classifier import FilmClassifier, score
from xray.pipeline.folding import BLOCK_LAYERS, folded_body
from xray.pipeline.form import EXACT_LAYER
from xray.pipeline.heatmap import locate
from xray.services.shipped import shipped_classifier
from xray.training.evaluate import framed_films
from xray.training.packs import open_pack

STEM = "stem"
STAGES = (STEM, *BLOCK_LAYERS)
Rounds = Callable[[str], bool]
"""Whether a kind of number is rounded: weights, biases, features."""
KINDS = {"weight": "the weights", "bias": "the biases", "feature": "the features"}
EVERYTHING: Rounds = lambda kind: True  # noqa: E731


class RoundedBody(nn.Module):
    """The folded body with the numbers of some stages rounded as bfloat16 kernels round them."""

    def __init__(
        self, folded: nn.Sequential, stages: tuple[str, ...], rounds: Rounds = EVERYTHING
    ) -> None:
        super().__init__()
        self.folded, self.stages, self.rounds = copy.deepcopy(folded), stages, rounds
        with torch.no_grad():
            for stage in stages:
                layer = self.folded.get_submodule("conv1" if stage == STEM else stage)
                for convolution in layer.modules():
                    if isinstance(convolution, nn.Conv2d) and convolution.bias is not None:
                        for kind in ("weight", "bias"):
                            if rounds(kind):
                                number = getattr(convolution, kind)
                                number.copy_(rounded(number))

    def forward(self, inputs: Tensor) -> Tensor:
        """As the folded body."""
        body = self.folded
        kept = self._kept(STEM)
        features = body.maxpool(kept(torch.relu(body.conv1(kept(inputs)))))  # type: ignore[operator]
        for stage in BLOCK_LAYERS:
            kept = self._kept(stage)
            features = kept(features)
            for block in body.get_submodule(stage).children():
                features = _block(block, features, kept)  # type: ignore[arg-type]
        return features  # type: ignore[no-any-return]

    def _kept(self, stage: str) -> Callable[[Tensor], Tensor]:
        is_rounded = stage in self.stages and self.rounds("feature")
        return rounded if is_rounded else lambda features: features


def _block(block: Bottleneck, features: Tensor, kept: Callable[[Tensor], Tensor]) -> Tensor:
    around = features if block.downsample is None else kept(block.downsample(features))
    inner = kept(torch.relu(block.conv1(features)))
    inner = kept(torch.relu(block.conv2(inner)))
    return kept(torch.relu(block.conv3(inner) + around))


def rounded(numbers: Tensor) -> Tensor:
    """The nearest bfloat16 numbers, as float32."""
    return numbers.to(torch.bfloat16).float()


def measure(
    report: Report, data: Path, model: Path, *, split: str, films: int, form_only: bool
) -> None:
    """Plain once, then each way to round."""
    network, spec = load_classifier(model)
    calibration = read_calibration(model)
    pack = open_pack(data)
    _, rows = rows_of(pack, split, seed=0)
    chosen = rows[:: max(1, len(rows) // films)][:films]
    pixels = [film.numpy() for film in framed_films(pack, chosen, spec)]
    folded = folded_body(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    plain = _scores(FilmClassifier(network, spec, body=folded), pixels)
    after = tuple(stage for stage in STAGES if stage not in (STEM, EXACT_LAYER))
    ways: dict[str, tuple[tuple[str, ...], Rounds]] = {
        "all rounded": (STAGES, EVERYTHING),
        "as served: stem and first stage exact": (after, EVERYTHING),
    }
    if not form_only:
        ways |= {
            f"only {told}": (STAGES, lambda one, kind=kind: one == kind)
            for kind, told in KINDS.items()
        }
        ways |= {f"only {stage}": ((stage,), EVERYTHING) for stage in STAGES}
    for name, (stages, rounds) in ways.items():
        found = _scores(FilmClassifier(network, spec, body=RoundedBody(folded, stages, rounds)), pixels)  # fmt: skip
        steps = np.array([(b - a) / calibration.temperature for (a, _), (b, _) in zip(plain, found, strict=True)])  # fmt: skip
        moved = [abs(calibration.probability(b) - calibration.probability(a)) for (a, _), (b, _) in zip(plain, found, strict=True)]  # fmt: skip
        same = np.mean([a == b for (_, a), (_, b) in zip(plain, found, strict=True)])
        report.add(f"{name}: calibrated logit, root mean square", float(np.sqrt(np.mean(steps**2))))
        report.add(f"{name}: largest |dp|, {len(pixels)} films", max(moved))
        report.add(f"{name}: same region of the heat map", float(same), "of 1")


def _scores(classifier: FilmClassifier, films: list[np.ndarray]) -> list[tuple[float, str]]:
    """Logit and region of each."""
    classifier.eval()
    found = (score(classifier, [film], device="cpu")[0] for film in films)
    return [(one.pneumonia, str(locate(np.maximum(one.evidence, 0))[0])) for one in found]


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, films=16)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--model", type=Path, default=shipped_classifier())
    options.add_argument("--split", choices=SPLITS, default="calibration")
    options.add_argument("--form-only", action="store_true", help="not stage by stage")
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    report = Report(f"rounding, {hardware.describe()}", file=arguments.json)
    measure(
        report,
        arguments.data,
        arguments.model,
        split=arguments.split,
        films=arguments.films,
        form_only=arguments.form_only,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
