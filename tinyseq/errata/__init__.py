"""The errata lab: what is wrong in the book's programs and formulas, each fault small enough to run, with the number
that shows it and its sound twin beside it. `tinyseq errata` lists them, `tinyseq errata ID` tells one.

    specimen.py              what a specimen is;  measures.py: what several measure with
    backpropagation.py       7.1    the gradients of the recurrent network
    vanishing.py             7.2, 7.3    gates, and what becomes of gradients through time
    forecasting.py           7.1, 7.5    the network that forecasts a sine, and its optimiser
    shapes.py                7.2-7.4, 8.2-8.4, 9.3    what does not fit
    reads_its_answer.py      a bidirectional network that predicts the next character (7.4a, 8.1-8.4, 9.3a)
    attention_over_states.py 7.4, 8.4    attention over the states of a recurrent network
    language_models.py       8.1    three language models, and what is called their perplexity
    stacks.py                8.2, 8.3, 8.5    two directions, several layers, clipped gradients, the rate
    dropping.py              8.2-8.5, 9.3-9.5, techniques    dropout
    hybrid.py                8.5    the transformer-based RNN
    images.py                9.1, 9.2    attention in networks that see images
    self_attention.py        9.3    attention over recurrent states, and the translator
    transformers.py          9.4, 9.5    the transformer, transfer, miniGPT
    searching.py             techniques    beam search
    introduction.py          the introduction's equations, and how it writes
    random_targets.py        regressors that are taught random targets (the introduction)
"""
from importlib import import_module

from tinyseq.errata.specimen import SPECIMENS, Row, Specimen, specimen, table, written

__all__ = ["HEAD", "PAGES", "Row", "Specimen", "find", "line", "report", "specimen", "specimens", "story", "table"]

PAGES = ("backpropagation", "vanishing", "forecasting", "shapes", "reads_its_answer", "attention_over_states",
         "language_models", "stacks", "dropping", "hybrid", "images",
         "self_attention", "transformers", "searching", "introduction", "random_targets")


def specimens() -> dict[str, Specimen]:
    """All specimens by id, in the order of the book."""
    for page in PAGES:
        import_module(f"tinyseq.errata.{page}")
    return dict(sorted(SPECIMENS.items(), key=lambda item: item[1].sections))


def find(id: str) -> Specimen:
    """The specimen of this id. Raises ValueError for an unknown one, listing those there are."""
    known = specimens()
    if id not in known:
        raise ValueError(f"there is no specimen {id!r}; the specimens are {', '.join(known)}")
    return known[id]


def line(found: Specimen) -> str:
    """One line for the list: the first row of a specimen, or how to see it where it takes long."""
    if found.slow:
        numbers, what = f"{'':>12}  {'':>12}", f"takes longer: tinyseq errata {found.id}"
    else:
        row = found.run()[0]
        numbers, what = f"{written(row.faulty):>12}  {written(row.sound):>12}", row.what
    return f"{found.id:<26} {found.sections:<25} {numbers}  {found.title}: {what}"


HEAD = f"{'id':<26} {'section':<25} {'faulty':>12}  {'sound':>12}  what is wrong, and what the numbers are"


def story(found: Specimen) -> str:
    """The fault and its cure with all their numbers."""
    title, _, rest = found.story.partition("\n")
    return f"{found.id} ({found.sections})\n\n{title}\n{rest}\n\n{table(found.run())}\n\nsound: tinyseq/{found.sound}"


def report(id: str | None = None) -> None:
    """What `tinyseq errata` does: tell one, or list all, each as soon as it is measured. Raises ValueError as find."""
    if id is not None:
        print(story(find(id)))
        return
    print(HEAD)
    for found in specimens().values():
        print(line(found), flush=True)
