"""Translation with attention and without: BLEU by the length of the sentence, and by the width of the beam.

    python benchmarks/translation.py WITH WITHOUT      two run folders of translator -> results/translation.json,
                                                       translation.png, translation_maps.png
    python benchmarks/translation.py --table           prints what was found

    tinyseq train translator --out WITH;  tinyseq train translator --set attention=none --out WITHOUT

Both are measured on the test part of fra-eng. Without attention everything that a sentence says has to fit into one
state of the decoder, so it should lose more the longer the sentence is. What the beam divides its scores by, the
length to the power of a penalty, is a choice, and so it is measured on the validation part.
"""
import argparse
import json
from pathlib import Path
from typing import Any

from tinyseq import backend
from tinyseq.cli import open_run
from tinyseq.data import joined, tokens
from tinyseq.pictures import AttentionMap, attention_maps, small_multiples
from tinyseq.training import Recipe
from tinyseq.training.answering import BEAM, answers, vocabularies
from tinyseq.training.parallel import one_blas_thread_each
from tinyseq.training.translation import TranslationTask, bleu, references

RESULTS = Path(__file__).parent / "results"
PATH = RESULTS / "translation.json"
GROUPS = ((1, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 9), (10, 14))                 # English words and signs
WIDTHS = (1, 2, 5, 10)
PENALTIES = (0.0, 0.5, 1.0, 1.5)
SENTENCES = ("I don't know where she is.", "He gave me his phone number.")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", nargs="*", metavar="RUN", help="with attention, and without")
    options.add_argument("--table", action="store_true")
    args = options.parse_args()
    if args.table:
        print(table(json.loads(PATH.read_text())))
        return
    if len(args.runs) != 2:
        options.error("two run folders are needed: WITH WITHOUT")
    with one_blas_thread_each():
        found = {name: measured(run) for name, run in zip(("attention", "no attention"), args.runs, strict=True)}
    PATH.write_text(json.dumps(found, indent=1) + "\n")
    lines = {name: [(sum(group) / 2, value) for group, value in zip(GROUPS, row["by length"].values(), strict=True)]
             for name, row in found.items()}
    small_multiples(RESULTS / "translation.png", {f"beam {BEAM}": lines}, "English to French, at most 10 words",
                    "English words and signs", "BLEU")
    draw_maps(args.runs[0])
    print(table(found))


def measured(folder: str) -> dict[str, Any]:
    """BLEU of the whole test part for each width, and of each group of lengths."""
    model, task_class, run = open_run(folder)
    task = task_class.prepare(Recipe(**run.recipe), run.data["corpus"], run.data)
    right = references(task.parts.test)
    said = {width: dict(zip(right, task.translated(model, list(right), width), strict=True)) for width in WIDTHS}
    by_length = {}
    for low, high in GROUPS:
        of_group = {sentence: of_one for sentence, of_one in right.items() if low <= len(tokens(sentence)) <= high}
        name = f"{low}-{high}: {len(of_group)} sentences"
        by_length[name] = round(bleu([said[BEAM][sentence] for sentence in of_group], of_group), 2)
    return {"by beam": {str(width): round(bleu(list(said[width].values()), right), 2) for width in WIDTHS},
            "by length": by_length, "parameters": model.count(), "length_penalty": TranslationTask.length_penalty,
            "validation by penalty": by_penalty(model, task)}


def by_penalty(model: Any, task: TranslationTask) -> dict[str, float]:
    """BLEU of the validation part for each length penalty, by a beam of BEAM."""
    right = references(task.parts.validation)
    questions = [tokens(sentence) for sentence in right]
    found = {}
    for penalty in PENALTIES:
        said = answers(model, questions, task.sources, task.targets, BEAM, penalty)
        found[str(penalty)] = round(bleu([joined(words) for words in said], right), 2)
    return found


def table(found: dict[str, Any]) -> str:
    """The three studies in Markdown: a column for each model."""
    lines = [f"| BLEU | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for study, start in (("by beam", "beam "), ("by length", f"beam {BEAM}, words and signs "),
                         ("validation by penalty", f"validation, beam {BEAM}, length penalty ")):
        for name in next(iter(found.values()))[study]:
            lines.append(f"| {start}{name} | {' | '.join(f'{row[study][name]:.2f}' for row in found.values())} |")
    return "\n".join(lines)


def draw_maps(folder: str) -> None:
    """Where the model looks while it translates SENTENCES."""
    model, task, run = open_run(folder)
    english, french = vocabularies(run.data)
    maps = []
    for sentence, said in zip(SENTENCES, task.predict(model, run.data, SENTENCES), strict=True):
        words = tokens(said)
        weights = model.attention_map(english.encode(tokens(sentence)), [*french.encode(words), french.eos])
        maps.append(AttentionMap(tokens(sentence), [*words, "EOS"], backend.to_host(weights)))
    attention_maps(RESULTS / "translation_maps.png", maps, "Where the decoder looks while it translates")


if __name__ == "__main__":
    main()
