"""Train the gate: batches of films, turned films, inverted films and everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from xray.pipeline.gate_network import INVERTED, ROTATED, UPRIGHT, as_gate_input, gate_network
from xray.training.augment import Strength, augment
from xray.training.negatives import Negatives, Pictures
from xray.training.schedule import learning_rate

# Films arrive turned by up to 8 degrees from `film_looks`; both together stay within 15.
STRENGTH = Strength(
    degrees=7, scale=0.08, aspect=0.1, shift=0.04, gamma=0.35, contrast=0.25, brightness=0.15,
    noise=0.05, blur_share=0.25, cover_share=0.2, cover_size=(0.08, 0.22),
)  # fmt: skip
SMOOTHING = 0.02
# Of the inverted films this share is turned as well: still inverted, and no single repair helps.
TURNED_TOO = 0.15


@dataclass(frozen=True, slots=True)
class GateRecipe:
    """All that the outcome depends on besides the pictures."""

    px: int = 64
    steps: int = 900
    batch: int = 96
    peak_rate: float = 3e-3
    weight_decay: float = 0.05
    seed: int = 0
    precision: str = "bf16"
    """bf16 or fp32; with AMX bf16 takes less than half the time. Serving is always fp32."""
    shares: tuple[float, float, float] = (0.42, 0.14, 0.10)
    """Of a batch: upright, rotated, inverted; the rest is drawn from the negatives."""


def train_gate(
    films: Sequence[Pictures],
    negatives: Negatives,
    recipe: GateRecipe,
    *,
    say: Callable[[str], None],
) -> nn.Module:
    """A gate that learned from framed pictures (n, px, px) uint8, one array of films per population.

    Populations are drawn equally often whatever their size. Returns the network in eval mode.
    """
    torch.manual_seed(recipe.seed)
    random = Generator().manual_seed(recipe.seed)
    network = gate_network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        network.parameters(), recipe.peak_rate, weight_decay=recipe.weight_decay
    )
    populations = [torch.from_numpy(pictures) for pictures in films]
    others = torch.from_numpy(negatives.pictures)
    other_classes = torch.from_numpy(negatives.classes).long()
    network.train()
    for step in range(recipe.steps):
        rate = learning_rate(step / recipe.steps, peak=recipe.peak_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        pictures, classes = _batch(populations, others, other_classes, recipe, random)
        inputs = as_gate_input(pictures).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
            logits = network(inputs)
        loss = F.cross_entropy(logits.float(), classes, label_smoothing=SMOOTHING)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if (step + 1) % 100 == 0:
            say(f"step {step + 1} of {recipe.steps}: loss {float(loss.detach()):.4f}")
    return network.to(memory_format=torch.contiguous_format).eval()


def turned(pictures: Tensor, quarters: Tensor) -> Tensor:
    """(n, px, px), each turned by its own number of quarters."""
    result = pictures.clone()
    for quarter in (1, 2, 3):
        chosen = quarters == quarter
        result[chosen] = torch.rot90(pictures[chosen], quarter, dims=(1, 2))
    return result


def _batch(
    populations: Sequence[Tensor],
    others: Tensor,
    other_classes: Tensor,
    recipe: GateRecipe,
    random: Generator,
) -> tuple[Tensor, Tensor]:
    """Augmented pictures in [0, 1] and their classes."""
    upright, rotated, inverted = (int(share * recipe.batch) for share in recipe.shares)
    count = upright + rotated + inverted
    films = _films(populations, count, random)
    picked = torch.randint(len(others), (recipe.batch - count,), generator=random)
    pictures = torch.cat([films, others[picked].float() / 255])
    pictures = augment(pictures, random=random, strength=STRENGTH)
    quarters = torch.randint(1, 4, (rotated,), generator=random)
    start, end = upright, upright + rotated
    pictures[start:end] = turned(pictures[start:end], quarters)
    start, end = end, end + inverted
    also = (torch.rand(inverted, generator=random) < TURNED_TOO).long()
    quarters = also * torch.randint(1, 4, (inverted,), generator=random)
    pictures[start:end] = 1 - turned(pictures[start:end], quarters)
    classes = torch.cat(
        [
            torch.full((upright,), UPRIGHT),
            torch.full((rotated,), ROTATED),
            torch.full((inverted,), INVERTED),
            other_classes[picked],
        ]
    )
    return pictures, classes


def _films(populations: Sequence[Tensor], count: int, random: Generator) -> Tensor:
    which = torch.randint(len(populations), (count,), generator=random)
    place = torch.rand(count, generator=random)
    chosen = [
        populations[index][int(share * len(populations[index]))]
        for index, share in zip(which.tolist(), place.tolist(), strict=True)
    ]
    return torch.stack(chosen).float() / 255
