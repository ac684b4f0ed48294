"""The tasks that answer one sequence with another: what pronunciation.py and translation.py have in common.

A batch holds pairs of similar length (data/buckets.py), both sides as ids. Scheduled sampling, where the recipe asks
for it, throws a coin for each symbol that the decoder reads (layers/seq2seq/scheduled_sampling.py): the probability of
the true one falls from 1 at the first step to recipe.sampling_end at the last.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tinyseq.backend import host
from tinyseq.data import Buckets, Rows, Vocabulary, padded
from tinyseq.decoding import beam_search, greedy
from tinyseq.training.recipe import Recipe
from tinyseq.training.sampling import probability_of_truth
from tinyseq.training.tasks import Stateless

np = host.np
TOGETHER = 256         # sources answered at once
BEAM = 5               # the width of the beam that reports and predictions use
Symbols = Sequence[str]


@dataclass(kw_only=True)
class PairBatch(Rows):
    """B pairs: a source, and the target that ends in EOS."""
    source: Any                        # (B, Tk)
    source_lengths: Any                # (B,)
    target: Any                        # (B, Tq)
    target_lengths: Any                # (B,)
    truth: Any = None                  # (B,), how likely a step is to read the true symbol; None: always


class AnsweringTask(Stateless):
    """Batches of pairs of symbols, and a model's answers.

    pairs      (source, target), each a sequence of symbols; those with a side longer than recipe.seq_len are not
               trained on
    sources, targets    the vocabularies; targets has PAD, SOS and EOS
    Raises ValueError if no pair is left."""

    more = "tinyseq predict {} TEXT"
    length_penalty = 0.0               # alpha of the beam's scores (decoding/hypothesis.py)

    def __init__(self, pairs: Sequence[tuple[Symbols, Symbols]], sources: Vocabulary, targets: Vocabulary,
                 recipe: Recipe):
        self.sources, self.targets, self.recipe = sources, targets, recipe
        short = [(source, target) for source, target in pairs if max(len(source), len(target)) <= recipe.seq_len]
        if not short:
            raise ValueError(f"every pair has a side of more than {recipe.seq_len} symbols: choose a larger --seq-len")
        self.pairs = [(sources.encode(source), np.append(targets.encode(target), targets.eos))
                      for source, target in short]
        self.buckets = Buckets([(len(source), len(target)) for source, target in self.pairs], recipe.batch,
                               recipe.seed)

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides."""
        return sizes(self.sources, self.targets)

    @staticmethod
    def sizes_of(saved: dict[str, Any]) -> dict[str, int]:
        """The same, of what a run folder knows."""
        return sizes(*vocabularies(saved))

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to read the same symbols again."""
        return {"corpus": self.name, "sources": self.sources.saved, "targets": self.targets.saved}

    name = ""                          # of the corpus; the subclass says

    def batch(self, step: int) -> PairBatch:
        """The batch of this step."""
        rows = self.buckets.batch(step)
        batch = batch_of([self.pairs[row] for row in rows], self.sources, self.targets)
        if self.recipe.sampling is not None:
            batch.truth = np.full(len(rows), probability_of_truth(self.recipe, step))
        return batch

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> PairBatch:
        """Three random pairs, for a gradient check of every weight."""
        source = rng.integers(1, config.V_source, (3, 4))
        target, lengths = rng.integers(config.eos + 1, config.V_target, (3, 3)), np.array([2, 3, 1])
        target[np.arange(3), lengths - 1] = config.eos
        return PairBatch(source=source, source_lengths=np.array([4, 2, 3]), target=target, target_lengths=lengths)


def batch_of(pairs: Sequence[tuple[Any, Any]], sources: Vocabulary, targets: Vocabulary) -> PairBatch:
    """Pairs of ids as one batch."""
    source, source_lengths = padded([pair[0] for pair in pairs], sources.pad)
    target, target_lengths = padded([pair[1] for pair in pairs], targets.pad)
    return PairBatch(source=source, source_lengths=source_lengths, target=target, target_lengths=target_lengths)


def sizes(sources: Vocabulary, targets: Vocabulary) -> dict[str, int]:
    """What the vocabularies decide of a model's config."""
    return {"V_source": len(sources), "V_target": len(targets), "sos": targets.sos, "eos": targets.eos}


def vocabularies(saved: dict[str, Any]) -> tuple[Vocabulary, Vocabulary]:
    """Those of the source and of the target, of what a run folder knows."""
    return Vocabulary.restored(saved["sources"]), Vocabulary.restored(saved["targets"])


def answers(model: Any, questions: Sequence[Symbols], sources: Vocabulary, targets: Vocabulary, width: int = 1,
            length_penalty: float = 0.0) -> list[list[str]]:
    """The best answer to each question, symbols to symbols: greedy with width 1, otherwise by a beam of that width. An
    answer has at most twice as many symbols as its question, and 10 more."""
    found: list[list[str]] = [[] for _ in questions]
    for rows in equally_long(questions):
        ids = [sources.encode(questions[row]) for row in rows]
        longest = 2 * len(ids[0]) + 10
        if width == 1:
            best = greedy(model, ids, longest)
        else:
            best = [beams[0] for beams in beam_search(model, ids, width, longest, length_penalty)]
        for row, answer in zip(rows, best, strict=True):
            found[row] = targets.decode(np.array(answer.ids))
    return found


def equally_long(questions: Sequence[Symbols]) -> list[list[int]]:
    """The numbers of the questions, at most TOGETHER side by side, and only those of one length: how long an answer may
    become is then the same whatever stands beside it."""
    order = sorted(range(len(questions)), key=lambda row: len(questions[row]))
    groups = [list(group) for _, group in groupby(order, key=lambda row: len(questions[row]))]
    return [group[start:start + TOGETHER] for group in groups for start in range(0, len(group), TOGETHER)]
