"""Does an LSTM that begins by remembering learn faster? Forget biases -1, 0, 1 and 3, and what the gates look like.

    python benchmarks/forget_bias.py [--steps N]      writes results/forget_bias.json, forget_bias.png and gates.png

The quick recipe of char_lstm, but for the number of steps and the first value of b_f. forget_bias.png has the four
validation curves; gates.png the gates of the model that began with 1, over a line of the held-out text. (Jozefowicz,
Zaremba and Sutskever 2015 recommend 1.)
"""
import argparse
import json
from pathlib import Path

from tinyseq import backend, models
from tinyseq.autograd import no_grad
from tinyseq.data import load_corpus
from tinyseq.pictures import compared, gates_over_text
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.settings import divide

RESULTS = Path(__file__).parent / "results"
BIASES = (-1, 0, 1, 3)
UNITS = 24                             # shown in the picture of the gates


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--steps", type=int, default=1000)
    steps = options.parse_args().steps
    page = models.find("char_lstm")
    of_recipe, of_config = divide({**page.PRESETS["quick"], "steps": steps, "evaluate_every": max(steps // 10, 1)},
                                  page.Config)
    recipe = Recipe(**of_recipe)
    curves = {}
    for bias in BIASES:
        task = CharacterTask(load_corpus("shakespeare"), recipe)
        backend.manual_seed(recipe.seed)
        model = page.Model(page.Config(**of_config, **task.sizes))
        H = model.stack.H
        model.stack.cells[0].b_h.data[H:2 * H] = bias                               # the block f of i f g o
        curves[f"b_f = {bias}"] = train(model, task, recipe).validations
        print(f"b_f = {bias}: " + "  ".join(f"{value:.3f}" for _, value in curves[f"b_f = {bias}"]), flush=True)
        if bias == 1:
            draw_gates(model, task)
    compared(RESULTS / "forget_bias.png", curves, "LSTM by the first value of its forget bias", task.unit)
    (RESULTS / "forget_bias.json").write_text(json.dumps(curves, indent=1) + "\n")


def draw_gates(model, task: CharacterTask) -> None:
    """The gates i, f and o of some units while the model reads a line of the held-out text."""
    ids = task.validation_ids[:72]
    with no_grad():
        gates = model.stack.cells[0].gates(ids[None], model.start(1)[0])
    shown = {name: gates[name].numpy()[0, :, :UNITS] for name in "ifo"}
    gates_over_text(RESULTS / "gates.png", task.vocabulary.decode(ids), shown, "The gates of an LSTM over a text")


if __name__ == "__main__":
    main()
