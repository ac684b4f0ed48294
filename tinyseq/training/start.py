"""Where a training begins: at weights drawn at random, or at what was learnt elsewhere (transfer learning).

    recipe.start_from    a run folder of a model with the same sizes, or what the model itself can read
                         (model.pretrained(source) -> weights by our names, without the head or with it)
    recipe.frozen        "none": all weights go on learning, which is fine-tuning
                         "tables": all but the rows of symbols and positions do. Few examples touch few rows, and those
                         that were left behind would no longer fit the ones that moved
                         "body": the head alone is trained, over features that stay as they are

A model's `head` names the layer that gives the answer. It is never taken over: other data have other answers. All other
weights, and what batch normalisation has counted, are the body. A frozen body is in use, not in training: its dropout
is off, and its batch normalisation goes by what ran (layers/module.py, `freeze`).

Yosinski et al. 2014, "How transferable are features in deep neural networks?".
"""
from pathlib import Path
from typing import Any

from tinyseq.layers.module import Parameter, Table
from tinyseq.training.recipe import Recipe
from tinyseq.training.run import CONFIG, RunConfig, best_weights


def start(model: Any, recipe: Recipe, fresh: bool = True) -> None:
    """Bring a new model to where its training begins; one whose weights come from a checkpoint (fresh=False) is only
    frozen as the recipe says. Raises ValueError for a model without a head, weights that are not there or do not fit,
    weights that would be frozen as they were drawn, and tables where there are none."""
    if recipe.start_from is None and recipe.frozen == "none":
        return
    if not hasattr(model, "head"):
        raise ValueError(f"{type(model).__name__} does not say which of its layers is the head: it cannot start from "
                         "other weights; leave start_from and frozen out")
    if recipe.start_from is None:
        raise ValueError(f"frozen={recipe.frozen} keeps weights that have learnt something already: say where by "
                         "start_from=RUN, or set frozen=none")
    if fresh:
        take_over(model, weights_of(model, recipe.start_from), recipe.start_from)
    if recipe.frozen == "body":
        freeze_body(model)
    if recipe.frozen == "tables":
        freeze_tables(model)


def weights_of(model: Any, source: str) -> dict[str, Any]:
    """The weights that lie at `source`, by the names of the model."""
    if (Path(source) / CONFIG).exists():
        return best_weights(Path(source), RunConfig.read(Path(source)).data)
    if hasattr(model, "pretrained"):
        return model.pretrained(source)
    raise ValueError(f"start_from={source} is no run folder: it has no {CONFIG}; name the folder that `tinyseq train` "
                     "printed (runs/MODEL-N)")


def take_over(model: Any, weights: dict[str, Any], source: str) -> None:
    """Give the model's body these weights; its head stays as it is. Raises ValueError, with nothing changed, for a name
    that is missing or too many, and for another shape."""
    mine = model.state_dict()
    body, given = (without_head(model, names) for names in (mine, weights))
    for name in sorted(body.keys() ^ given.keys()):
        found = f"no {name}, which this model has" if name in body else f"{name}, which this model has not"
        raise ValueError(f"{source} has {found}: start from weights of the same model, made with the same settings")
    for name in body:
        if tuple(given[name].shape) != body[name].shape:
            raise ValueError(f"{name} of {source} has the shape {tuple(given[name].shape)}, expected was "
                             f"{body[name].shape}: start from weights of the same model, made with the same sizes")
    model.load_state_dict({**mine, **given})


def without_head(model: Any, weights: dict[str, Any]) -> dict[str, Any]:
    """Those of the weights that belong to the body."""
    return {name: array for name, array in weights.items() if not name.startswith(f"{model.head}.")}


def freeze_body(model: Any) -> None:
    """Nothing but the head is trained from now on."""
    for name, child in model.children():
        if name != model.head:
            child.freeze()
    for part in vars(model).values():
        if isinstance(part, Parameter):
            part.requires_grad = False


def freeze_tables(model: Any) -> None:
    """Rows of symbols and positions stay as they are from now on. Raises ValueError for a model without any."""
    tables = [parameter for parameter in model.parameters() if isinstance(parameter, Table)]
    if not tables:
        raise ValueError(f"frozen=tables keeps rows of symbols or positions, and {type(model).__name__} has none: "
                         "leave frozen out, or take frozen=body")
    for table in tables:
        table.requires_grad = False
