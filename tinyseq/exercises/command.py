"""tinyseq exercises list | check ID [FILE] | grade FILE... [--json FILE]"""
import json
from pathlib import Path
from typing import Any

from tinyseq.exercises.examine import examine, exercises, find, practices
from tinyseq.exercises.exercise import Exercise
from tinyseq.exercises.grade import grade
from tinyseq.exercises.practice import Practice, examined
from tinyseq.exercises.submission import code, names
from tinyseq.files import write_atomically


def add_arguments(parser: Any) -> None:
    """The grammar of the three commands, for a parser of argparse."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="list | check | grade")
    parts.add_parser("list", help="all of them, in the order of the book")
    check = parts.add_parser("check", help="the verdict on the answer in a file; without a file: what is asked")
    check.add_argument("id", metavar="ID", help="of `tinyseq exercises list`")
    check.add_argument("file", nargs="?", metavar="FILE", help="a Python file or a notebook")
    grade = parts.add_parser("grade", help="points for files of answers")
    grade.add_argument("files", nargs="+", metavar="FILE", help="Python files or notebooks")
    grade.add_argument("--json", metavar="FILE", help="write the points there, in the form that Gradescope reads")


def run(args: Any) -> int:
    """Print what was asked for. Exit status: 0, or 1 where an answer is not right."""
    if args.part == "list":
        said, right = listed(), True
    elif args.part == "check":
        said, right = checked(args.id, args.file)
    else:
        said, right = graded(args.files, args.json)
    print(said)
    return 0 if right else 1


def listed() -> str:
    """A line for each exercise and each practice."""
    known: list[Exercise | Practice] = [*exercises().values(), *practices().values()]
    width = max(len(one.id) for one in known)
    return "\n".join(f"{one.section:<13} {one.id:<{width}}  {one.title}" for one in known)


def checked(id: str, file: str | None) -> tuple[str, bool]:
    """The verdict on the answer in a file, and whether it is right; without a file, what is asked."""
    asked = practices().get(id) or find(id)
    if file is None:
        return f"{question(asked)}\nThen: tinyseq exercises check {id} FILE.py", True
    answers, errors = names(list(code(Path(file))))
    if not callable(answer := answers.get(asked.function)):
        because = f" ({errors[0]})" if errors else ""
        raise ValueError(f"{file} has no function {asked.function}{because}: that is the name of an answer to {id}")
    if isinstance(asked, Practice):
        verdict = examined(asked, answer, answers.get(f"{asked.function}_table", []))
    else:
        verdict = examine(id, answer)
    return verdict.words, verdict.right


def question(asked: Exercise | Practice) -> str:
    """What is asked."""
    if isinstance(asked, Practice):
        return (f"{asked.question}\n\nWrite {asked.function}({', '.join(asked.settings)}).\n"
                f"Return: {', '.join(asked.measures)}\nFill {asked.function}_table, a list of dicts, a row for each "
                f"of its {len(asked.rows())} settings.")
    arguments = ", ".join(asked.case(1).given)
    gives = "the model" if asked.probe else ", ".join(
        f"{symbol} ({', '.join(axes)})" for symbol, axes in asked.gives.items())
    return (f"{asked.title}\n\n{asked.equations}\n\nWrite {asked.function}({arguments}).\nGiven: {asked.given}\n"
            f"Return: {gives}")


def graded(files: list[str], out: str | None) -> tuple[str, bool]:
    """A line for each exercise of each file, and whether all is right. out: where the points go as JSON; of a single
    file in the form that Gradescope reads, of several a list."""
    all_graded = [grade(Path(file)) for file in files]
    if out:
        content: Any = all_graded[0] if len(all_graded) == 1 else all_graded
        write_atomically(Path(out), (json.dumps(content, indent=1) + "\n").encode())
    lines = []
    for one in all_graded:
        lines.append(f"{one['extra_data']['file']}: {one['score']} of {one['extra_data']['max_score']} points")
        lines += [f"  {test['name']}: {test['score']} of {test['max_score']}" for test in one["tests"]]
        lines += [f"  {note}" for note in one["output"].splitlines()]
    return "\n".join(lines), all(
        one["tests"] and one["score"] == one["extra_data"]["max_score"] for one in all_graded)
