"""What the alternatives to a network reach on the chapters' test parts: counts, tables, linear models.

    python benchmarks/baselines.py [NAME ...]       all, or some, of BASELINES -> results/baselines.json

"tinyseq" stands behind what is written here or in the package, "scikit-learn" behind its classifiers. The networks'
results, on the same parts by the same measures, come from chapters.py; the conditional random field that the
introduction names too is one of them, bilstm_crf. Needs the extra `tasks`; some minutes.
"""
import argparse
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean

from counting import classifiers
from counting.hidden_markov import HiddenMarkovModel

from tinyseq import data
from tinyseq.data import CharVocabulary, counting, interpolated, load_corpus
from tinyseq.files import write_atomically
from tinyseq.training import Recipe
from tinyseq.training.classification import CORPORA as LABELLED
from tinyseq.training.classification import same
from tinyseq.training.forecasting import SERIES, mean_squared_error
from tinyseq.training.images import CORPORA as PICTURED
from tinyseq.training.letters_in_context import LettersInContext
from tinyseq.training.naive_bayes import NaiveBayes
from tinyseq.training.pronunciation import phone_error, word_error
from tinyseq.training.tagging import CORPORA as TAGGED
from tinyseq.training.tagging import most_frequent_tags
from tinyseq.training.translation import bleu, references
from tinyseq.training.word_table import WordTable
from tinyseq.training.words import WordTask

RESULTS = Path(__file__).parent / "results" / "baselines.json"
ORDER = 9              # of the linear autoregression of the sunspots
Found = dict[str, dict[str, float]]    # name of the baseline -> measure -> value


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BASELINES)}; all if left out")
    names = options.parse_args().names or list(BASELINES)
    if unknown := [name for name in names if name not in BASELINES]:
        options.error(f"there are no baselines for {unknown[0]!r}; they are {', '.join(BASELINES)}")
    for name in names:
        begin = time.perf_counter()
        found = BASELINES[name]()
        keep(name, {"seconds": round(time.perf_counter() - begin, 1), "baselines": found})
        for baseline, values in found.items():
            print(f"{name:<18} {baseline:<48}", ", ".join(f"{k} {v:.4f}" for k, v in values.items()), flush=True)


def keep(name: str, found: dict) -> None:
    """Put what was found for one data set into the results; the others stay."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept = {other: {**results, name: found}[other] for other in BASELINES if other in {**results, name: found}}
    write_atomically(RESULTS, (json.dumps(kept, indent=1) + "\n").encode())


# Classification ---------------------------------------------------------------------------------------------

def classified(*corpora: str) -> Found:
    """Means over the corpora, which are the splits of one data set."""
    found = defaultdict(list)
    for corpus in corpora:
        parts, features = LABELLED[corpus].load(), LABELLED[corpus].counted
        assert features
        ours = NaiveBayes([features(item.text) for item in parts.train], [item.label for item in parts.train])
        found["naive Bayes on sets (tinyseq)"].append(
            same([ours(features(item.text)) for item in parts.test], [item.label for item in parts.test]))
        found["naive Bayes on sets (scikit-learn)"].append(classifiers.naive_bayes(parts, features))
        if corpus == "language-names":
            found["logistic regression on 1-4 letters (scikit-learn)"].append(classifiers.letter_regression(parts))
        else:
            found["logistic regression on sets (scikit-learn)"].append(classifiers.word_regression(parts, features))
    return {name: {"accuracy": mean(values)} for name, values in found.items()}


def vowels() -> Found:
    return {"logistic regression on means and deviations (scikit-learn)":
            {"accuracy": classifiers.series_regression(data.japanese_vowels())}}


def pictured(corpus: str) -> Found:
    return {"logistic regression on pixels (scikit-learn)":
            {"accuracy": classifiers.pixel_regression(PICTURED[corpus].load())}}


# Tagging ----------------------------------------------------------------------------------------------------

def tagged(corpus: str) -> Found:
    parts, measure, name = TAGGED[corpus].load(), TAGGED[corpus].measure, TAGGED[corpus].measured
    hidden = HiddenMarkovModel(parts.train)
    usual = most_frequent_tags(parts.train, parts.test, TAGGED[corpus].unknown)
    right = [s.tags for s in parts.test]
    return {"most frequent tag (tinyseq)": {name: measure(usual, right)},
            "hidden Markov model (tinyseq)": {name: measure([hidden(s.words) for s in parts.test], right)}}


# Language ---------------------------------------------------------------------------------------------------

def characters() -> Found:
    """Of the last tenth, on which the character models are measured."""
    text = load_corpus("shakespeare").text
    vocabulary = CharVocabulary.of(text)
    train, held_out = data.split(vocabulary.encode(text))
    V = len(vocabulary)
    return {"5-grams, Witten-Bell (tinyseq)": {"nats/char": counting(train, held_out, V, 5)},
            "5-grams, interpolated (tinyseq)": {"nats/char": interpolated(train, held_out, V, 5)}}


def words() -> Found:
    """Of the last twentieth, on which the word model is measured; its vocabulary."""
    task = WordTask.prepare(Recipe(), "shakespeare")
    return {f"{name} (tinyseq)": {"perplexity": value} for name, value in task.counted(task.test_ids).items()}


# Series -----------------------------------------------------------------------------------------------------

def sunspots() -> Found:
    """Of the last years, one step ahead; the linear model is fitted to all years before."""
    known, (inputs, targets) = data.forecasting_split(data.sunspots()[1], ORDER, SERIES["sunspots"].test)
    forecasts = {f"linear autoregression of order {ORDER} (tinyseq)": data.linear_least_squares(*known)(inputs),
                 "persistence (tinyseq)": data.persistence(inputs)}
    return {name: {"RMSE": math.sqrt(mean_squared_error(y, targets))} for name, y in forecasts.items()}


# Sequence to sequence ---------------------------------------------------------------------------------------

def pronunciation() -> Found:
    parts = data.cmudict()
    say = LettersInContext(parts.train)
    said = [say(entry.word) for entry in parts.test]
    return {"letters in context (tinyseq)":
            {"word error": word_error(said, parts.test), "phone error": phone_error(said, parts.test)}}


def translation() -> Found:
    parts = data.fra_eng()
    translate = WordTable([(data.tokens(pair.source), data.tokens(pair.target)) for pair in parts.train])
    groups = references(parts.test)
    said = [data.joined(translate(data.tokens(source))) for source in groups]
    return {"word by word, IBM model 1 (tinyseq)": {"BLEU": bleu(said, groups)}}


BASELINES: dict[str, Callable[[], Found]] = {
    "sms-spam": lambda: classified("sms-spam"),
    "rt-polarity": lambda: classified("rt-polarity", *(f"rt-polarity-{k}" for k in range(1, 5))),
    "language-names": lambda: classified("language-names"),
    "japanese-vowels": vowels,
    **{corpus: partial(pictured, corpus)
       for corpus in ("mnist", "fashion-mnist", "fashion-mnist-0-4", "fashion-mnist-5-9")},
    "ud-english-ewt": lambda: tagged("ud-english-ewt"),
    "wnut17": lambda: tagged("wnut17"),
    "shakespeare": characters,
    "shakespeare, words": words,
    "sunspots": sunspots,
    "cmudict": pronunciation,
    "fra-eng": translation,
}

if __name__ == "__main__":
    main()
