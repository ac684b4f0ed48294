"""From spelling to sounds: each part of the encoder-decoder by itself, at equal steps.

    python benchmarks/pronunciation.py [NAME ...]      trains what STUDY names -> results/pronunciation.json
    python benchmarks/pronunciation.py --maps RUN      where a trained model looks -> results/pronunciation.png
    python benchmarks/pronunciation.py --table         prints the table from the results

A smaller model and fewer steps than g2p_seq2seq's quick preset, the same for all; only what the name says is changed.
Measured on the validation part, greedily; the first model also by beams. What the full recipe reaches on the test part
is in results/chapters/g2p_seq2seq.json (benchmarks/chapters.py).
"""
import argparse
import json
import time
from pathlib import Path
from typing import Any

from tinyseq import backend, models
from tinyseq.cli import open_run
from tinyseq.files import write_atomically
from tinyseq.pictures import AttentionMap, attention_maps
from tinyseq.training import Recipe, train
from tinyseq.training.answering import vocabularies
from tinyseq.training.pronunciation import PronunciationTask
from tinyseq.training.settings import divide

RESULTS = Path(__file__).parent / "results"
PATH = RESULTS / "pronunciation.json"
EQUAL = {"H": 128, "C": 48, "steps": 800, "batch": 128, "warmup": 80, "evaluate_every": 800, "lr": 0.004}
STUDY: dict[str, dict[str, Any]] = {
    "general": {},
    "none": {"attention": "none"},
    "additive": {"attention": "additive"},
    "dot": {"attention": "dot"},
    "scaled dot": {"attention": "scaled_dot"},
    "concat": {"attention": "concat"},
    "local, monotonic": {"attention": "local_monotonic"},
    "local, predicted centre": {"attention": "local_predictive"},
    "multi-head": {"attention": "multi_head"},
    "one-way encoder": {"bidirectional": False},
    "self-attentive encoder": {"encoder": "self_attentive"},
    "output W_y c": {"output": "context"},
    "GRU": {"cell": "gru"},
    "two layers": {"num_layers": 2},
    "input feeding": {"decoder": "input_feeding"},
    "Bahdanau": {"attention": "additive", "decoder": "bahdanau"},
    "scheduled sampling, linear": {"sampling": "linear"},
    "scheduled sampling, exponential": {"sampling": "exponential"},
    "scheduled sampling, inverse sigmoid": {"sampling": "inverse_sigmoid"},
}
BEAMS = (2, 5, 10)
WORDS = ("thoughtful", "physics", "maximize")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {'; '.join(STUDY)} (all of them)")
    options.add_argument("--maps", metavar="RUN", help="a run folder of g2p_seq2seq")
    options.add_argument("--table", action="store_true")
    args = options.parse_args()
    if unknown := [name for name in args.names if name not in STUDY]:
        options.error(f"there is no {unknown[0]!r}; they are {'; '.join(STUDY)}")
    if args.table:
        print(table(json.loads(PATH.read_text())))
    elif args.maps:
        draw_maps(args.maps)
    else:
        for name in args.names or STUDY:
            keep(name, measured(name))


def measured(name: str) -> dict[str, Any]:
    """Train one, and what it reaches on the validation part."""
    page = models.find("g2p_seq2seq")
    of_recipe, of_config = divide({**page.PRESETS["quick"], **EQUAL, **STUDY[name]}, page.Config)
    task = PronunciationTask.prepare(Recipe(**of_recipe), "auto")
    backend.manual_seed(task.recipe.seed)
    model = page.Model(page.Config(**of_config, **task.sizes))
    begin = time.perf_counter()
    train(model, task, task.recipe)
    minutes = (time.perf_counter() - begin) / 60
    widths = (1, *BEAMS) if name == next(iter(STUDY)) else (1,)
    errors = {str(width): task.errors(model, task.parts.validation, width) for width in widths}
    row = {"parameters": model.count(), "steps": task.recipe.steps, "word and phone error by beam": errors,
           "minutes": round(minutes, 1)}
    print(name, row, flush=True)
    return row


def keep(name: str, row: dict[str, Any]) -> None:
    """Put one row into the results."""
    found = json.loads(PATH.read_text()) if PATH.exists() else {}
    write_atomically(PATH, (json.dumps({**found, name: row}, indent=1) + "\n").encode())


def table(found: dict[str, dict[str, Any]]) -> str:
    """What was measured, in Markdown."""
    lines = ["| | beam | parameters | word error | phone error |", "|---|---|---|---|---|"]
    for name in STUDY:
        for width, (word, phone) in found.get(name, {}).get("word and phone error by beam", {}).items():
            lines.append(f"| {name} | {width} | {found[name]['parameters']:,} | {word:.1%} | {phone:.1%} |")
    return "\n".join(lines)


def draw_maps(folder: str) -> None:
    """Where a trained model looks while it says WORDS."""
    model, task, run = open_run(folder)
    letters, phones = vocabularies(run.data)
    maps = []
    for word, said in zip(WORDS, task.predict(model, run.data, WORDS), strict=True):
        answer = [*phones.encode(said.split()), phones.eos]
        weights = model.attention_map(letters.encode(word), answer)
        maps.append(AttentionMap(word, [*said.split(), "EOS"], backend.to_host(weights)))
    attention_maps(RESULTS / "pronunciation.png", maps, "Where the decoder looks while it says a word")


if __name__ == "__main__":
    main()
