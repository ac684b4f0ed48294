"""How long a step of a transformer takes, and how much memory long sequences take: by hand, and PyTorch.

    python benchmarks/attention.py [--quick] [--only NAME ...] [--json benchmarks/results/attention.json]

Three parts at two sizes, of all of which a step is the forward pass and all gradients, those of the input among them:

    attention    causal multi-head attention, with its four projections
    block        a pre-norm block with GELU
    model        miniGPT: learned positions, several blocks, the tied output layer, cross-entropy

and two things about long texts:

    writing      the time of a symbol with the key-value cache, beside PyTorch's with the same cache written out; and at
                 the end of a text a hundred times as long as its beginning, with a window
    memory       the peak of a process that takes a training step over one sequence of 4,096 steps of width 256, with
                 lean attention

PyTorch computes attention by its fused kernel (scaled_dot_product_attention) and the three projections by one product.
Both sides have the same weights, and the benchmark stops if their losses differ. The ways take turns in one process,
two steps each, of which the second counts, as in a training where each has the machine to itself. A ratio is the median
over the rounds; on a busy machine it says nothing (recurrent.py says why).
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from recurrent import BUSY, Way, has_pytorch, machine, seconds, spread

from tinyseq import backend
from tinyseq.autograd import Tensor, gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.data import Rows
from tinyseq.interop import to_pytorch
from tinyseq.layers import Module, MultiHeadAttention, Transformer, TransformerBlock
from tinyseq.models.mini_gpt import Config, MiniGPT
from tinyseq.training.parallel import default_threads, loss_and_gradients, one_blas_thread_each

V = 65
TOLERANCE = 1e-4                                           # of losses, relative


class Sizes(NamedTuple):
    """What a step works on."""
    batch: int
    seq_len: int
    width: int
    heads: int
    layers: int


SIZES = {"large": Sizes(64, 128, 512, 8, 2), "small": Sizes(12, 64, 128, 4, 4)}
QUICK = {"large": Sizes(4, 16, 32, 4, 2), "small": Sizes(2, 8, 16, 4, 2)}
PARTS = ("attention", "block", "model")
WINDOW = 64
LEAN = {"C": 256, "num_layers": 2, "num_heads": 8}
LEAN_STEPS = 4096


@dataclass(kw_only=True)
class Inputs(Rows):
    """x and what comes back for y, both (B, T, C); or ids and targets (B, T)."""
    x: Any
    dy: Any


class Alone(Module):
    """A layer by itself: its loss is the mean over the rows of sum y dy."""

    def __init__(self, layer: Any):
        self.layer = layer

    def loss(self, batch: Inputs) -> tuple[Tensor, int]:
        y = self.layer(Tensor(batch.x, requires_grad=True))[0]
        return (y * batch.dy).sum(), len(batch.x)


class Reader(Module):
    """The model, whose loss is a mean."""

    def __init__(self, model: MiniGPT):
        self.model = model

    def loss(self, batch: Inputs) -> tuple[Tensor, int]:
        return self.model.loss(Text(batch.x, batch.dy))


@dataclass
class Text:
    """What a language model's loss reads."""
    ids: Any
    targets: Any
    state: Any = None


def ours(part: str, sizes: Sizes) -> Module:
    manual_seed(0)
    if part == "attention":
        return Alone(MultiHeadAttention(sizes.width, sizes.heads, causal=True, weights=False))
    if part == "block":
        return Alone(TransformerBlock(sizes.width, sizes.heads))
    return Reader(MiniGPT(Config(V, sizes.width, sizes.layers, sizes.heads, sizes.seq_len, bias=True)))


def inputs(part: str, sizes: Sizes) -> tuple[Any, Any]:
    rng = host.np.random.default_rng(0)
    if part == "model":
        ids = rng.integers(0, V, (sizes.batch, sizes.seq_len + 1))
        return ids[:, :-1].copy(), ids[:, 1:].copy()
    shape = (sizes.batch, sizes.seq_len, sizes.width)
    return tuple(rng.standard_normal(shape).astype("float32") for _ in range(2))       # type: ignore[return-value]


def our_way(part: str, sizes: Sizes, threads: int) -> Way:
    model, (x, dy) = ours(part, sizes), inputs(part, sizes)

    def step() -> float:
        return float(loss_and_gradients(model, Inputs(x=x, dy=dy), threads)[0])
    return Way(step, one_blas_thread_each)


# The same in PyTorch ----------------------------------------------------------------------------------------

class InPyTorch:
    """A layer, or all of miniGPT, as functions of weights by PyTorch's names: of each block, and the model's own."""

    def __init__(self, model: Any, num_heads: int):
        import torch

        self.torch, self.F, self.num_heads = torch, torch.nn.functional, num_heads
        blocks = model.stack.blocks if isinstance(model, MiniGPT) else [model]
        self.weights = [self._of(to_pytorch(block)) for block in blocks]
        if isinstance(model, MiniGPT):
            final = to_pytorch(model.stack.final_norm)
            self.own = self._of({"E": model.E.numpy(), "P": model.stack.positions.P.numpy(), **final})

    def _of(self, arrays: dict[str, Any]) -> dict[str, Any]:
        return {name: self.torch.from_numpy(a.copy()).requires_grad_() for name, a in arrays.items()}

    def parameters(self) -> list[Any]:
        return [w for weights in [*self.weights, getattr(self, "own", {})] for w in weights.values()]

    def attention(self, x: Any, w: dict[str, Any], prefix: str = "", cache: Any = None) -> Any:
        B, T, C = x.shape
        heads = (B, T, self.num_heads, C // self.num_heads)
        qkv = self.F.linear(x, w[f"{prefix}in_proj_weight"], w.get(f"{prefix}in_proj_bias"))
        q, k, v = (part.view(heads).transpose(1, 2) for part in qkv.split(C, -1))
        if cache is not None:
            k, v = cache(k, v)
        c = self.F.scaled_dot_product_attention(q, k, v, is_causal=cache is None)
        return self.F.linear(c.transpose(1, 2).reshape(B, T, C), w[f"{prefix}out_proj.weight"],
                             w.get(f"{prefix}out_proj.bias"))

    def block(self, x: Any, w: dict[str, Any], cache: Any = None) -> Any:
        n = self.F.layer_norm(x, x.shape[-1:], w["norm1.weight"], w.get("norm1.bias"))
        x = x + self.attention(n, w, "self_attn.", cache)
        n = self.F.layer_norm(x, x.shape[-1:], w["norm2.weight"], w.get("norm2.bias"))
        inside = self.F.gelu(self.F.linear(n, w["linear1.weight"], w.get("linear1.bias")))
        return x + self.F.linear(inside, w["linear2.weight"], w.get("linear2.bias"))

    def logits(self, ids: Any, t: int = 0, caches: Any = None) -> Any:
        own = self.own
        x = self.F.embedding(ids, own["E"]) + own["P"][t:t + ids.shape[1]]
        for i, w in enumerate(self.weights):
            x = self.block(x, w, caches and caches[i])
        return self.F.linear(self.F.layer_norm(x, x.shape[-1:], own["weight"], own.get("bias")), own["E"])


def pytorch_way(part: str, sizes: Sizes, threads: int) -> Way:
    import torch

    torch.set_num_threads(threads)
    model = ours(part, sizes)
    theirs = InPyTorch(model.model if isinstance(model, Reader) else model.layer, sizes.heads)     # type: ignore[attr-defined]
    x, dy = (torch.from_numpy(a) for a in inputs(part, sizes))
    wanted = theirs.parameters()
    if part != "model":
        x.requires_grad_()
        wanted = [x, *wanted]

    def step() -> float:
        if part == "model":
            loss = theirs.F.cross_entropy(theirs.logits(x).view(-1, V), dy.view(-1))
        else:
            loss = (getattr(theirs, part)(x, theirs.weights[0]) * dy).sum() / sizes.batch
        torch.autograd.grad(loss, wanted)
        return loss.item()
    return Way(step, nullcontext)


# Rounds -----------------------------------------------------------------------------------------------------

def take_turns(ways: dict[str, Way], rounds: int) -> dict[str, Any]:
    """The seconds of each way, and how many times PyTorch's ours are."""
    losses = {}
    for name, way in ways.items():                         # not timed: memory is touched, caches are filled
        with way.limits():
            losses[name] = way.step()
    largest = max(map(abs, losses.values()))
    if max(losses.values()) - min(losses.values()) > TOLERANCE * max(1.0, largest):
        sys.exit(f"the ways compute different losses, so their times cannot be compared: {losses}")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(settled(way))
    result: dict[str, Any] = {name: {**spread(t), "seconds": t} for name, t in times.items()}
    if "PyTorch" in times:
        result["ours / PyTorch"] = spread([a / b for a, b in zip(times["ours"], times["PyTorch"], strict=True)])
    return result


def settled(way: Way) -> float:
    """The time of the second step of a turn. In the first one the caches hold the other side's data, and for some
    milliseconds PyTorch's threads still spin, on cores that are no longer theirs."""
    with way.limits():
        way.step()
    return seconds(way)


def training(part: str, sizes: Sizes, rounds: int, threads: int) -> dict[str, Any]:
    ways = {"ours": our_way(part, sizes, threads)}
    if has_pytorch():
        ways["PyTorch"] = pytorch_way(part, sizes, threads)
    return take_turns(ways, rounds)


class RoomForAll:
    """PyTorch's side of a cache: keys and values of one layer, in memory for a whole context."""

    def __init__(self, torch: Any, sizes: Sizes):
        shape = (1, sizes.heads, sizes.seq_len, sizes.width // sizes.heads)
        self.keys, self.values, self.t = torch.empty(shape), torch.empty(shape), 0

    def __call__(self, k: Any, v: Any) -> tuple[Any, Any]:
        self.keys[:, :, self.t], self.values[:, :, self.t] = k[:, :, 0], v[:, :, 0]
        self.t += 1
        return self.keys[:, :, :self.t], self.values[:, :, :self.t]


def writing(sizes: Sizes, rounds: int, threads: int) -> dict[str, Any]:
    """A whole context, symbol by symbol."""
    model = ours("model", sizes).model                     # type: ignore[attr-defined]
    ids = inputs("model", sizes)[0][0]

    def ours_writes() -> float:
        with no_grad():
            state, total = model.start(1), 0.0
            for symbol in ids:
                logits, state = model.step([symbol], state)
                total += float(logits.numpy().sum())
        return total
    ways = {"ours": Way(ours_writes, one_blas_thread_each)}
    if has_pytorch():
        ways["PyTorch"] = Way(pytorch_writes(model, sizes, ids, threads), nullcontext)
    model.eval()
    return take_turns(ways, rounds)


def pytorch_writes(model: MiniGPT, sizes: Sizes, ids: Any, threads: int) -> Callable[[], float]:
    import torch

    torch.set_num_threads(threads)
    theirs, symbols = InPyTorch(model, sizes.heads), torch.from_numpy(ids)

    def write() -> float:
        with torch.no_grad():
            caches, total = [RoomForAll(torch, sizes) for _ in theirs.weights], 0.0
            for t in range(len(symbols)):
                total += float(theirs.logits(symbols[None, t:t + 1], t, caches).sum())
        return total
    return write


def late_and_early(sizes: Sizes, steps: int) -> dict[str, float]:
    """The median times of a step with a window: of a text whose window has just become full, and of one that is
    `steps` steps long already. The two take turns, so that a slow moment of the machine is one for both."""
    manual_seed(0)
    stack = Transformer(sizes.width, sizes.layers, sizes.heads, positions="rotary", window=WINDOW).eval()
    x = tensor(host.np.random.default_rng(0).standard_normal((1, 1, sizes.width)), dtype="float32")
    states: dict[str, Any] = {"early": None, "late": None}
    taken: dict[str, list[float]] = {"early": [], "late": []}

    def step(name: str) -> float:
        start = time.perf_counter()
        _, states[name] = stack(x, states[name])
        return time.perf_counter() - start

    with no_grad(), one_blas_thread_each():
        for name, read in (("late", steps), ("early", WINDOW)):
            for _ in range(read):
                step(name)
        for _ in range(steps // 10):
            for name, times in taken.items():
                times.append(step(name))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return {**medians, "late / early": medians["late"] / medians["early"]}


def print_lean_peak() -> None:
    """In a process of its own: the peak of a training step over LEAN_STEPS steps."""
    manual_seed(0)
    stack = Transformer(**LEAN, positions="rotary", lean=True)     # type: ignore[arg-type]
    x = tensor(host.np.random.default_rng(0).standard_normal((1, LEAN_STEPS, LEAN["C"])), dtype="float32")
    for _ in range(2):
        y, _ = stack(x)
        gradients((y * y).sum(), stack.parameters())
    print(backend.peak_memory())


def lean_peak() -> int:
    command = [sys.executable, __file__, "--lean-peak"]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def report(name: str, result: dict[str, Any]) -> None:
    print(f"\n{name}")
    for way, m in result.items():
        scale, unit = (1, "times") if "/" in way else (1000, "ms")
        print(f"  {way:16}{m['median'] * scale:10.3f} {unit:5}  "
              f"({m['min'] * scale:.3f} - {m['max'] * scale:.3f})")


def table(results: dict[str, Any]) -> str:
    """The README's table in Markdown: milliseconds, and the ratio with its range over the rounds."""
    lines = ["| | tinyseq, ms | PyTorch, ms | tinyseq / PyTorch |", "|---|---|---|---|"]
    for name, ways in results["parts"].items():
        ratio = ways["ours / PyTorch"]
        lines.append(f"| {name} | {ways['ours']['median'] * 1000:.1f} | {ways['PyTorch']['median'] * 1000:.1f} | "
                     f"{ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f}) |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    names = [f"{part} {size}" for size in SIZES for part in (*PARTS, "writing")]
    parser = argparse.ArgumentParser(description="Time and memory of attention, a block, a model.")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME",
                        help=f"some of: {', '.join(map(repr, names))} (default: all)")
    parser.add_argument("--pairs", type=int, default=9, help="rounds in which every way takes a step (default: 9)")
    parser.add_argument("--threads", type=int, default=default_threads(), help="for our threads and for PyTorch's "
                        "(default: one a core)")
    parser.add_argument("--quick", action="store_true", help="small sizes, three rounds: only to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--lean-peak", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if min(args.pairs, args.threads) < 1:
        parser.error("--pairs and --threads are at least 1")
    return args


def main() -> None:
    args = arguments()
    if args.lean_peak:
        print_lean_peak()
        return
    sizes, rounds = (QUICK, 3) if args.quick else (SIZES, args.pairs)
    results: dict[str, Any] = {"machine": machine(), "threads": args.threads,
                               "sizes": {name: size._asdict() for name, size in sizes.items()}, "parts": {}}
    print(", ".join(f"{key} {value}" for key, value in results["machine"].items()))
    if not has_pytorch():
        print("PyTorch is not installed and is left out; to see it: pip install -e '.[oracle]'")
    if (before := results["machine"]["load before"] or 0) > BUSY:
        print(f"WARNING: the machine was busy (load {before}) when this began: do not quote these ratios.")
    if not args.quick:
        results["lean peak bytes"] = lean_peak()
        print(f"\nlean attention, {LEAN_STEPS} steps of width {LEAN['C']}: peak "
              f"{results['lean peak bytes'] / 2**20:,.0f} MiB")
    for name in args.only:
        part, size = name.split()
        measured = (writing(sizes[size], rounds, args.threads) if part == "writing"
                    else training(part, sizes[size], rounds, args.threads))
        results["parts"][name] = measured
        report(name, measured)
    results["late and early"] = late_and_early(sizes["small"], 200 if args.quick else 100 * WINDOW)
    print("\na step with a window, late / early:", f"{results['late and early']['late / early']:.2f}")
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
