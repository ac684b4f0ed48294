"""The same recipe in tinyseq and in PyTorch: same first weights, same batches, same carried state, same measure.

    python benchmarks/character_reference.py [char_rnn|char_lstm|char_gru|char_transformer] [--steps N]

Needs PyTorch (extra `oracle`). The trained PyTorch weights are read back into a tinyseq model, so that both are
measured by the same code. The GRU is compared in its "cudnn" form, the only one PyTorch has; the transformer is
written out in transformer_reference.py. Writes its rows to results/character_reference.json, beside those of other
models.
"""
import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformer_reference import TransformerReference

from tinyseq import backend, interop, models
from tinyseq.data import load_corpus
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.settings import divide

RESULTS = Path(__file__).parent / "results" / "character_reference.json"
KINDS = {"char_rnn": torch.nn.RNN, "char_lstm": torch.nn.LSTM, "char_gru": torch.nn.GRU}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", nargs="?", choices=(*KINDS, "char_transformer"), default="char_rnn")
    options.add_argument("--steps", type=int, help="instead of those of the quick preset")
    args = options.parse_args()
    row = compare(args.model, args.steps)
    kept = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    rows = [old for old in kept if old["model"] != row["model"]] + [row]
    RESULTS.write_text(json.dumps({"torch": torch.__version__, "rows": rows}, indent=1) + "\n")
    print(json.dumps(row, indent=1))


def compare(name: str, steps: int | None) -> dict[str, Any]:
    """Train both, and measure both on the held-out tail."""
    page = models.find(name)
    of_recipe, of_config = divide(page.PRESETS["quick"], page.Config)
    recipe = Recipe(**of_recipe)
    recipe = replace(recipe, steps=steps or recipe.steps, evaluate_every=steps or recipe.steps)
    corpus = load_corpus("shakespeare")
    if name == "char_gru":
        of_config["variant"] = "cudnn"
    backend.manual_seed(recipe.seed)
    ours = page.Model(page.Config(**of_config))
    theirs: Any = Reference(KINDS[name], ours) if name in KINDS else TransformerReference(ours)

    begin = time.perf_counter()
    progress = train(ours, CharacterTask(corpus, recipe), recipe)
    middle = time.perf_counter()
    task = CharacterTask(corpus, recipe)
    train_reference(theirs, task, recipe)
    end = time.perf_counter()
    theirs.write_back(ours)
    reference = task.validate(ours)["validation"]
    return {"model": name, "steps": recipe.steps, "tinyseq": progress.validations[-1][1], "pytorch": reference,
            "difference": progress.validations[-1][1] - reference, "tinyseq seconds": round(middle - begin, 1),
            "pytorch seconds": round(end - middle, 1)}


class Reference(torch.nn.Module):
    """The same model in PyTorch, with the same weights."""

    def __init__(self, kind: Any, ours: Any):
        super().__init__()
        self.V = ours.W_hy.shape[1]
        self.recurrent = kind(self.V, ours.stack.H, batch_first=True)
        self.recurrent.load_state_dict({k: torch.tensor(v) for k, v in interop.to_pytorch(ours.stack).items()})
        self.recurrent.bias_hh_l0.requires_grad_(kind is torch.nn.GRU)              # redundant but in the GRU's n part
        self.W_hy = torch.nn.Parameter(torch.tensor(backend.to_host(ours.W_hy.data)))
        self.b_y = torch.nn.Parameter(torch.tensor(backend.to_host(ours.b_y.data)))

    def forward(self, ids: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        hs, state = self.recurrent(torch.nn.functional.one_hot(ids, self.V).float(), state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return hs @ self.W_hy + self.b_y, state

    def after_backward(self) -> None:
        """Of the second bias, which tinyseq has not, the parts for r and z stay 0."""
        if self.recurrent.bias_hh_l0.grad is not None:
            self.recurrent.bias_hh_l0.grad[:2 * self.recurrent.hidden_size] = 0

    def write_back(self, ours: Any) -> None:
        """Put these weights into the tinyseq model."""
        interop.from_pytorch(ours.stack, {k: v.detach().numpy() for k, v in self.recurrent.state_dict().items()})
        ours.W_hy.data[...] = self.W_hy.detach().numpy()
        ours.b_y.data[...] = self.b_y.detach().numpy()


def train_reference(model: Any, task: CharacterTask, recipe: Recipe) -> None:
    """The loop of tinyseq/training/loop.py in PyTorch."""
    torch.set_num_threads(2)
    parameters = [p for p in model.parameters() if p.requires_grad]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimiser]
    groups = [group if isinstance(group, dict) else {"params": [group]} for group in recipe.groups(parameters)]
    optimiser = kind(groups, lr=recipe.lr, betas=(0.9, recipe.beta2), weight_decay=recipe.weight_decay)
    schedule = recipe.make_schedule()
    state = None
    for step in range(recipe.steps):
        batch = task.batch(step)
        if task.starts_over(step):
            state = None
        logits, state = model(torch.tensor(batch.ids), state)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(batch.targets).flatten())
        optimiser.zero_grad()
        loss.backward()
        model.after_backward()
        if recipe.clip_norm:
            torch.nn.utils.clip_grad_norm_(parameters, recipe.clip_norm)
        for group in optimiser.param_groups:
            group["lr"] = schedule.lr(step)
        optimiser.step()


if __name__ == "__main__":
    main()
