"""The checker's score: planted bugs it catches, places it names, false alarms; beside four weaker checkers."""
from functools import cache
from typing import NamedTuple

import pytest
from mutants import attention, engine, operations, recurrent
from mutants.checkers import CHECKERS
from mutants.plant import Mutant, planted

from tinyseq import backend
from tinyseq.checks.records import Sample, check_sample
from trust.configurations import RECORDS, check_layer, generator, sample

pytestmark = pytest.mark.trust
plantable = pytest.mark.skipif(backend.name == "cupy", reason="CuPy compiles the code that bugs go into")

MUTANTS = [*operations.MUTANTS, *recurrent.MUTANTS, *attention.MUTANTS, *engine.MUTANTS]
ALL_RECORDS = {**RECORDS, **engine.RECORDS}
KINDS = ("odd", "broadcast", "plain")                                   # of shapes, the most telling first
SEEDS = 6
OURS, *WEAKER = CHECKERS
CONFIGURATIONS = 1_000                                                  # correct ones, on which nothing may be said


class Finding(NamedTuple):
    """What a checker said first, on which sample."""
    error: Exception
    sample: Sample


@cache
def samples(name: str) -> list[Sample]:
    """What every checker is given to find a bug in this op."""
    return [sample(ALL_RECORDS, name, kind, seed)
            for seed in range(SEEDS) for kind in KINDS if kind in ALL_RECORDS[name].kinds]


@cache
def finding(mutant: Mutant, checker: str) -> Finding | None:
    """What this checker finds first in the library with the bug planted."""
    with planted(mutant):
        for seed, one in enumerate(samples(mutant.record)):
            try:
                CHECKERS[checker](one, seed)
            except Exception as error:
                return Finding(error, one)
    return None


def is_named(mutant: Mutant, found: Finding) -> bool:
    """Whether the message says what a reader needs to find the line."""
    place, error = mutant.place, found.error
    numbered = {f"input {i}": name for i, name in enumerate(found.sample.tensors())}
    blamed = {numbered.get(name, name) for name in place.tensors or ()} & set(numbered.values())
    return ((place.tensors is None or blamed == set(getattr(error, "tensors", ())))
            and (place.gates is None or place.gates == set(getattr(error, "gates", ())))
            and (place.pattern is None or any(place.pattern in text for text in getattr(error, "patterns", ())))
            and (place.words is None or place.words in str(error)))


@plantable
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.record}: {m.name}")
def test_can_be_planted_and_removed(mutant):
    check_sample(samples(mutant.record)[0])
    with planted(mutant):
        pass
    check_sample(samples(mutant.record)[0])


def test_code_that_has_changed_is_noticed():
    for gone in (MUTANTS[0]._replace(old="no such code"), MUTANTS[0]._replace(where="tinyseq.ops.activations:gone")):
        with pytest.raises(AssertionError, match=r"so must the mutant|there is no .* any more"), planted(gone):
            pass


@pytest.mark.parametrize("name", sorted({mutant.record for mutant in MUTANTS}))
def test_no_checker_cries_wolf(name, full):
    for checker in CHECKERS if full else [OURS]:
        for seed, one in enumerate(samples(name)):
            CHECKERS[checker](one, seed)


def test_no_false_alarm(full, trust_table):
    count, alarms = CONFIGURATIONS if full else CONFIGURATIONS // 10, []
    for seed in range(1_000_000, 1_000_000 + count):
        rng = generator("configuration", seed)
        try:
            if rng.random() < 0.5:
                check_layer(seed)
            else:
                name = str(rng.choice(list(RECORDS)))
                check_sample(sample(RECORDS, name, str(rng.choice(RECORDS[name].kinds)), seed), seed)
        except Exception as error:
            alarms.append(f"{seed}: {error}")
    trust_table.row(f"false alarms in {count:,} correct configurations", "0", str(len(alarms)))
    assert not alarms, "\n".join(alarms)


@plantable
@pytest.mark.filterwarnings("ignore::RuntimeWarning")      # bugs may divide by 0
def test_score(full, trust_table):
    mutants = MUTANTS if full else MUTANTS[::10]
    assert len({(m.record, m.name) for m in MUTANTS}) == len(MUTANTS) >= 80
    found = {mutant: finding(mutant, OURS) for mutant in mutants}
    missed = [f"{m.record}: {m.name}" for m, what in found.items() if what is None]
    lost = [f"{m.record}: {m.name}: {what.error}" for m, what in found.items() if what and not is_named(m, what)]
    named = len(mutants) - len(missed) - len(lost)
    trust_table.row(f"planted bugs caught by {OURS}", "all", f"{len(mutants) - len(missed)} of {len(mutants)}")
    trust_table.row("... with the right place named", "80 %", f"{named} of {len(mutants)} ({named / len(mutants):.0%})")
    for checker in WEAKER if full else []:
        seen = [(found[mutant], what) for mutant in mutants if (what := finding(mutant, checker))]
        at_once = sum(first is not None and what.sample is first.sample for first, what in seen)
        trust_table.row(f"... caught by {checker}", "",
                        f"{len(seen)} of {len(mutants)}, {at_once} on the first sample that shows them")
    assert not missed, "gradcheck is blind to these, or they show on none of the samples:\n" + "\n".join(missed)
    assert named >= 0.8 * len(mutants), "the place is not named for:\n" + "\n".join(lost)
