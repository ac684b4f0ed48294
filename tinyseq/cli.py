"""The command line: tinyseq train | sample | predict | evaluate | models | data | gradcheck | trace | errata |
exercises | info.

Exit status: 0 done; 1 a check failed; 2 wrong use or bad input, with one line on stderr; 130 stopped by Ctrl-C.
"""
import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

import tinyseq
from tinyseq import backend
from tinyseq.exercises import command as exercises


class Parser(argparse.ArgumentParser):
    """argparse, with errors in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = parser().parse_args(arguments)
    try:
        status = args.run(args)
        sys.stdout.flush()                                 # what cannot be written is an error of ours, not of the exit
        return status
    except BrokenPipeError:                                # the reader of our output, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError, MemoryError) as error:
        print(f"tinyseq {args.command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def parser() -> Parser:
    """The grammar of the commands."""
    top = Parser(prog="tinyseq", description="The sequence-model textbook that runs.")
    top.add_argument("--version", action="version", version=f"tinyseq {tinyseq.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Any], int], summary: str) -> Parser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(run=run)
        return added

    train = command("train", train_command, "Train a model; write a run folder.")
    train.add_argument("model", nargs="?", metavar="MODEL", help="see `tinyseq models`; char_lstm if left out")
    train.add_argument("--preset", choices=["quick", "long", "book"], help="quick (default): minutes; long: the better "
                       "recipe; book: the book's own sizes and rates")
    train.add_argument("--corpus", metavar="NAME|FILE", help="auto (default), shakespeare, pydoc or a text file; other "
                       "models have corpora of their own: a wrong name lists them")
    for option, field in OPTIONS.items():
        train.add_argument(option, metavar="N" if option != "--lr" else "X", help=f"sets the field {field}")
    train.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="set any field of the recipe "
                       "or of the model's config; an unknown one lists them")
    train.add_argument("--out", metavar="DIR", help="the run folder; runs/MODEL-N, the first free N, if left out")
    train.add_argument("--resume", metavar="DIR", help="go on with the run in this folder")

    sample = command("sample", sample_command, "Let a trained model write.")
    sample.add_argument("folder", metavar="RUN", help="a run folder")
    sample.add_argument("--prompt", metavar="TEXT", help="the model reads it first (default: a new line)")
    sample.add_argument("--length", type=int, default=500, metavar="N", help="symbols to write (default 500)")
    sample.add_argument("--temperature", type=float, default=0.8, metavar="X", help="0 is greedy (default 0.8)")
    sample.add_argument("--top-k", type=int, metavar="N", help="draw from the N likeliest only")
    sample.add_argument("--top-p", type=float, metavar="X", help="draw from the likeliest that reach X together")
    sample.add_argument("--stop", metavar="TEXT", help="end after writing this text; a word model ends with its "
                        "sentence, and goes on to --length with an empty TEXT")
    sample.add_argument("--seed", type=int, metavar="N", help="the same text each time")

    evaluate = command("evaluate", evaluate_command, "Measure a trained model on held-out data.")
    evaluate.add_argument("folder", metavar="RUN", help="a run folder")
    evaluate.add_argument("--corpus", metavar="NAME|FILE", help="other data, all of them, not the held-out part")

    predict = command("predict", predict_command, "Tag, classify, pronounce, translate, forecast, write on.")
    predict.add_argument("folder", metavar="RUN", help="a run folder")
    predict.add_argument("texts", nargs="*", metavar="TEXT", help="one answer each; without any: each line of stdin")

    command("models", models_command, "List the models.")
    data = command("data", data_command, "List the data sets, or download one.")
    data.add_argument("action", choices=["list", "fetch"])
    data.add_argument("name", nargs="?", metavar="NAME")
    check = command("gradcheck", gradcheck_command, "Check gradients against the values.")
    check.add_argument("what", nargs="?", default="all", metavar="MODEL|OP|all")
    trace = command("trace", trace_command, "Trace a model's TINY size, number by number.")
    trace.add_argument("model", metavar="MODEL", help="see `tinyseq models`")
    trace.add_argument("--html", metavar="FILE", help="write a page to step through, which works without a network")
    trace.add_argument("--worksheet", metavar="FILE", help="write a sheet for paper and pencil; answers: FILE.key")
    errata = command("errata", errata_command, "Run the errata lab: what is wrong in the book, with the numbers.")
    errata.add_argument("id", nargs="?", metavar="ID", help="tell this one; without an ID: list all")
    exercises.add_arguments(command("exercises", exercises.run, "List the exercises; check an answer; grade files."))
    command("info", info_command, "Show versions, backend, device, threads and the data folder.")
    return top


OPTIONS = {"--steps": "steps", "--hidden": "H", "--batch": "batch", "--seq-len": "seq_len", "--lr": "lr",
           "--seed": "seed", "--threads": "threads"}
CHANGEABLE = {"steps", "threads", "evaluate_every", "patience"}     # by --resume; the rest makes the run what it is


def train_command(args: Any) -> int:
    from tinyseq.training.loop import train
    from tinyseq.training.watch import RunWatcher

    session = begin(args) if args.resume is None else resume(args)
    print(f"{session.note}\n{session.task.baseline()}", file=sys.stderr)
    watcher = RunWatcher(session.folder, session.recipe, session.task, session.progress)
    watcher.save(session.progress, session.model, session.optimiser)
    try:
        if hasattr(session.task, "meet"):                  # what never changes is computed once, before the first step
            session.task.meet(session.model)
        progress = train(session.model, session.task, session.recipe, watcher, session.progress, session.optimiser)
    finally:
        watcher.close()
    return finish(session, progress)


class Session:
    """A model, its task, its recipe and its folder, ready to be trained."""

    def __init__(self, folder: Path, name: str, config: dict, recipe: Any, task: Any, saved: dict | None = None):
        """Builds the model from config.json's fields, and takes over a checkpoint if the folder holds one (`saved`)."""
        from tinyseq import models
        from tinyseq.training.loop import Progress
        from tinyseq.training.run import load_checkpoint
        from tinyseq.training.start import start

        page = models.find(name)
        self.folder, self.recipe, self.task = folder, recipe, task
        backend.manual_seed(recipe.seed)
        self.model = page.Model(page.Config(**config))
        start(self.model, recipe, fresh=saved is None)
        self.optimiser = recipe.make_optimiser(self.model.trained())
        self.progress = Progress()
        if saved is not None:
            self.progress, parts = load_checkpoint(folder, saved)
            self.model.load_state_dict(parts["model"])
            self.optimiser.load_state_dict(parts["optimiser"])
            task.load_state_dict(self.model, parts["task"])
        self.note = f"{task.note}\nmodel: {name}, {self.model.count():,} parameters; run folder: {folder}"


def begin(args: Any) -> Session:
    """A new run, by preset and options. The folder is made last, when nothing else can fail."""
    from tinyseq import models
    from tinyseq.training import tasks
    from tinyseq.training.recipe import Recipe
    from tinyseq.training.run import RunConfig, free_folder, make_folder
    from tinyseq.training.settings import divide

    name = args.model or "char_lstm"
    page = models.find(name)
    of_recipe, of_config = divide({**models.preset(page, args.preset or "quick", args.corpus), **overrides(args)},
                                  page.Config)
    recipe = Recipe(**of_recipe)
    task = tasks.find(page.Model.task).prepare(recipe, args.corpus or "auto")
    for field in of_config.keys() & task.sizes.keys():
        raise ValueError(f"{field} is {task.sizes[field]} here, because the data decides it: leave it out")
    config = asdict(page.Config(**of_config, **task.sizes))
    run = RunConfig(name, config, asdict(recipe), task.saved)
    folder = free_folder(args.out, name)
    session = Session(folder, name, config, recipe, task)
    make_folder(folder)
    run.write(folder)
    return session


def resume(args: Any) -> Session:
    """The run in args.resume, as it stood. Raises ValueError for options that would make it another run."""
    from tinyseq.training import tasks
    from tinyseq.training.recipe import Recipe
    from tinyseq.training.run import RunConfig
    from tinyseq.training.settings import divide

    folder = Path(args.resume)
    run, page = read_run(folder)
    of_recipe, of_config = divide(overrides(args), page.Config)
    asked = {"MODEL": (args.model, run.model), "--corpus": (args.corpus, run.data["corpus"]),
             "--out": (args.out, args.resume), "--preset": (args.preset, None),
             **{name: (value, run.recipe[name]) for name, value in of_recipe.items() if name not in CHANGEABLE},
             **{name: (value, run.config[name]) for name, value in of_config.items()}}
    for name, (wanted, there) in asked.items():
        if wanted is not None and wanted != there:
            raise ValueError(f"the run in {folder} has {name} {there}, not {wanted}: leave {name} out to go on with "
                             "it, or train a new run without --resume")
    recipe = replace(Recipe(**run.recipe), **of_recipe)
    task = tasks.find(page.Model.task).prepare(recipe, run.data["corpus"], run.data)
    session = Session(folder, run.model, run.config, recipe, task, saved=run.data)
    if session.progress.step >= recipe.steps:
        raise ValueError(f"the run in {folder} has done its {session.progress.step} steps: ask for more by --steps, or "
                         f"use it by `tinyseq sample {folder}`")
    RunConfig(run.model, run.config, asdict(recipe), task.saved).write(folder)
    return session


def overrides(args: Any) -> dict[str, Any]:
    """The fields that the command line sets."""
    from tinyseq.training.settings import pair

    options = {field: getattr(args, option[2:].replace("-", "_")) for option, field in OPTIONS.items()}
    return {**{field: value for field, value in options.items() if value is not None}, **dict(map(pair, args.set))}


def finish(session: Session, progress: Any) -> int:
    """After the training: what it reached, the picture, a sample. 130 if Ctrl-C ended it early."""
    from tinyseq.pictures import loss_curve
    from tinyseq.training.run import read_log, write_text

    folder, task, model = session.folder, session.task, session.model
    training = [(line["step"], line["loss"]) for line in read_log(folder) if "loss" in line]
    loss_curve(folder / "loss.png", training, progress.validations, str(folder), task.unit)
    if progress.interrupted:
        print(f"stopped after step {progress.step} and saved; go on with: tinyseq train --resume {folder}")
        return 130
    model.load_state_dict(progress.best_weights)
    sample = task.sample(model)
    write_text(folder / "sample.txt", sample)
    print(f"\n{sample}\n\n{task.describe(progress.best)}")
    print(f"run folder: {folder} (more by: {task.more.format(folder)})")
    return 0


def read_run(folder: Path) -> tuple[Any, Any]:
    """What config.json says, and the page of its model. Raises ValueError if the one does not fit the other."""
    from tinyseq import models
    from tinyseq.training import tasks
    from tinyseq.training.run import RunConfig

    run = RunConfig.read(folder)
    page = models.find(run.model)
    try:
        page.Config(**run.config)
    except TypeError as error:
        raise ValueError(f"{folder}/config.json does not fit {run.model} ({error}); train a new run") from None
    tasks.check_sizes(tasks.find(page.Model.task), run.config, run.data)
    return run, page


def open_run(folder: str) -> tuple[Any, Any, Any]:
    """A trained model with its best weights, its task's class, and what config.json says."""
    from tinyseq.training import tasks
    from tinyseq.training.run import best_weights

    run, page = read_run(Path(folder))
    model = page.Model(page.Config(**run.config))
    model.load_state_dict(best_weights(Path(folder), run.data))
    return model.eval(), tasks.find(page.Model.task), run


def sample_command(args: Any) -> int:
    model, task, run = open_run(args.folder)
    if not hasattr(task, "write"):
        raise ValueError(f"{run.model} is no language model and does not write: measure it by `tinyseq evaluate "
                         f"{args.folder}`")
    for piece in task.write(model, run.data, args.prompt, args.length, args.stop, temperature=args.temperature,
                            top_k=args.top_k, top_p=args.top_p, seed=args.seed):
        print(piece, end="", flush=True)
    print()
    return 0


def evaluate_command(args: Any) -> int:
    from tinyseq.training.parallel import one_blas_thread_each
    from tinyseq.training.recipe import Recipe

    model, task, run = open_run(args.folder)
    with one_blas_thread_each():
        note, line = task.evaluate(model, Recipe(**run.recipe), run.data, args.corpus)
    print(note, file=sys.stderr)
    print(line)
    return 0


def predict_command(args: Any) -> int:
    model, task, run = open_run(args.folder)
    texts = args.texts or sys.stdin.read().splitlines()
    if not texts:
        raise ValueError("there is no text to answer: name one or more, or send lines through stdin")
    for line in task.predict(model, run.data, texts):
        print(line)
    return 0


def models_command(args: Any) -> int:
    from tinyseq import models
    from tinyseq.training import tasks

    print(f"{'id':<22} {'parameters':>10}  {'data':<31} what it is")
    for name in models.NAMES:
        page = models.find(name)
        title = (page.__doc__ or "").splitlines()[0].rstrip(".")
        print(f"{name:<22} {page.Model(page.Config()).count():>10,}  {tasks.find(page.Model.task).data:<31} {title}")
    return 0


def data_command(args: Any) -> int:
    from tinyseq.data import fetch, status

    if args.action == "fetch":
        if args.name is None:
            raise ValueError("name the data set to fetch; `tinyseq data list` shows them")
        for path in fetch(args.name):
            print(path)
        return 0
    for standing in status():
        print(f"{standing.source.name:<16} {standing.file.path:<24} {standing.where:<12} {standing.path or ''}")
    return 0


def gradcheck_command(args: Any) -> int:
    from tinyseq import checks, models
    from tinyseq.checks import records
    from tinyseq.layers.recurrent import records as recurrent_records

    of_ops = {name: record for name, record in {**records.RECORDS, **recurrent_records.RECORDS}.items()
              if record.differentiable}
    names = [*of_ops, *models.NAMES] if args.what == "all" else [args.what]
    if names[0] not in (*of_ops, *models.NAMES):
        raise ValueError(f"there is no model or op {names[0]!r}; the models are {', '.join(models.NAMES)}, the ops "
                         f"{', '.join(of_ops)}")
    failed = 0
    for name in names:
        try:
            if name in models.NAMES:
                print(f"{name:<20} {check_model(name)}")
            else:
                for kind in of_ops[name].kinds:
                    records.check(of_ops[name], kind)
                print(f"{name:<20} gradient right for shapes {', '.join(of_ops[name].kinds)}, to {checks.TOLERANCE:g}")
        except checks.GradientError as error:
            failed += 1
            print(f"{name:<20} {error}")
    return 1 if failed else 0


def check_model(name: str) -> Any:
    """Gradcheck every weight of a model's TINY config on a random batch."""
    from tinyseq import checks, models
    from tinyseq.training import tasks

    page = models.find(name)
    model = page.Model(page.TINY).astype("float64")
    batch = tasks.find(page.Model.task).tiny_batch(page.TINY, backend.host.np.random.default_rng(0))
    return checks.gradcheck(lambda: model.loss(batch)[0], params=model)


def trace_command(args: Any) -> int:
    from tinyseq.tracing.small import report

    report(args.model, args.html, args.worksheet)
    return 0


def errata_command(args: Any) -> int:
    from tinyseq import errata

    errata.report(args.id)
    return 0


def info_command(args: Any) -> int:
    from importlib.metadata import PackageNotFoundError, version

    from tinyseq.training.parallel import default_threads

    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    lines = {"tinyseq": tinyseq.__version__, "python": sys.version.split()[0],
             **{name: installed(name) for name in ("numpy", "safetensors", "matplotlib")},
             "cupy": backend.xp.__version__ if backend.name == "cupy" else "not in use",
             "backend": f"{backend.name} (TINYSEQ_BACKEND={os.environ.get('TINYSEQ_BACKEND', 'not set')})",
             "device": backend.device(), "threads": str(default_threads()),
             "data folder": os.environ.get("TINYSEQ_DATA", "not set (TINYSEQ_DATA)")}
    for name, value in lines.items():
        print(f"{name:<12} {value}")
    return 0
