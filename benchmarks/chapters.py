"""What the models of chapters 7 and 8 reach on their test parts, trained as a user trains them.

    python benchmarks/chapters.py MODEL [MODEL ...]     trains what STUDIES asks for -> results/chapters/MODEL.json
    python benchmarks/chapters.py --table               prints the README's table, from the results
    python benchmarks/chapters.py --write               puts it into the README

Each training is one `tinyseq train` in a process of its own; its run folder stays in runs/chapters/. What has been
measured with the same recipe and sizes is not trained again, unless --again is given. The weights that are kept follow
the validation part; the test part, which is measured here, is looked at when the training is over. The baselines come
from the tasks and from results/baselines.json (benchmarks/baselines.py).
"""
import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from tinyseq import models
from tinyseq.cli import open_run
from tinyseq.files import write_atomically
from tinyseq.training import Recipe, default_threads
from tinyseq.training.parallel import one_blas_thread_each
from tinyseq.training.run import read_log
from tinyseq.training.settings import divide, pair

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results" / "chapters"
RUNS = ROOT / "runs" / "chapters"       # the trained models, for whoever looks further
BASELINES = RESULTS.parent / "baselines.json"
BEGIN, END = "<!-- chapters: made by benchmarks/chapters.py --write -->", "<!-- chapters: end -->"
Row = dict[str, Any]                   # of a results file: one training


class Study(NamedTuple):
    """Trainings that belong together: one for each corpus and seed."""
    model: str
    what: str                          # for the table
    corpora: tuple[str, ...]           # several where they are the splits of one data set
    asked: dict[str, str]              # measures, and what each should reach
    beside: tuple[str, ...] = ()       # baselines: entries of the task's test, or of baselines.json
    seeds: tuple[int, ...] = (0,)
    options: tuple[str, ...] = ()      # FIELD=VALUE of --set
    preset: str = "quick"


FIVE, TEN = tuple(range(5)), tuple(range(10))
POS = ("ud-english-ewt",), {"accuracy": "at least 93 %"}, ("most frequent tag", "hidden Markov model (tinyseq)")
ENTITIES = ("wnut17",), {"entity F1": "at least 15 %"}, ("most frequent tag", "hidden Markov model (tinyseq)")
BAYES, REGRESSION = "naive Bayes", "logistic regression on sets (scikit-learn)"
SOUNDS = (("cmudict",), {"word error": "at most 31 %", "phone error": "at most 8 %", "word error, greedy": ""},
          ("letters in context (tinyseq)",))
POLARITY = ("rt-polarity", *(f"rt-polarity-{k}" for k in range(1, 5)))
FRENCH = ("fra-eng",), {"BLEU": "", "BLEU, greedy": ""}, ("word by word, IBM model 1 (tinyseq)",)
FEW = ("labelled=500", "steps=100", "batch=128", "evaluate_every=25")
NEAREST, PIXELS = "nearest class mean", "logistic regression on pixels (scikit-learn)"
DIGITS = ("mnist",), {"accuracy": "at least 97.5 %"}, (NEAREST, PIXELS)
READING = ("shakespeare",), {"nats/char": ""}, ("5-grams, Witten-Bell (tinyseq)", "5-grams, interpolated (tinyseq)")
CLOTHES = ("fashion-mnist",), {"accuracy": "at least 91 %"}, (NEAREST, PIXELS)
HALF = ("fashion-mnist-5-9",), {"accuracy": ""}, (NEAREST, PIXELS)
LEARNT = "start_from=runs/chapters/attention_resnet-quick-fashion-mnist-0-4-0"       # what the study before it leaves
SHORT = ("labelled=500", "steps=400", "evaluate_every=40", "lr=0.001", "warmup=20")
HEAD = ("labelled=500", "steps=400", "evaluate_every=40", "lr=0.1", "warmup=20")      # a rate for a last layer alone
SCRATCH = ("labelled=500", "start_from=none", "frozen=none", "lr=0.0003", "steps=160", "evaluate_every=32")

STUDIES = [
    Study("bilstm_tagger", "parts of speech, UD English EWT", *POS),
    Study("bilstm_crf", "parts of speech, UD English EWT", *POS),
    Study("bilstm_tagger", "entities, WNUT-17", *ENTITIES, seeds=TEN),
    Study("bilstm_crf", "entities, WNUT-17", *ENTITIES, seeds=TEN),
    Study("text_classifier", "spam, SMS", ("sms-spam",), {"accuracy": "at least 98.5 % and naive Bayes"},
          (BAYES, REGRESSION), FIVE),
    Study("text_classifier", "sentiment, rt-polarity", POLARITY, {"accuracy": "at least 76 %"}, (BAYES, REGRESSION)),
    Study("text_classifier", "... 500 labelled sentences", POLARITY, {"accuracy": ""}, (BAYES,),
          options=("labelled=500",)),
    Study("text_classifier", "language of a surname", ("language-names",), {"accuracy": "at least 80 %"},
          (BAYES, "logistic regression on 1-4 letters (scikit-learn)")),
    Study("text_classifier", "speaker of a vowel", ("japanese-vowels",), {"accuracy": "at least 97 %"},
          ("logistic regression on means and deviations (scikit-learn)",)),
    Study("minilm", "spam, SMS: features and a new head", ("sms-spam",), {"accuracy": "at least 98 %"},
          (BAYES, REGRESSION)),
    Study("minilm", "sentiment, rt-polarity, 500 labelled sentences: features", POLARITY,
          {"accuracy": "above scratch"}, (BAYES,), options=FEW),
    Study("minilm", "... the same network from scratch", POLARITY, {"accuracy": ""}, (BAYES,), options=SCRATCH,
          preset="long"),
    Study("minilm", "... all sentences: features", POLARITY, {"accuracy": ""}, (BAYES, REGRESSION)),
    Study("minilm", "... all sentences: fine-tuned", POLARITY, {"accuracy": "at least 80 %"}, (BAYES, REGRESSION),
          preset="long"),
    Study("word_lm", "next word, Tiny Shakespeare", ("shakespeare",), {"perplexity": "below 3-grams"},
          ("interpolated 3-grams", "Witten-Bell 3-grams")),
    Study("three_language_models", "characters, Tiny Shakespeare", ("shakespeare",),
          {"perplexity": "", "pseudo-perplexity, bidirectional": "", "at masks, autoregressive": "",
           "at masks, bidirectional": "", "at masks, masked": ""}, ("5-grams",)),
    Study("deep_lstm", "next character, Tiny Shakespeare, the tail that validates", *READING),
    Study("mini_gpt", "... miniGPT, the recipe of nanoGPT for a CPU", READING[0], {"nats/char": "at most 1.90"},
          READING[2]),
    Study("char_transformer", "... rotary positions, SwiGLU", *READING),
    Study("transformer_rnn", "... an LSTM below self-attention", *READING),
    Study("forecaster", "sunspots, one year ahead", ("sunspots",), {"RMSE": "below AR(9)"},
          ("linear autoregression of order 9 (tinyseq)", "persistence (tinyseq)"), FIVE),
    Study("hybrid_forecaster", "... an LSTM below self-attention", ("sunspots",), {"RMSE": "below AR(9)"},
          ("linear autoregression of order 9 (tinyseq)", "persistence (tinyseq)"), FIVE),
    Study("g2p_seq2seq", "spelling to sounds, cmudict", *SOUNDS),
    Study("translator", "English to French, fra-eng", *FRENCH),
    Study("translator", "... thirty pairs by heart", ("thirty-pairs",), {"exact": "100 %"}),
    Study("translator", "... without attention", *FRENCH, options=("attention=none",)),
    Study("seq2seq_transformer", "spelling to sounds, cmudict", SOUNDS[0],
          {"word error": "no more than g2p_seq2seq", "phone error": "", "word error, greedy": ""}, SOUNDS[2]),
    Study("seq2seq_transformer", "English to French, fra-eng", FRENCH[0], {"BLEU": "translator's", "BLEU, greedy": ""},
          FRENCH[2]),
    Study("seq2seq_transformer", "... thirty pairs by heart", ("thirty-pairs",), {"exact": "100 %"}),
    Study("attention_cnn", "digits, MNIST", *DIGITS),
    Study("attention_cnn", "... without attention", *DIGITS, options=("attention=0",)),
    Study("attention_cnn", "clothes, Fashion-MNIST", *CLOTHES),
    *(Study("attention_cnn", f"... {n} head{'s' * (n > 1)}", *CLOTHES, options=(f"num_heads={n}",)) for n in (1, 2, 8)),
    Study("attention_cnn", "... after the first convolution", *CLOTHES, options=("attention=1",)),
    Study("attention_cnn", "... without attention", *CLOTHES, options=("attention=0",)),
    Study("attention_resnet", "clothes, Fashion-MNIST", ("fashion-mnist",), {"accuracy": "at least 92 %"},
          (NEAREST, PIXELS)),
    Study("attention_resnet", "... without attention", ("fashion-mnist",), {"accuracy": ""}, (NEAREST, PIXELS),
          options=("attention_from=5",)),
    Study("attention_resnet", "clothes 0-4", ("fashion-mnist-0-4",), {"accuracy": ""}, (NEAREST, PIXELS)),
    Study("attention_resnet", "clothes 5-9, 500 labelled images: features of 0-4", *HALF,
          options=(*HEAD, LEARNT, "frozen=body")),
    Study("attention_resnet", "... fine-tuned", *HALF, options=(*SHORT, LEARNT)),
    Study("attention_resnet", "... from scratch", *HALF, options=SHORT),
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = tuple(dict.fromkeys(study.model for study in STUDIES))
    options.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(known)}")
    options.add_argument("--again", action="store_true", help="train also what has been measured")
    options.add_argument("--table", action="store_true", help="print the README's table")
    options.add_argument("--write", action="store_true", help="put it into the README")
    args = options.parse_args()
    if unknown := [name for name in args.models if name not in known]:
        options.error(f"there is no study of {unknown[0]!r}; they are of {', '.join(known)}")
    if not (args.models or args.table or args.write):
        options.error("name a model, or ask for --table or --write")
    for study in STUDIES:
        if study.model in args.models:
            measure(study, args.again)
    if args.table:
        print(table(results()))
    if args.write:
        text = with_table(README.read_text(encoding="utf-8"), results())
        write_atomically(README, text.encode())


# Measuring --------------------------------------------------------------------------------------------------

def measure(study: Study, again: bool) -> None:
    """Train what the study still lacks; each training is kept as soon as it is over."""
    for corpus, seed in product(study.corpora, study.seeds):
        run = name_of(study, corpus, seed)
        settings = settings_of(study, corpus, seed)
        there = [row for row in read(study.model) if is_of(row, run)]
        if there and is_same(there[0]["settings"], settings) and not again:
            print(f"{study.model} {run}: measured already", flush=True)
            continue
        row = {**run, **trained(study, corpus, seed, again), "settings": settings}
        path = RESULTS / f"{study.model}.json"
        path.parent.mkdir(exist_ok=True)
        rows = [*(other for other in read(study.model) if not is_of(other, run)), row]
        write_atomically(path, (json.dumps(rows, indent=1) + "\n").encode())
        print({name: value for name, value in row.items() if name != "settings"}, flush=True)


def name_of(study: Study, corpus: str, seed: int) -> Row:
    """What a training is asked for by."""
    return {"corpus": corpus, "preset": study.preset, "options": list(study.options), "seed": seed}


def settings_of(study: Study, corpus: str, seed: int) -> dict[str, dict[str, Any]]:
    """All fields of the recipe and of the model's config, with the sizes that the data decide as they stand in Config:
    what a training is known by. A preset or a default that was changed since makes it another one."""
    page = models.find(study.model)
    of_recipe, of_config = divide({**models.preset(page, study.preset, corpus), **dict(map(pair, study.options)),
                                   "seed": seed}, page.Config)
    return {"recipe": asdict(Recipe(**of_recipe)), "config": asdict(page.Config(**of_config))}


def is_same(settings: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> bool:
    """Whether all fields that a row noted have these values still. A field that came later changes nothing."""
    return all(settings[part].items() <= now[part].items() for part in now)


def trained(study: Study, corpus: str, seed: int, again: bool = False) -> Row:
    """One training by the command line, and what its best weights reach on the test part. A run that lies there from an
    earlier call, and has all its steps, is measured and not trained again; one that was cut off begins anew.

    minutes     of the training and its validations, by the run's own log"""
    options = [word for option in study.options for word in ("--set", option)]
    out = RUNS / "-".join((study.model, study.preset, corpus, *study.options, str(seed))).replace("/", "_")
    mark, settings = out / "settings.json", settings_of(study, corpus, seed)        # the mark of a whole training
    if again or not mark.exists() or not is_same(json.loads(mark.read_text(encoding="utf-8")), settings):
        shutil.rmtree(out, ignore_errors=True)
        print(f"training {out.name}, load {os.getloadavg()[0]:.1f}", flush=True)
        subprocess.run([sys.executable, "-m", "tinyseq", "train", study.model, "--preset", study.preset, "--corpus",
                        corpus, "--seed", str(seed), "--out", str(out), *options],
                       check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        mark.write_text(json.dumps(settings), encoding="utf-8")
    model, task, run = open_run(str(out))
    with one_blas_thread_each():
        measures = task.prepare(Recipe(**run.recipe), run.data["corpus"], run.data).test(model)
    if "model" in measures:                                # a series: mean squared errors, in the squares of its unit
        measures = {{"model": "RMSE"}.get(name, name): math.sqrt(value) for name, value in measures.items()}
    last = [line for line in read_log(out) if "seconds" in line][-1]
    return {"measures": measures, "parameters": model.count(), "steps": last["step"],
            "minutes": round(last["seconds"] / 60, 2), "cores": default_threads(), "machine": platform.machine(),
            "python": platform.python_version()}


# Results ----------------------------------------------------------------------------------------------------

def read(model: str) -> list[Row]:
    """What has been measured of a model."""
    path = RESULTS / f"{model}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def is_of(row: Row, run: Row) -> bool:
    """Whether a row is this training, perhaps with other settings."""
    return all(row[name] == value for name, value in run.items())


def results() -> dict[str, Any]:
    """The rows of each model, and the baselines."""
    return {"models": {name: read(name) for name in {study.model for study in STUDIES}},
            "baselines": json.loads(BASELINES.read_text(encoding="utf-8")) if BASELINES.exists() else {}}


# The table --------------------------------------------------------------------------------------------------

def table(results: dict[str, Any]) -> str:
    """A line for each study and measure, in Markdown, of what has been measured with the recipes as they are now."""
    lines = ["| task | `tinyseq train` | measure | asked | beside it | reached | minutes |", "|---" * 7 + "|"]
    for study in STUDIES:
        rows = [row for corpus, seed in product(study.corpora, study.seeds) for row in results["models"][study.model]
                if is_of(row, name_of(study, corpus, seed))
                and is_same(row["settings"], settings_of(study, corpus, seed))]
        lines += [line(study, rows, measure, results["baselines"]) for measure in study.asked if rows]
    return "\n".join(lines)


def line(study: Study, rows: list[Row], measure: str, baselines: dict[str, Any]) -> str:
    """One line: the mean over the rows, and the minutes of the training that was disturbed least."""
    beside = "; ".join(f"{name.removesuffix(' (tinyseq)')} {written(measure, value)}" for name in study.beside
                       for value in beside_it(study, rows, measure, name, baselines))
    minutes = min(row["minutes"] for row in rows)          # other programs had the machine for some of the time
    cells = (study.what, f"`{command(study)}`", measure, study.asked[measure] or "-", beside or "-",
             reached(measure, [row["measures"][measure] for row in rows]), f"{minutes:.1f}")
    return f"| {' | '.join(cells)} |"


def beside_it(study: Study, rows: list[Row], measure: str, name: str, baselines: dict[str, Any]) -> list[float]:
    """The value of a baseline: of the task's test, whose baselines belong to its first measure, the mean over the rows;
    otherwise that of baselines.json. None, if it has not this measure."""
    if name in rows[0]["measures"]:
        return [mean(row["measures"][name] for row in rows)] if measure == next(iter(rows[0]["measures"])) else []
    found = baselines.get(study.corpora[0], {}).get("baselines", {}).get(name, {})
    return [found[measure]] if measure in found else []


def command(study: Study) -> str:
    """What stands behind `tinyseq train`."""
    preset = () if study.preset == "quick" else (f"--preset {study.preset}",)
    return " ".join((study.model, *preset, f"--corpus {study.corpora[0]}",
                     *(f"--set {option}" for option in study.options)))


def reached(measure: str, values: list[float]) -> str:
    """The mean, and where there are several the least and the largest."""
    if len(values) == 1:
        return written(measure, values[0])
    return (f"{written(measure, mean(values))} (mean of {len(values)}: {written(measure, min(values))} to "
            f"{written(measure, max(values))})")


def written(measure: str, value: float) -> str:
    """Parts of a whole in percent, nats with three places, the rest with two."""
    if measure.startswith(("accuracy", "entity F1", "word error", "phone error", "exact")):
        return f"{value:.2%}"
    return f"{value:.3f}" if measure.startswith("nats") else f"{value:.2f}"


def with_table(readme: str, results: dict[str, Any]) -> str:
    """The README with this table between its two marks. Raises ValueError where they are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{README} lacks the lines {BEGIN!r} and {END!r}: put them where the table belongs")
    return f"{before}{begin}\n\n{table(results)}\n\n{end}{after}"


if __name__ == "__main__":
    main()
