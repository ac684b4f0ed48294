"""The table of a practice: what is said of one that is not whole, not true, or no better than the baseline."""
import importlib
import inspect
import time
from datetime import date

import pytest

from tinyseq.exercises import check, practices
from tinyseq.exercises.practice import Baseline, Practice, examined

LESS = Practice("practice-0", "0", {"H": (1, 2), "cell": ("rnn", "lstm")}, ["loss", "seconds"], 5.0,
                lambda: Baseline("guessing", 3.0, less_is_better=True))
MORE = Practice("practice-0", "0", {"H": (1, 2)}, ["accuracy"], 5.0, lambda: Baseline("guessing", 3.0, False))


def experiment(H, cell):
    return H + len(cell) / 4, time.perf_counter()


def table_of(experiment, practice=LESS):
    return [{**row, **dict(zip(practice.measures, experiment(**row), strict=True))} for row in practice.rows()]


TABLE = table_of(experiment)


def with_first(**changes):
    return [{**TABLE[0], **changes}, *TABLE[1:]]


def test_right():
    verdict = examined(LESS, experiment, TABLE)
    assert verdict and "H = 1, cell = rnn reaches loss 1.75, guessing 3" in verdict.words


def test_more_may_be_better():
    assert examined(MORE, lambda H: (2.0 * H,), table_of(lambda H: (2.0 * H,), MORE))
    worse = examined(MORE, lambda H: (H,), table_of(lambda H: (H,), MORE))
    assert "does not beat the baseline: H = 2 reaches accuracy 2, guessing 3" in worse.words
    assert worse.wrong == ("baseline",)


@pytest.mark.parametrize("table, words", [
    (TABLE[1:], "the row H = 1, cell = rnn is missing"), ([*TABLE, TABLE[2]], "H = 2, cell = rnn is there 2 times"),
    ([*TABLE, {**TABLE[0], "H": 9}], "rows that nobody asked for"), ([*TABLE[:3], 7], "row 4 is a int"),
    (with_first(loss=float("nan")), "loss of row 1 is nan"), (with_first(loss="1.2"), "loss of row 1 is '1.2'"),
    ([{"H": 1, "loss": 2.0}, *TABLE], "row 1 lacks cell, seconds"),
    ([{**row, "loss": row["loss"] * 0.9} for row in TABLE], "the table says loss"),
    ([{**row, "loss": row["loss"] + 3} for row in TABLE], "the table says loss")])
def test_a_table_that_is_not_right(table, words):
    verdict = examined(LESS, experiment, table)
    assert not verdict and words in verdict.words


def test_no_better_than_the_baseline():
    def poor(H, cell):
        return 3 + H, 0.0
    assert "does not beat the baseline" in examined(LESS, poor, table_of(poor)).words


def stub(H, cell):
    raise NotImplementedError


@pytest.mark.parametrize("answer, words", [
    (stub, "nothing is written there yet"), (lambda H, cell: 1 / 0, "stops with ZeroDivisionError"),
    (lambda H, cell: H, "results is 1, and should be 2: loss, seconds"),
    (lambda H, cell: ([1.0, 2.0], 3.0), "should be 2: loss, seconds"),
    (lambda H, cell: time.sleep(60), "did not come back within 5 seconds")])
def test_an_experiment_that_cannot_be_made_again(answer, words):
    verdict = examined(LESS, answer, TABLE)
    assert not verdict and words in verdict.words and verdict.wrong == ("numbers", "baseline")


def test_bad_input():
    id, one = next(iter(practices().items()))
    with pytest.raises(ValueError, match=rf"check\('{id}', {one.function}, table\) takes its table"):
        check(id, experiment)
    with pytest.raises(ValueError, match="takes the experiment, a function, and the table"):
        check(id, TABLE, TABLE)


@pytest.mark.parametrize("id", practices())
def test_the_page_is_whole(id):
    one = practices()[id]
    assert one.title and 4 <= len(one.rows()) <= 9 and one.seconds <= 60


@pytest.mark.exercises
def test_the_practice_of_the_day():
    """One practice is trained in full, each day another one: its table is whole, can be repeated and beats the
    baseline."""
    one = list(practices().values())[date.today().toordinal() % len(practices())]
    experiment = getattr(importlib.import_module(one.function), one.function)
    verdict = examined(one, experiment, table_of(experiment, one))
    assert verdict, verdict


def test_each_practice_has_an_experiment_of_its_settings():
    for one in practices().values():
        experiment = getattr(importlib.import_module(one.function), one.function)
        assert list(inspect.signature(experiment).parameters) == list(one.settings)
