"""What the character models reach on Tiny Shakespeare, trained as a user trains them.

    python benchmarks/character_models.py                    quick and long presets -> results/character_models.json
    python benchmarks/character_models.py --choose           the rates tried -> results/character_models_choice.json
    python benchmarks/character_models.py --table            the README's table, from the results

Presets are chosen by --choose on the first nine tenths of the text, whose own last tenth is held out there; the last
tenth of the whole text, on which the results are measured, takes no part in the choice.
"""
import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tinyseq import models
from tinyseq.data import load_corpus
from tinyseq.training import default_threads

RESULTS = Path(__file__).parent / "results" / "character_models.json"
CHOICE = RESULTS.with_name("character_models_choice.json")
CUDNN = ("--set", "variant=cudnn")
RUNS = [("char_rnn", "quick", 1, ()), ("char_lstm", "quick", 2, ()), ("char_gru", "quick", 2, ()),
        ("char_gru", "quick", 1, CUDNN), ("char_lstm", "long", 1, ())]
RATES = {"char_lstm": (0.008, 0.012, 0.016, 0.02, 0.03, 0.04), "char_gru": (0.004, 0.008, 0.012, 0.016, 0.024),
         "char_rnn": (0.001, 0.002, 0.004, 0.006, 0.008, 0.012)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--choose", action="store_true", help="try the rates on the first nine tenths")
    options.add_argument("--table", action="store_true", help="print the README's table from the results")
    args = options.parse_args()
    if args.table:
        print(table(json.loads(RESULTS.read_text())))
    elif args.choose:
        write(CHOICE, choose())
    else:
        write(RESULTS, [trained(model, preset, seed, *options)
                        for model, preset, seeds, options in RUNS for seed in range(seeds)])


def choose() -> list[dict]:
    """Each model's quick preset at each rate, on the first nine tenths of the text."""
    text = load_corpus("shakespeare").text
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "first-nine-tenths.txt")
        part.write_text(text[:len(text) * 9 // 10], encoding="utf-8")
        return [trained(model, "quick", 0, "--lr", str(lr), "--corpus", str(part)) | {"lr": lr}
                for model, rates in RATES.items() for lr in rates]


def trained(model: str, preset: str, seed: int, *options: str) -> dict:
    """One `tinyseq train` in a process of its own: what it reached and how long all of it took."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "run")
        corpus = () if "--corpus" in options else ("--corpus", "shakespeare")
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tinyseq", "train", model, "--preset", preset, "--seed", str(seed),
                        "--out", str(out), *options, *corpus], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begin
        lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        config = json.loads((out / "config.json").read_text())["config"]
    values = [line["validation"] for line in lines if "validation" in line]
    page = models.find(model)
    row = {"model": model, "preset": preset, "options": list(options), "seed": seed,
           "parameters": page.Model(page.Config(**config)).count(), "steps": lines[-1]["step"],
           "validation": min(values), "seconds": round(seconds, 1)}
    print(row, flush=True)
    return row


def table(results: dict) -> str:
    """A row for each model and preset, in Markdown: the seeds' values, the time of the first."""
    lines = ["| `tinyseq train` | parameters | steps | validation, nats/char | time |", "|---|---|---|---|---|"]
    for model, preset, _, options in RUNS:
        same = [row for row in results["rows"]
                if (row["model"], row["preset"], tuple(row["options"])) == (model, preset, options)]
        command = " ".join((model, *(() if preset == "quick" else ("--preset", preset)), *options))
        values = ", ".join(f"{row['validation']:.3f}" for row in same)
        lines.append(f"| `{command}` | {same[0]['parameters']:,} | {same[0]['steps']:,} | {values} | "
                     f"{same[0]['seconds']:.0f} s |")
    return "\n".join(lines)


def write(path: Path, rows: list[dict]) -> None:
    """Keep what was measured, and on what."""
    path.parent.mkdir(exist_ok=True)
    machine = {"machine": platform.machine(), "python": platform.python_version(), "cores": default_threads()}
    path.write_text(json.dumps({"measured on": machine, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
