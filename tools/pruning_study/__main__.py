"""``python -m tools.pruning_study``: the figures of docs/pruning.md, measured anew."""

from __future__ import annotations

import argparse
from pathlib import Path

import minidb
from nn_ops.store.import_network import store_network
from quant.checkpoint_network import read_graph
from quant.files import write_bytes
from quant.prune import BLOCK_SUM, Plan
from quant.prune_checkpoint import counts_of_file, prune_checkpoint
from quant.trainer.settings import Place
from quant.trainer.train import train
from tools.pruning_study.plot import draw
from tools.pruning_study.runs import SEEDS, Trained, spread, train_seed
from tools.pruning_study.sweep import NEVER, Point, as_csv, as_markdown, best_within, judge, sweep

EPOCHS, TUNING_EPOCHS, TUNING_RATE = 70, 10, 1e-3
WITHIN = 1.0
TUNED = ("conv2", 64, BLOCK_SUM)


def main() -> None:
    """Train, sweep, fine-tune, and write tables, figure and summary."""
    parser = argparse.ArgumentParser(prog="python -m tools.pruning_study", description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default: {EPOCHS}")
    parser.add_argument("--work", type=Path, default=Path("results/pruning-study"))
    parser.add_argument("--out", type=Path, default=Path("docs/pruning"))
    options = parser.parse_args()
    runs = [train_seed(seed, options.epochs, options.work / f"seed-{seed}") for seed in SEEDS]
    points = sweep(runs[0], options.work)
    tuned = tune(runs[0], points, options.work)
    explain(runs[0], options.work)
    options.out.mkdir(parents=True, exist_ok=True)
    write_bytes(options.out / "sweep.csv", as_csv(points).encode())
    write_bytes(options.out / "measured.md", report(runs, points, tuned).encode())
    draw(points, options.out / "sweep.png")
    print(report(runs, points, tuned))


def tune(run: Trained, points: list[Point], work: Path) -> tuple[Point, Point]:
    """Fine-tune the network whose whole words are pruned by half; return it before and after."""
    half = min(
        (one for one in points if (one.layers, one.block, one.strategy) == TUNED),
        key=lambda one: abs((one.pruned or 0) - 0.5),
    )
    counts, start = counts_of_file(run.flips, None), work / "half.pt"
    prune_checkpoint(run.checkpoint, start, counts, Plan(BLOCK_SUM, half.threshold, 64, ("conv2",)))
    folder = work / f"tuned-{half.threshold}"
    given = {"seed": run.seed, "epochs": TUNING_EPOCHS, "optimizer": "Adam", "lr": TUNING_RATE}
    given |= {"weight_decay": 0.0, "flips": "none"}
    if not (folder / "checkpoint.pt").exists():
        train(given, Place(folder=folder, device="cpu"), None, minidb.connect, start)
    never = Plan(BLOCK_SUM, NEVER)
    return half, judge(folder / "checkpoint.pt", counts, never, work / "pruned.pt")


def explain(run: Trained, work: Path) -> None:
    """Print the model's tree before and after."""
    with minidb.connect() as connection:
        store_network(connection, read_graph(run.checkpoint), "net")
        store_network(connection, read_graph(work / "half.pt"), "half")
        for name in ("net", "half"):
            rows = connection.execute(f"EXPLAIN MODEL {name}").rows()
            print("\n".join(text for (text,) in rows), end="\n\n")


def report(runs: list[Trained], points: list[Point], tuned: tuple[Point, Point]) -> str:
    """Return what was measured, as Markdown."""
    middle, deviation = spread(runs)
    lines = [
        f"# Measured: pruning the digits network, {runs[0].epochs} epochs",
        "",
        "Made by `python -m tools.pruning_study`; what it means: [pruning](../pruning.md).",
        "",
        "| seed | held out (599 images) |",
        "|---|---|",
        *(f"| {run.seed} | {run.accuracy:.2f} % |" for run in runs),
        f"| mean ± standard deviation | {middle:.2f} ± {deviation:.2f} |",
        "",
        f"Within one point of accuracy (seed {runs[0].seed}):",
        "",
        "| layers | block | strategy | threshold | pruned | words left | accuracy |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {point.layers} | {point.block} | {point.strategy} | {point.threshold:,} | "
            f"{point.pruned:.1%} | "
            f"{point.words_left:.1%} | {point.database:.2f} % |"
            for point in best_within(points, WITHIN)
        ),
        "",
        f"Fine-tuned for {TUNING_EPOCHS} epochs with its pruned words left out (conv2, block 64, strategy 1, "
        f"threshold {tuned[0].threshold:,}, {tuned[0].pruned:.1%} pruned): "
        f"{tuned[0].database or 0:.2f} % before, {tuned[1].database or 0:.2f} % after; "
        f"images on which database and PyTorch differ: {tuned[1].different}.",
        "",
        "Every point of the sweep:",
        "",
        as_markdown(points),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
