"""The introduction's five regressors on series that can be learnt, and on random targets, which cannot.

    python benchmarks/regressors.py                 three minutes; writes results/regressors.json
    python benchmarks/regressors.py --choose        first the search that led to the recipes (a minute more)

One step ahead from the ten values before, 50 units, three seeds. On sines each seed has a series of its own. Every
regressor has the recipe of `tinyseq train forecaster --corpus SERIES`. Its rate was chosen for the first of them, the
LSTM, as the best of three by the RMSE on the validation part, with other seeds; of each training the weights that are
best in validation are kept. No value of the test part took part in a choice.

Least squares has the same ten values and an intercept: an AR(10). It is fitted to all values before the test part; the
networks learn from the training part alone and need the validation part to know when to stop. So there is a second one,
fitted to what they learn from. On the sines and the weather none of the five is clearly better than these; on the 179
windows of the sunspots the first four are, and the deepest, with 81,301 weights, is worse. What random targets give:
errata/random_targets.py.
"""
import argparse
import json
from pathlib import Path
from typing import Any

from tinyseq import models
from tinyseq.backend import host, manual_seed
from tinyseq.data import linear_least_squares
from tinyseq.errata import random_targets
from tinyseq.models.forecaster import REGRESSORS, Config, Forecaster
from tinyseq.training import Recipe, train
from tinyseq.training.forecasting import ForecastingTask, mean_squared_error
from tinyseq.training.settings import divide

np = host.np
RESULTS = Path(__file__).parent / "results" / "regressors.json"
SERIES = ("sine", "sunspots", "weather")
SEEDS, OTHER_SEEDS = range(3), range(100, 103)
RATES = (0.001, 0.003, 0.01)


def trained(series: str, config: Config, seed: int, **changes: float) -> tuple[Forecaster, ForecastingTask, float]:
    """A regressor with its best weights, its task, and its mean squared error in validation."""
    of_recipe, _ = divide({**models.preset(models.find("forecaster"), "quick", series), **changes}, Config)
    recipe = Recipe(**of_recipe, seed=seed)
    task = ForecastingTask.prepare(recipe, series)
    manual_seed(seed)
    model = Forecaster(config)
    progress = train(model, task, recipe)
    model.load_state_dict(progress.best_weights)
    return model, task, progress.best


def measured(series: str) -> dict[str, Any]:
    """RMSEs on the test part: of each regressor by seed, and of the baselines, of each series that there was."""
    ours: dict[str, list[float]] = {}
    for name, config in REGRESSORS.items():
        runs = [trained(series, config, seed) for seed in SEEDS]
        tests = [task.test(model) for model, task, _ in runs]
        ours[name] = rounded([test.pop("model") for test in tests])
        print(f"{series:<10} {name:<11} {ours[name]}", flush=True)
    tasks = [task for _, task, _ in runs]
    baselines = {name: rounded([test[name] for test in tests]) for name in tests[0]}
    baselines["least squares, training part alone"] = rounded([least_squares(task) for task in tasks])
    return {"targets": len(tasks[0].examination[1]), "regressors": ours, "baselines": baselines}


def least_squares(task: ForecastingTask) -> float:
    """Mean squared error on the test part of an autoregression fitted to the training part alone."""
    inputs, targets = task.examination
    return mean_squared_error(linear_least_squares(*task.training)(inputs), targets)


def rounded(errors: list[float]) -> list[float]:
    """Roots of mean squared errors, for people."""
    return [round(error ** 0.5, 4) for error in errors]


def choose(series: str) -> list[dict[str, Any]]:
    """The rates with the RMSE of the LSTM in validation, the mean over other seeds; best first."""
    rows: list[dict[str, Any]] = []
    for lr in RATES:
        errors = rounded([trained(series, REGRESSORS["LSTM"], seed, lr=lr)[2] for seed in OTHER_SEEDS])
        rows.append({"lr": lr, "validation": round(float(np.mean(errors)), 4), "each": errors})
        print(f"choosing   {series:<10} {rows[-1]}", flush=True)
    return sorted(rows, key=lambda row: row["validation"])


def table(results: dict[str, Any]) -> str:
    """Mean RMSE on the test part, in Markdown; behind it the least and the largest of the three."""
    series = results["series"]
    names = [*REGRESSORS, *dict.fromkeys(name for found in series.values() for name in found["baselines"])]

    def cell(errors: list[float] | None) -> str:
        if errors is None:
            return ""
        spread = f" ({min(errors):.3f}-{max(errors):.3f})" if min(errors) < max(errors) else ""
        return f"{np.mean(errors):.3f}{spread}"

    rows = [[name, *(cell({**found["regressors"], **found["baselines"]}.get(name)) for found in series.values())]
            for name in names]
    lines = [["test RMSE", *series], ["---"] * (1 + len(series)), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--choose", action="store_true", help="repeat the search for the recipes first")
    args = options.parse_args()
    kept = json.loads(RESULTS.read_text(encoding="utf-8")).get("choice") if RESULTS.exists() else None
    choice = {series: choose(series) for series in SERIES} if args.choose else kept
    results: dict[str, Any] = {"choice": choice, "series": {series: measured(series) for series in SERIES}}
    of_random = random_targets.found()
    results["random targets"] = {name: found._asdict() for name, found in of_random.items()}
    print(f"\n{table(results)}\n\n{random_targets.table(of_random)}")
    with RESULTS.open("w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
