"""Train the classifier from a data pack: progressive sizes, a time budget, resume, one seed.

The rule of when to stop is fixed in advance: the weights after the last step are the result. No
score of any film is looked at to choose between weights.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xray.pipeline.network import as_input, classifier, pneumonia_logit, virus_logit
from xray.pipeline.preprocess import frame
from xray.training.augment import augment
from xray.training.packs import FilmRow, Pack
from xray.training.schedule import Plan, learning_rate

Precision = Literal["auto", "bf16", "fp32"]

SMOOTHING = 0.05
SUBTYPE_WEIGHT = 0.3
STEPS_BETWEEN_SAVES = 100
UNKNOWN_SUBTYPE = -1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the outcome depends on, besides the films."""

    sizes: tuple[int, ...] = (96, 160, 224)
    epochs: tuple[int, ...] = (15, 8, 3)
    batch: int = 32
    peak_rate: float = 1e-3
    weight_decay: float = 0.05
    seed: int = 0
    precision: Precision = "auto"
    budget_s: float | None = None
    threads: int | None = None


@dataclass
class State:
    """All that a resumed run needs to go on as if it had never stopped."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    random: torch.Generator
    order: Tensor
    taken: int = 0
    step: int = 0
    done: float = 0.0
    elapsed_s: float = 0.0
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Trained:
    """The network after its last step, and how it got there."""

    network: nn.Module
    mean: float
    std: float
    px: int
    steps: int
    seconds: float
    precision: str


def train(
    pack: Pack,
    rows: Sequence[FilmRow],
    recipe: Recipe,
    *,
    save_to: Path,
    say: Callable[[str], None],
    start: nn.Module | None = None,
    resume: bool = False,
    device: str = "cpu",
) -> Trained:
    """Train on `rows` and return the last weights.

    The state is saved to `save_to` every `STEPS_BETWEEN_SAVES` steps; with `resume` the run goes
    on from there. Raises ValueError for a recipe that cannot be run or a state of another recipe.
    """
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    plan = Plan(
        recipe.sizes, recipe.epochs, max(1, len(rows) // recipe.batch), budget_s=recipe.budget_s
    )
    labels = _labels(rows)
    state = _fresh(len(rows), recipe, start, device)
    if resume:
        _restore(state, save_to, recipe)
        say(f"resumed at step {state.step}, {state.elapsed_s:.0f} s in")
    stage, films, mean, std = -1, torch.empty(0), 0.0, 1.0
    last = time.monotonic()
    while (progress := plan.progress(done=state.done, elapsed_s=state.elapsed_s)) < 1.0:
        if plan.stage(progress) != stage:
            stage = plan.stage(progress)
            films = load_films(pack, rows, recipe.sizes[stage])
            mean, std = float(films.mean()), float(films.std())
            say(f"stage {stage + 1}: {recipe.sizes[stage]} px, step {state.step}")
            last = time.monotonic()
        if not state.precision:
            state.precision = _choose_precision(recipe, films, device)
            say(f"precision {state.precision}")
            last = time.monotonic()
        picked = _next_batch(state, recipe.batch)
        rate = learning_rate(progress, peak=recipe.peak_rate)
        loss = _step(state, films[picked], labels[picked], rate, mean, std, device)
        state.done += plan.cost(stage)
        state.step += 1
        now = time.monotonic()
        state.elapsed_s += now - last
        last = now
        if state.step % STEPS_BETWEEN_SAVES == 0:
            say(
                f"step {state.step} progress {progress:.3f} loss {loss:.4f} rate {rate:.2e}"
                f" {state.elapsed_s:.0f} s"
            )
            _save(state, save_to, recipe)
            last = time.monotonic()
    if stage < 0:  # resumed at the end: the statistics of the films are still wanted
        films = load_films(pack, rows, recipe.sizes[-1])
        mean, std = float(films.mean()), float(films.std())
    _save(state, save_to, recipe)
    return Trained(
        state.network.eval(),
        mean,
        std,
        recipe.sizes[-1],
        state.step,
        state.elapsed_s,
        state.precision,
    )


def load_films(pack: Pack, rows: Sequence[FilmRow], px: int) -> Tensor:
    """(n, px, px) float32 in [0, 1], made by the same `frame` that serving uses."""
    return torch.stack([torch.from_numpy(frame(pack.film(row), px).pixels) for row in rows])


def _labels(rows: Sequence[FilmRow]) -> Tensor:
    """(n, 3): sick, viral or -1 where unknown, weight that balances sick and well."""
    sick = sum(row.sick for row in rows)
    if sick in (0, len(rows)):
        raise ValueError("the films are all of one class: there is nothing to learn")
    weight = {True: len(rows) / (2 * sick), False: len(rows) / (2 * (len(rows) - sick))}
    viral = {"virus": 1.0, "bacteria": 0.0}
    return torch.tensor(
        [
            (float(row.sick), viral.get(row.subtype, UNKNOWN_SUBTYPE), weight[row.sick])
            for row in rows
        ]
    )


def _fresh(count: int, recipe: Recipe, start: nn.Module | None, device: str) -> State:
    if count < recipe.batch:
        raise ValueError(f"{count} films are fewer than one batch of {recipe.batch}")
    torch.manual_seed(recipe.seed)
    network = (start or classifier()).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        network.parameters(), recipe.peak_rate, weight_decay=recipe.weight_decay, fused=True
    )
    random = torch.Generator().manual_seed(recipe.seed)
    return State(network, optimizer, random, torch.randperm(count, generator=random))


def _next_batch(state: State, size: int) -> Tensor:
    """The next films of a shuffle; a new shuffle when fewer than a batch are left."""
    if state.taken + size > len(state.order):
        state.order = torch.randperm(len(state.order), generator=state.random)
        state.taken = 0
    picked = state.order[state.taken : state.taken + size]
    state.taken += size
    return picked


def _step(
    state: State,
    films: Tensor,
    labels: Tensor,
    rate: float,
    mean: float,
    std: float,
    device: str,
) -> float:
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.network.train()
    inputs = as_input(augment(films, random=state.random).to(device), mean=mean, std=std)
    with torch.autocast(device, torch.bfloat16, enabled=state.precision == "bf16"):
        logits = state.network(inputs)
    loss = classification_loss(logits.float(), labels.to(device))
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    state.optimizer.step()
    return float(loss.detach())


def classification_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Balanced, smoothed cross-entropy of pneumonia, plus a part for its kind where known."""
    sick, viral, weight = labels.unbind(dim=1)
    target = sick * (1 - SMOOTHING) + SMOOTHING / 2
    main = F.binary_cross_entropy_with_logits(pneumonia_logit(logits), target, weight=weight)
    known = viral >= 0
    if not bool(known.any()):
        return main
    kind = F.binary_cross_entropy_with_logits(virus_logit(logits)[known], viral[known])
    return main + SUBTYPE_WEIGHT * kind


def _choose_precision(recipe: Recipe, films: Tensor, device: str) -> str:
    """The faster of bf16 and fp32 on this machine, by the median of three real steps each."""
    if recipe.precision != "auto":
        return recipe.precision
    times: dict[str, float] = {}
    network = classifier().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    inputs = as_input(films[: recipe.batch].to(device), mean=0.5, std=0.25)
    for name in ("bf16", "fp32"):
        taken = []
        for _ in range(4):
            begin = time.perf_counter()
            with torch.autocast(device, torch.bfloat16, enabled=name == "bf16"):
                loss = network(inputs).float().square().mean()
            loss.backward()
            if device == "cuda":
                torch.cuda.synchronize()
            taken.append(time.perf_counter() - begin)
        times[name] = sorted(taken[1:])[1]
    return min(times, key=lambda name: times[name])


def _identity(recipe: Recipe) -> dict[str, Any]:
    """What must be the same for a resumed run to be the same run."""
    return {
        "sizes": list(recipe.sizes),
        "epochs": list(recipe.epochs),
        "batch": recipe.batch,
        "peak_rate": recipe.peak_rate,
        "weight_decay": recipe.weight_decay,
        "seed": recipe.seed,
    }


def _save(state: State, path: Path, recipe: Recipe) -> None:
    """Written beside and moved over: a run that is killed while saving keeps the last state."""
    beside = path.with_suffix(".part")
    torch.save(
        {
            "recipe": _identity(recipe),
            "network": state.network.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "random": state.random.get_state(),
            "order": state.order,
            "counters": [state.taken, state.step, state.done, state.elapsed_s],
            "precision": state.precision,
        },
        beside,
    )
    beside.replace(path)


def _restore(state: State, path: Path, recipe: Recipe) -> None:
    saved = torch.load(path, weights_only=True, map_location="cpu")
    if saved["recipe"] != _identity(recipe):
        raise ValueError(f"{path} is a run of another recipe: {saved['recipe']}")
    if len(saved["order"]) != len(state.order):
        raise ValueError(f"{path} is a run over {len(saved['order'])} films")
    state.network.load_state_dict(saved["network"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.random.set_state(saved["random"])
    state.order = saved["order"]
    taken, step, state.done, state.elapsed_s = saved["counters"]
    state.taken, state.step = int(taken), int(step)
    state.precision = saved["precision"]
