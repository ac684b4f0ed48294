"""How long one training step of a recurrent character model takes, and how much memory: by tape, by hand, PyTorch.

    python benchmarks/recurrent.py [--quick] [--only NAME ...] [--json benchmarks/results/recurrent.json]

A step is the forward pass, the cross-entropy loss and all gradients. The model is a recurrent stack on characters under
an output layer: tinyseq reads ids, PyTorch reads one-hot vectors, which are made before the clock starts. Both have the
same weights, and the benchmark stops if their losses differ. Each step has a target of its own, which for one direction
is the next character. Two directions have read that character, so as a language model they would be worthless; the work
of a step is the same for any targets.

Time: all ways take turns in one process (A B C A B C ...), so that a busy machine is busy for all of them; the slow
tape takes part in the first rounds only, and not where layers lie on top of each other or side by side: there it does
the same again, and needs gigabytes for it. A ratio is the median over the rounds. Memory: the peak of a process of its
own for each way, libraries included.

Run it on an idle machine. Taking turns is not enough: PyTorch's threads wait for each other by spinning, so where
another program holds a core they lose far more than ours do, and the ratio says nothing about either.
"""
import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from threadpoolctl import threadpool_info

from tinyseq import backend, ops
from tinyseq.autograd import Tensor
from tinyseq.backend import host, manual_seed
from tinyseq.data import Rows
from tinyseq.interop import to_pytorch
from tinyseq.layers import GRU, LSTM, RNN, Linear, Module, Stack
from tinyseq.training.parallel import default_threads, loss_and_gradients, one_blas_thread_each

V = 65                                                     # the characters of Tiny Shakespeare
TWO_WAYS, DEEP = {"bidirectional": True}, {"num_layers": 3}


class Configuration(NamedTuple):
    """A stack to time: our class; its name in PyTorch, None where it has no counterpart; the settings of both; and of
    ours alone."""
    stack: Callable[..., Stack]
    in_pytorch: str | None
    settings: dict[str, Any]
    ours: dict[str, Any]


CONFIGURATIONS = {
    "RNN": Configuration(RNN, "RNN", {}, {}),
    "LSTM": Configuration(LSTM, "LSTM", {}, {}),
    "GRU (cudnn)": Configuration(GRU, "GRU", {}, {"variant": "cudnn"}),
    "GRU (book)": Configuration(GRU, None, {}, {"variant": "book"}),
    "BiLSTM": Configuration(LSTM, "LSTM", TWO_WAYS, {}),
    "LSTM, 3 layers": Configuration(LSTM, "LSTM", DEEP, {}),
    "BiLSTM, 3 layers": Configuration(LSTM, "LSTM", TWO_WAYS | DEEP, {}),
}
TAPE, HAND, THREADS, PYTORCH = "by tape", "by hand", "by hand, threads", "PyTorch"
RATIOS = [(PYTORCH, THREADS), (HAND, THREADS), (TAPE, HAND)]
TAPE_ROUNDS = 2
TOLERANCE = 1e-5                                           # of losses; one cell with other weights changes them by 6e-4
BUSY = 0.5                                                 # waiting programs, on average, beyond which we warn


class Sizes(NamedTuple):
    """What a step works on."""
    hidden: int
    batch: int
    seq_len: int
    threads: int


class Way(NamedTuple):
    """One way to take a step: `step` returns the loss; the clock runs inside `limits`."""
    step: Callable[[], float]
    limits: Callable[[], AbstractContextManager]


@dataclass(kw_only=True)
class Labelled(Rows):
    """ids and targets (B, T)."""
    ids: Any
    targets: Any


class Labeller(Module):
    """A stack under an output layer: a prediction at each step."""

    def __init__(self, stack: Stack):
        self.stack = stack
        self.output = Linear(stack.directions * stack.H, V)

    def loss(self, batch: Labelled) -> tuple[Tensor, int]:
        hs, _ = self.stack(batch.ids)
        return ops.cross_entropy(self.output(hs), batch.targets, reduction="sum"), batch.targets.size


def has_pytorch() -> bool:
    return importlib.util.find_spec("torch") is not None


def ways_of(cell: str) -> list[str]:
    """The ways that exist for this cell, here."""
    of_cell = CONFIGURATIONS[cell]
    return ([] if of_cell.settings else [TAPE]) + [HAND, THREADS] + (
        [PYTORCH] if of_cell.in_pytorch and has_pytorch() else [])


def text(sizes: Sizes) -> tuple[Any, Any]:
    """ids and targets (B, T) of a random text."""
    ids = host.np.random.default_rng(0).integers(0, V, (sizes.batch, sizes.seq_len + 1))
    return ids[:, :-1], ids[:, 1:]


def our_model(cell: str, method: str, sizes: Sizes) -> Labeller:
    manual_seed(0)
    stack, _, settings, ours = CONFIGURATIONS[cell]
    return Labeller(stack(V, sizes.hidden, method=method, **settings, **ours))


def our_way(cell: str, way: str, sizes: Sizes) -> Way:
    model = our_model(cell, "by_tape" if way == TAPE else "by_hand", sizes)
    threads = sizes.threads if way == THREADS else 1
    ids, targets = text(sizes)

    def step() -> float:
        loss, _ = loss_and_gradients(model, Labelled(ids=ids, targets=targets), threads)
        return float(loss)
    return Way(step, one_blas_thread_each)


def pytorch_way(cell: str, sizes: Sizes) -> Way:
    import torch

    torch.set_num_threads(sizes.threads)
    ours = our_model(cell, "by_hand", sizes)
    _, name, settings, _ = CONFIGURATIONS[cell]
    layer = getattr(torch.nn, str(name))(V, sizes.hidden, batch_first=True, **settings)
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in to_pytorch(ours.stack).items()})
    out = torch.nn.Linear(ours.stack.directions * sizes.hidden, V)
    out.load_state_dict({name: torch.from_numpy(array) for name, array in to_pytorch(ours.output).items()})
    parameters = [*layer.parameters(), *out.parameters()]
    ids, targets = (torch.from_numpy(host.np.ascontiguousarray(a)) for a in text(sizes))
    x = torch.nn.functional.one_hot(ids, V).float()

    def step() -> float:
        hs, _ = layer(x)
        loss = torch.nn.functional.cross_entropy(out(hs).reshape(-1, V), targets.reshape(-1))
        torch.autograd.grad(loss, parameters)
        return loss.item()
    return Way(step, nullcontext)


def make_way(cell: str, way: str, sizes: Sizes) -> Way:
    return pytorch_way(cell, sizes) if way == PYTORCH else our_way(cell, way, sizes)


def seconds(way: Way) -> float:
    """The time of one step."""
    with way.limits():
        start = time.perf_counter()
        way.step()
        return time.perf_counter() - start


def time_cell(cell: str, sizes: Sizes, rounds: int) -> dict[str, list[float]]:
    """The seconds of each way, round by round."""
    ways = {name: make_way(cell, name, sizes) for name in ways_of(cell)}
    losses = {}
    for name, way in ways.items():                         # not timed: memory is touched, caches are filled
        with way.limits():
            losses[name] = way.step()
    if max(losses.values()) - min(losses.values()) > TOLERANCE:
        sys.exit(f"{cell}: the ways compute different losses, so their times cannot be compared: {losses}")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(rounds):
        for name, way in ways.items():
            if name != TAPE or i < TAPE_ROUNDS:
                times[name].append(seconds(way))
    return times


def peak_of(cell: str, way: str, sizes: Sizes) -> int:
    """Peak memory in bytes of a fresh process that takes two steps this way.

    Linux starts a child's peak at the size of its parent, so all peaks are taken before this process grows."""
    job = json.dumps({"cell": cell, "way": way, "sizes": sizes})
    command = [sys.executable, __file__, "--memory-of", job]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def print_peak(job: dict[str, Any]) -> None:
    """The other end of `peak_of`, in the process of its own."""
    way = make_way(job["cell"], job["way"], Sizes(*job["sizes"]))
    with way.limits():
        way.step()
        way.step()
    print(backend.peak_memory())


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def measure(cell: str, sizes: Sizes, rounds: int, peaks: dict[str, int]) -> dict[str, Any]:
    """Times and ratios of one cell, beside its peaks."""
    times = time_cell(cell, sizes, rounds)
    ratios = {f"{slow} / {fast}": spread([a / b for a, b in zip(times[slow], times[fast], strict=False)])
              for slow, fast in RATIOS if slow in times}
    ways = {way: {**spread(t), "seconds": t, "peak_bytes": peaks[way]} for way, t in times.items()}
    return {"ways": ways, "ratios": ratios}


def report(cell: str, result: dict[str, Any]) -> None:
    print(f"\n{cell:26}{'s a step':>10}  (min - max)        steps  peak memory")
    for way, m in result["ways"].items():
        limits = f"({m['min']:.3f} - {m['max']:.3f})"
        print(f"  {way:24}{m['median']:10.3f}  {limits:18} {len(m['seconds']):5}  {m['peak_bytes'] / 2**20:8,.0f} MiB")
    for name, m in result["ratios"].items():
        print(f"  {name + ':':30} {m['median']:.2f}  ({m['min']:.2f} - {m['max']:.2f})")


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    blas = [f"{lib['internal_api']} {lib['version']}" for lib in threadpool_info() if lib["user_api"] == "blas"]
    return {"processor": processor(), "cores": os.cpu_count(), "system": platform.system(),
            "python": platform.python_version(), "numpy": version("numpy"), "blas": blas,
            "torch": version("torch") if has_pytorch() else None,
            "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY"), "load before": load()}


def load() -> float | None:
    """How many programs wanted a core in the last minute, on average, where the system tells it."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def processor() -> str:
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def table(results: dict[str, Any]) -> str:
    """The README's table in Markdown: medians in seconds, and how many times PyTorch's time ours is."""
    lines = [f"| | {TAPE} | {HAND} | {THREADS} | PyTorch | PyTorch / ours |", "|---|---|---|---|---|---|"]
    for cell, result in results["cells"].items():
        times = [f"{result['ways'][way]['median']:.2f}" if way in result["ways"] else "-"
                 for way in (TAPE, HAND, THREADS, PYTORCH)]
        ratio = result["ratios"].get(f"{PYTORCH} / {THREADS}")
        lines.append(f"| {cell} | {' | '.join(times)} | {format(ratio['median'], '.2f') if ratio else '-'} |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time and memory of one training step: RNN, LSTM, GRU.")
    parser.add_argument("--only", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS), metavar="NAME",
                        help=f"some of: {', '.join(f'{name!r}' for name in CONFIGURATIONS)} (default: all)")
    parser.add_argument("--hidden", type=int, default=256, help="H, units (default: 256)")
    parser.add_argument("--batch", type=int, default=256, help="B, rows of the batch (default: 256)")
    parser.add_argument("--seq-len", type=int, default=180, help="T, steps through time (default: 180)")
    parser.add_argument("--pairs", type=int, default=9, help="rounds in which every way takes a step (default: 9)")
    parser.add_argument("--threads", type=int, default=default_threads(), help="for our threads and for PyTorch's "
                        "(default: one a core)")
    parser.add_argument("--quick", action="store_true", help="small sizes, three rounds: only to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--memory-of", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.quick:
        args.hidden, args.batch, args.seq_len, args.pairs = 32, 16, 20, 3
    if min(args.hidden, args.batch, args.seq_len, args.pairs, args.threads) < 1:
        parser.error("sizes, --pairs and --threads are at least 1")
    return args


def main() -> None:
    args = arguments()
    if args.memory_of:
        print_peak(args.memory_of)
        return
    sizes = Sizes(args.hidden, args.batch, args.seq_len, args.threads)
    results: dict[str, Any] = {"machine": machine(), "sizes": {"V": V, **sizes._asdict()}, "cells": {}}
    print(f"V {V}, H {sizes.hidden}, T {sizes.seq_len}, B {sizes.batch}; threads: {sizes.threads}; {args.pairs} rounds")
    print(", ".join(f"{key} {value}" for key, value in results["machine"].items()))
    if not has_pytorch():
        print("PyTorch is not installed and is left out; to see it: pip install -e '.[oracle]'")
    if (before := results["machine"]["load before"] or 0) > BUSY:
        print(f"WARNING: the machine was busy (load {before}) when this began. Other programs "
              "slow PyTorch's threads down more than ours: do not quote these ratios.")
    peaks = {cell: {way: peak_of(cell, way, sizes) for way in ways_of(cell)} for cell in args.only}
    for cell in args.only:
        results["cells"][cell] = measure(cell, sizes, args.pairs, peaks[cell])
        report(cell, results["cells"][cell])
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
