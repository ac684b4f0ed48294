"""Trainings that a study keeps in a file, each as soon as it is over; and on Tiny Shakespeare the rate that suits each.

The last tenth of the text is what a study reports, so it may choose nothing: rates are compared on the first nine
tenths, of which the last tenth then measures. From a first rate on, it is halved or doubled for as long as that helps.
"""
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tinyseq import backend, models
from tinyseq.data import load_corpus
from tinyseq.data.text import Corpus
from tinyseq.files import write_atomically
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.settings import divide

PART, WHOLE = "first nine tenths", "whole"
Row = dict[str, Any]                   # a training: what was asked for, and what it reached


class Kept:
    """The trainings of the file at `path`; `trained` makes one, from what is asked for to what it reached."""

    def __init__(self, path: Path, trained: Callable[..., Row]):
        self.path, self.trained = path, trained

    def rows(self) -> list[Row]:
        """All so far."""
        return json.loads(self.path.read_text()) if self.path.exists() else []

    def found(self, **asked: Any) -> list[Row]:
        """Those with these fields."""
        return [row for row in self.rows() if row.items() >= asked.items()]

    def measured(self, **asked: Any) -> Row:
        """The row of this training, trained if it is not there yet."""
        if there := self.found(**asked):
            return there[0]
        row = asked | self.trained(**asked)
        write_atomically(self.path, (json.dumps([*self.rows(), row], indent=1) + "\n").encode())
        print(row, flush=True)
        return row

    def best_rate(self, first: float, **asked: Any) -> float:
        """The rate with which this training does best on PART; `first` is where the search begins."""
        def score(rate: float) -> float:
            return self.measured(text=PART, **asked, lr=rate)["validation"]

        best = first
        for factor in (0.5, 2.0):
            while score(factor * best) < score(best):
                best *= factor
        return best


def trained(model: str, text: str, task: type[CharacterTask] = CharacterTask, **fields: Any) -> Row:
    """What this model reached on WHOLE or PART after its last step. fields: of the recipe and of its config."""
    page = models.find(model)
    of_recipe, of_config = divide({**fields, "evaluate_every": fields["steps"]}, page.Config)
    recipe = Recipe(**of_recipe)
    batches = task(corpus(text), recipe)
    backend.manual_seed(recipe.seed)
    network = page.Model(page.Config(**of_config, **batches.sizes))
    begin = time.perf_counter()
    reached = train(network, batches, recipe).best
    return {"parameters": network.count(), "validation": reached,
            "minutes": round((time.perf_counter() - begin) / 60, 1)}


@cache
def corpus(text: str) -> Corpus:
    """Tiny Shakespeare, whole or its first nine tenths."""
    whole = load_corpus("shakespeare")
    return whole if text == WHOLE else Corpus(text, whole.text[:len(whole.text) * 9 // 10], whole.note)
