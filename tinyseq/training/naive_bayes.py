"""What counting reaches in classification: naive Bayes on sets of features, the bar that a network must clear.

    P(label k | features) ~ P(k) prod_f P(f | k),   P(f | k) = (1 + n_kf) / (F + sum_f n_kf)

n_kf is how many training sequences of label k have the feature f, and F how many different features there are: each
feature counts once a sequence (Pang, Lee and Vaithyanathan 2002 found presence better than counts), and one more than
it was seen (Laplace). Features that training never had are passed over.
"""
import math
from collections import Counter
from collections.abc import Iterable, Sequence


class NaiveBayes:
    """Made with features (N sets) and labels (N,); call: a set of features -> the likeliest label."""

    def __init__(self, features: Iterable[Iterable[str]], labels: Sequence[str]):
        self.counts: dict[str, Counter[str]] = {label: Counter() for label in sorted(set(labels))}
        for of_one, label in zip(features, labels, strict=True):
            self.counts[label].update(set(of_one))
        self.known = set().union(*self.counts.values())
        sequences = Counter(labels)
        self.prior = {label: math.log(sequences[label] / len(labels)) for label in self.counts}
        self.total = {label: len(self.known) + sum(counts.values()) for label, counts in self.counts.items()}

    def __call__(self, features: Iterable[str]) -> str:
        seen = set(features) & self.known
        score = {label: self.prior[label] + sum(math.log((1 + counts[f]) / self.total[label]) for f in sorted(seen))
                 for label, counts in self.counts.items()}
        return max(score, key=lambda label: score[label])
