"""Self-attention over the states of an LSTM: what it is worth for tagging, and by windows for a language model.

    python benchmarks/self_attention.py [--tags | --windows]    trains -> results/self_attention_tags.json,
                                                                results/self_attention_windows.json
    python benchmarks/self_attention.py --table                 prints both tables from the results

    --tags       parts of speech, UD English EWT: the tagger without attention and with it, joined in three ways. The
                 quick recipe. The weights that count follow the validation part; the test part is measured at the end
    --windows    Tiny Shakespeare: an LSTM whose states see no other, or the last 16, 64 or all of their row. A row is
                 128 characters, drawn anywhere, and begins from nothing, in training as in validation: only so is
                 "all" an end. The rate is what suits the LSTM alone, and with a window of 64 (kept.py); the other
                 windows take that of 64
"""
import argparse
import time
from functools import partial
from pathlib import Path
from typing import Any

from kept import WHOLE, Kept, Row, trained

from tinyseq import backend, models
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.characters import nats_in_windows
from tinyseq.training.settings import divide
from tinyseq.training.tagging import TaggingTask

RESULTS = Path(__file__).parent / "results"
TAGGERS: dict[str, tuple[str, dict[str, Any]]] = {
    "without": ("bilstm_tagger", {}),
    "[h; z]": ("bilstm_self_attention", {"join": "concat"}),
    "tanh([h; z] W + b)": ("bilstm_self_attention", {"join": "feed_forward"}),
    "h + z": ("bilstm_self_attention", {"join": "add"}),
}
T = 128
EQUAL: dict[str, Any] = {"H": 128, "batch": 32, "seq_len": T, "batches": "windows", "warmup": 100, "seed": 0}
STEPS = 1000
RATE = 0.01                            # where the search begins
WINDOWS: dict[str, dict[str, Any]] = {
    "none": {"model": "char_lstm"},
    "16": {"model": "self_attentive_lstm", "window": 16},
    "64": {"model": "self_attentive_lstm", "window": 64},
    "all": {"model": "self_attentive_lstm", "window": None},
}


class Rows(CharacterTask):
    """The task whose validation is in windows, too."""

    def validate(self, model: Any) -> dict[str, float]:
        return {"validation": nats_in_windows(model, self.validation_ids, T)}


def trained_tagger(name: str, seed: int) -> Row:
    """What a tagger reached by its page's quick recipe."""
    model, fields = TAGGERS[name]
    page = models.find(model)
    of_recipe, of_config = divide({**page.PRESETS["quick"], **fields, "seed": seed}, page.Config)
    recipe = Recipe(**of_recipe)
    task = TaggingTask.prepare(recipe, "auto")
    backend.manual_seed(seed)
    network = page.Model(page.Config(**of_config, **task.sizes))
    begin = time.perf_counter()
    progress = train(network, task, recipe)
    minutes = (time.perf_counter() - begin) / 60
    network.load_state_dict(progress.best_weights)
    return {"parameters": network.count(), "validation": 1 - progress.best, "test": task.test(network)["accuracy"],
            "minutes": round(minutes, 1)}


TAGS = Kept(RESULTS / "self_attention_tags.json", trained_tagger)
READ = Kept(RESULTS / "self_attention_windows.json", partial(trained, task=Rows))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    part = options.add_mutually_exclusive_group()
    for name in ("tags", "windows", "table"):
        part.add_argument(f"--{name}", action="store_true")
    args = options.parse_args()
    if not args.windows and not args.table:
        for name in TAGGERS:
            TAGS.measured(name=name, seed=0)
    if not args.tags and not args.table:
        for window, fields in WINDOWS.items():
            searched = WINDOWS["none" if window == "none" else "64"]
            rate = READ.best_rate(RATE, **EQUAL, **searched, steps=STEPS)
            READ.measured(text=WHOLE, **EQUAL, **fields, steps=STEPS, lr=rate)
    print(f"{tags_table()}\n\n{windows_table()}")


def tags_table() -> str:
    """The taggers, in Markdown."""
    lines = ["| tagger | parameters | validation | test |", "|---|---|---|---|"]
    for name in TAGGERS:
        for row in TAGS.found(name=name):
            lines.append(f"| {name} | {row['parameters']:,} | {row['validation']:.2%} | {row['test']:.2%} |")
    return "\n".join(lines)


def windows_table() -> str:
    """The language models, in Markdown."""
    lines = ["| window | parameters | rate | nats/char |", "|---|---|---|---|"]
    for name, fields in WINDOWS.items():
        for row in READ.found(text=WHOLE, **fields):
            lines.append(f"| {name} | {row['parameters']:,} | {row['lr']:g} | {row['validation']:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
