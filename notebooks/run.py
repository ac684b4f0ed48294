"""Runs lessons and writes what they print into them. A lesson is its notebook: there is no other copy of it.

    python notebooks/run.py                       every lesson from a fresh kernel; its outputs go into its file
    python notebooks/run.py 7.1 00                those whose names contain "7.1" or "00"
    python notebooks/run.py --check 7.1           run, and compare with what is committed; write nothing
    python notebooks/run.py --text 7.1            print the lesson as Markdown, to read, or to edit in a file
    python notebooks/run.py --from FILE 7.1       take the lesson's cells from such a file (it may be new), run, write

It needs pip install -e '.[notebooks]'. Data are found as everywhere: in $TINYSEQ_DATA, in the cache, at their address.

What is written is the same for the same lesson: cells are named by their text, and there are no execution counts, no
times and no versions. The metadata say which code cells (`cells`), which text of the library (`library`) and which
measurements (`results`) the outputs come from; when one has changed, they are stale, and tests/notebooks says so.
"""
import argparse
import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import lesson

FOLDER = Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))

Notebook = dict[str, Any]


# The file ---------------------------------------------------------------------------------------------------

def read(name: str) -> Notebook:
    """A lesson by its name."""
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def written(notebook: Notebook) -> str:
    """The text of the file, as Jupyter writes it: a line of a cell is a line of the file, so a diff can be read."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code_cells(notebook: Notebook) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def outputs(cell: dict) -> list[dict]:
    """The outputs of a cell that hold data: what a print wrote, what the last line of a cell is."""
    return [{"text/plain": o["text"]} if o["output_type"] == "stream" else o["data"] for o in cell["outputs"]]


def printed(notebook: Notebook) -> str:
    """What a reader sees below the cells, but for pictures."""
    return "\n".join("".join(text) for cell in code_cells(notebook) for output in outputs(cell)
                     for kind, text in output.items() if kind.startswith("text/"))


# A lesson as Markdown ---------------------------------------------------------------------------------------

FENCE = re.compile(r"^```python ?(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def as_text(notebook: Notebook) -> str:
    """Prose as it is, code between fences: ```python, or ```python trained with the cell's tag."""
    parts = []
    for cell in notebook["cells"]:
        tags = " ".join(cell["metadata"].get("tags", []))
        fence = f"```python {tags}".rstrip()
        parts.append(f"{fence}\n{source(cell)}\n```" if cell["cell_type"] == "code" else source(cell))
    return "\n\n".join(parts) + "\n"


def from_text(text: str) -> Notebook:
    """The notebook of such a text, without outputs."""
    cells, position = [], 0
    for match in FENCE.finditer(text):
        cells += [_cell("markdown", text[position:match.start()]), _cell("code", match[2], match[1])]
        position = match.end()
    cells.append(_cell("markdown", text[position:]))
    return {"cells": [cell for cell in cells if cell["source"]], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, text: str, tag: str = "") -> dict:
    cell = {"cell_type": kind, "metadata": {"tags": [tag]} if tag else {}, "source": text.strip("\n")}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


# Running ----------------------------------------------------------------------------------------------------

def run(notebook: Notebook) -> Notebook:
    """The lesson with what it prints in a fresh kernel. Raises RuntimeError for a cell that fails."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    fresh = nbformat.reads(written(tidy(notebook)), as_version=4)
    folder = {"metadata": {"path": str(FOLDER)}}
    try:
        NotebookClient(fresh, timeout=600, kernel_name="python3", resources=folder).execute()
    except CellExecutionError as error:
        raise RuntimeError(str(error)) from None
    done = tidy(json.loads(nbformat.writes(fresh)))
    return done | {"metadata": done["metadata"] | {"tinyseq": digests(done)}}


def tidy(notebook: Notebook) -> Notebook:
    """The same lesson without what changes from run to run or from editor to editor."""
    cells: list[dict] = []
    for cell in notebook["cells"]:
        text, kind = source(cell), cell["cell_type"]
        tags = cell["metadata"].get("tags")
        same = sum(source(other) == text for other in cells)
        new = {"cell_type": kind, "id": digest(text + " again" * same)[:8], "source": text.splitlines(keepends=True),
               "metadata": {"tags": tags} if tags else {}}
        if kind == "code":
            new |= {"execution_count": None, "outputs": _tidied(cell["outputs"])}
        cells.append(new)
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"}, "tinyseq": notebook["metadata"].get("tinyseq", {})}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _tidied(outputs: list[dict]) -> list[dict]:
    """Neighbouring prints as one output, results without their number."""
    tidied: list[dict] = []
    for output in outputs:
        if output["output_type"] == "stream":
            before = tidied[-1] if tidied else {}
            text = "".join(output["text"])
            if before.get("name") == output["name"]:
                text = "".join(tidied.pop()["text"]) + text
            tidied.append({"name": output["name"], "output_type": "stream", "text": text.splitlines(keepends=True)})
        else:
            data = {kind: "".join(value).splitlines(keepends=True) if kind.startswith("text/") else value
                    for kind, value in output["data"].items()}
            kept = {key: value for key, value in output.get("metadata", {}).items() if key in ("tinyseq", "image/png")}
            tidied.append({"data": data, "metadata": kept, "output_type": "display_data"})
    return tidied


# Stale or not -----------------------------------------------------------------------------------------------

def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digests(notebook: Notebook) -> dict[str, str]:
    """What the outputs come from: of the code cells, and, as they are today, of the text of the library and of the
    measurements that they show. Raises AttributeError or ImportError where something shown is gone."""
    named = re.findall(r"benchmarks/results/[\w/]+\.json", printed(notebook))
    return {"cells": digest("\0".join(map(source, code_cells(notebook)))),
            "library": digest("\0".join(repr(lesson.again(name)) for name in shown(notebook))),
            "results": digest("\0".join((lesson.ROOT / path).read_text(encoding="utf-8") for path in named))}


def shown(notebook: Notebook) -> list[str]:
    """The names of what lesson.show and lesson.equations have shown."""
    return [output["metadata"]["tinyseq"] for cell in code_cells(notebook) for output in cell["outputs"]
            if "tinyseq" in output.get("metadata", {})]


# The same or not --------------------------------------------------------------------------------------------

FLOAT = re.compile(r"[-+]?(?:\d[\d,]*\.\d*|\.\d+|\d+(?=e[-+]?\d))(?:e[-+]?\d+)?")
NUMBER = re.compile(FLOAT.pattern + r"|(?<!\w)[-+]?\d+")
LINE = re.compile(r"(?<=\.py:)\d+|(?<=\.py, line )\d+")
EXACT, TRAINED = 1e-3, 0.05              # how far a number may be from the committed one, as a part of it


def differences(committed: Notebook, fresh: Notebook) -> list[str]:
    """Where a fresh run says something else than what is committed. Words must be the same, numbers nearly: to a
    thousandth and two units of their last digit, in a cell tagged "trained" to a twentieth; of a cell tagged "varies"
    nothing is compared. Whole numbers must be the same, but for trained cells, and but for the places of lines: what a
    cell shows of a file does not change when the file grows above it. Pictures are there or not."""
    found = []
    for old, new in zip(code_cells(committed), code_cells(fresh), strict=True):
        tags = old["metadata"].get("tags", [])
        if [sorted(o) for o in outputs(old)] != [sorted(o) for o in outputs(new)]:
            found.append(f"other kinds of output in the cell\n{source(old)}")
        elif "varies" not in tags:
            texts = [["".join(output["text/plain"]) for output in outputs(cell)] for cell in (old, new)]
            what = filter(None, (other(a, b, "trained" in tags) for a, b in zip(*texts, strict=True)))
            found += [f"in the cell\n{source(old)}\n{difference}" for difference in what]
    return found


def other(old: str, new: str, trained: bool) -> str:
    """What differs between two printed texts; "" if nothing does."""
    numbers = NUMBER if trained else FLOAT
    old, new = (LINE.sub("#", text) for text in (old, new))
    for a, b in zip(old.splitlines(), new.splitlines(), strict=False):
        same_words = _words(a, numbers) == _words(b, numbers)
        pairs = zip(numbers.findall(a), numbers.findall(b), strict=False)
        if not same_words or not all(near(x, y, TRAINED if trained else EXACT) for x, y in pairs):
            return f"committed  {a}\nnow        {b}"
    longer = old if len(old.splitlines()) > len(new.splitlines()) else new
    lines = min(len(old.splitlines()), len(new.splitlines()))
    return "" if len(longer.splitlines()) == lines else f"more lines: {longer.splitlines()[lines]}"


def _words(line: str, numbers: re.Pattern) -> list[str]:
    """A line without its numbers, however wide its columns are."""
    return numbers.sub(" # ", line).replace("[", " [ ").split()


def near(old: str, new: str, part: float) -> bool:
    """Whether two printed numbers are the same: to a part of them, and two units of the last digit."""
    x, y = (float(number.replace(",", "")) for number in (old, new))
    digits, _, exponent = old.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    return abs(x - y) <= part * max(abs(x), abs(y)) + 2 * last or max(abs(x), abs(y)) < 1e-12


# The command ------------------------------------------------------------------------------------------------

def main() -> int:
    parser = argparse.ArgumentParser(description="Runs lessons and writes what they print into them.")
    parser.add_argument("names", nargs="*", help="parts of names; all lessons where there are none")
    parser.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    parser.add_argument("--text", action="store_true", help="print the lesson as Markdown, run nothing")
    parser.add_argument("--from", dest="file", metavar="FILE", help="take the cells of one lesson from such Markdown")
    given = parser.parse_args()
    chosen = [name for name in NAMES if not given.names or any(part in name for part in given.names)]
    if given.file:
        chosen = chosen or given.names
        if len(chosen) != 1:
            parser.error(f"--from makes one lesson; {given.names} choose {chosen}: name one, or a new one")
    if not chosen:
        parser.error(f"no lesson has {' or '.join(given.names)} in its name; there are {', '.join(NAMES)}")
    status = 0
    for name in chosen:
        notebook = from_text(Path(given.file).read_text(encoding="utf-8")) if given.file else read(name)
        if given.text:
            print(as_text(notebook), end="")
            continue
        start = time.monotonic()
        try:
            fresh = run(notebook)
        except RuntimeError as error:
            print(f"{name}, unchanged: {error}", file=sys.stderr)
            return 1
        print(f"{name}: {time.monotonic() - start:.0f} s", flush=True)
        if given.check:
            found = differences(notebook, fresh)
            print("\n\n".join(found), end="\n" if found else "")
            status |= bool(found)
        else:
            (FOLDER / f"{name}.ipynb").write_text(written(fresh), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
