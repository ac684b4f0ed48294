"""The recipe's checks, and FIELD=VALUE from the command line."""
from dataclasses import FrozenInstanceError, dataclass, fields

import pytest

from tinyseq.backend import xp
from tinyseq.layers import Parameter, Table
from tinyseq.models import char_gru, char_lstm
from tinyseq.training import Recipe
from tinyseq.training.settings import convert, divide, pair


def test_a_recipe_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Recipe().lr = 1.0


@pytest.mark.parametrize("field", ["steps", "batch", "seq_len", "evaluate_every"])
@pytest.mark.parametrize("value", [0, -1])
def test_sizes_are_at_least_1(field, value):
    with pytest.raises(ValueError, match=f"^{field} is at least 1; got {value}$"):
        Recipe(**{field: value})


@pytest.mark.parametrize("field", ["lr", "clip_norm", "clip_value", "patience"])
@pytest.mark.parametrize("value", [0, -0.5, float("nan"), float("inf")])
def test_rates_and_limits_are_above_0(field, value):
    with pytest.raises(ValueError, match=f"^{field} is above 0 and finite; got {value}$"):
        Recipe(**{field: value})


@pytest.mark.parametrize("field", ["threads", "seed", "warmup"])
def test_threads_seed_and_warmup_are_not_negative(field):
    with pytest.raises(ValueError, match=r"threads, seed and warmup are at least 0; got .*-1"):
        Recipe(**{field: -1})


@pytest.mark.parametrize("field, valid", [("optimiser", "sgd, rmsprop, adam, adamw, sparseadam"),
                                          ("batches", "streams, windows"),
                                          ("schedule", "constant, step, exponential, cosine, plateau")])
def test_words_are_among_the_known(field, valid):
    with pytest.raises(ValueError, match=f"^{field} is one of {valid}; got 'other'$"):
        Recipe(**{field: "other"})
    for word in valid.split(", "):
        assert getattr(Recipe(**{field: word}), field) == word


@pytest.mark.parametrize("settings", [{"decay_factor": 1.5}, {"decay_factor": 0.0}, {"decay_every": 0}])
def test_a_decay_must_be_one_where_it_is_used(settings):
    for schedule in ("step", "exponential"):
        with pytest.raises(ValueError, match=r"factor|every"):
            Recipe(schedule=schedule, **settings)
    Recipe(schedule="cosine", **settings)


@pytest.mark.parametrize("settings", [{"decay_factor": 1.5}, {"decay_patience": 0}])
def test_a_plateau_needs_its_factor_and_its_patience(settings):
    with pytest.raises(ValueError, match=r"factor|patience"):
        Recipe(schedule="plateau", **settings)
    Recipe(schedule="cosine", **settings)


def test_none_switches_a_field_off():
    recipe = Recipe(clip_norm=None, clip_value=None, patience=None)
    assert recipe.clip_norm is recipe.clip_value is recipe.patience is None


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam", "adamw"])
def test_the_optimiser_has_the_recipes_rate_and_decay(optimiser):
    w = Parameter(xp.ones((2, 2), "float32"))
    made = Recipe(optimiser=optimiser, lr=0.25, weight_decay=0.5).make_optimiser([w])
    assert made.lr == 0.25 and type(made).__name__.lower() == optimiser
    w.grad = xp.zeros((2, 2), "float32")
    made.step()
    assert (w.data < 1).all()                              # weight decay alone moved it


@pytest.mark.parametrize("decayed, moved", [("all", "E W b"), ("matrices", "E W"), ("linear", "W")])
def test_weight_decay_is_for_some_of_the_weights(decayed, moved):
    """A table, a matrix and a bias, whose gradients are 0: what moves has decayed."""
    weights = {"E": Table(xp.ones((2, 2), "float32")), "W": Parameter(xp.ones((2, 2), "float32")),
               "b": Parameter(xp.ones(2, "float32"))}
    made = Recipe(optimiser="adamw", weight_decay=0.5, decayed=decayed).make_optimiser(list(weights.values()))
    for w in weights.values():
        w.grad = xp.zeros_like(w.data)
    made.step()
    assert [name for name, w in weights.items() if (w.data < 1).all()] == moved.split()


def test_biases_alone_can_be_trained_without_decay():
    b = Parameter(xp.ones(2, "float32"))
    Recipe(optimiser="adamw", weight_decay=0.5, decayed="matrices").make_optimiser([b])


def test_beta2_and_the_end_of_the_cosine():
    recipe = Recipe(steps=10, optimiser="adamw", lr=1e-3, lr_end=1e-4, beta2=0.99)
    w = Parameter(xp.ones(2, "float32"))
    assert recipe.make_optimiser([w]).slots[0].settings["betas"] == (0.9, 0.99)
    assert recipe.make_schedule().lr(10) == 1e-4
    for settings in ({"beta2": 1.0}, {"lr": 1e-3, "lr_end": 2e-3}, {"lr_end": -1.0}):
        with pytest.raises(ValueError, match=r"beta2 lies in \[0, 1\), and lr_end between 0 and lr; got"):
            Recipe(**settings)
    with pytest.raises(ValueError, match=r"^decayed is one of all, matrices, linear; got 'biases'$"):
        Recipe(decayed="biases")


def test_sparseadam_has_the_recipes_rate_and_no_decay():
    w = Parameter(xp.ones((2, 2), "float32"))
    assert Recipe(optimiser="sparseadam", lr=0.25).make_optimiser([w]).lr == 0.25
    with pytest.raises(ValueError, match=r"sparseadam leaves the rows .* no weight_decay; got 0\.5: choose"):
        Recipe(optimiser="sparseadam", weight_decay=0.5)


@pytest.mark.parametrize("settings, rates", [
    ({"schedule": "constant"}, [0.5, 0.5, 0.5, 0.5]),
    ({"schedule": "step", "decay_every": 2, "decay_factor": 0.5}, [0.5, 0.5, 0.25, 0.25]),
    ({"schedule": "exponential", "decay_every": 1, "decay_factor": 0.5}, [0.5, 0.25, 0.125, 0.0625]),
    ({"schedule": "cosine", "steps": 4}, [0.5, 0.25 + 0.125 * 2 ** 0.5, 0.25, 0.25 - 0.125 * 2 ** 0.5]),
    ({"schedule": "cosine", "warmup": 2, "steps": 4}, [0.25, 0.5, 0.5, 0.25]),
    ({"schedule": "cosine", "warmup": 100, "steps": 1}, [0.5])])     # a short try of a long recipe
def test_the_schedule(settings, rates):
    schedule = Recipe(lr=0.5, **settings).make_schedule()
    assert [schedule.lr(step) for step in range(len(rates))] == pytest.approx(rates)


# FIELD=VALUE ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("value, kind, result", [
    ("12", "int", 12), ("-3", "int", -3), ("1e-3", "float", 0.001), ("2", "float", 2.0), ("none", "float | None", None),
    ("None", "int | None", None), ("0.5", "float | None", 0.5), ("true", "bool", True), ("False", "bool", False),
    ("none", "str", "none"), ("1", "str", "1"), (3, "float", 3), (None, "float | None", None)])
def test_a_text_becomes_what_its_field_holds(value, kind, result):
    converted = convert("x", value, kind)
    assert converted == result and type(converted) is type(result)


@pytest.mark.parametrize("value, kind", [("1.5", "int"), ("none", "int"), ("", "float"), ("yes", "bool"),
                                         ("a", "float | None")])
def test_a_text_that_its_field_cannot_hold(value, kind):
    with pytest.raises(ValueError) as error:
        convert("dropout", value, kind)
    assert str(error.value) == f"dropout is of type {kind}; {value!r} is not"


def test_values_go_to_the_recipe_or_to_the_config():
    values = {"steps": "7", "H": "9", "lr": "0.1", "clip_norm": "none", "variant": "cudnn", "batches": "windows"}
    of_recipe, of_config = divide(values, char_gru.Config)
    assert of_recipe == {"steps": 7, "lr": 0.1, "clip_norm": None, "batches": "windows"}
    assert of_config == {"H": 9, "variant": "cudnn"}


def test_an_unknown_field_lists_all_of_them():
    with pytest.raises(ValueError, match=r"^there is no field 'hidden'; the fields are") as error:
        divide({"hidden": "3"}, char_lstm.Config)
    assert {field.name for field in (*fields(Recipe), *fields(char_lstm.Config))} == set(
        str(error.value).partition("fields are ")[2].split(", "))


def test_every_field_of_the_recipe_can_be_set_by_its_own_text():
    for field in fields(Recipe):
        value = getattr(Recipe(), field.name)
        assert divide({field.name: str(value)}, char_lstm.Config)[0] == {field.name: value}


def test_every_kind_of_field_in_use_is_known():
    @dataclass(frozen=True)
    class Config:
        flag: bool = False
    assert divide({"flag": "true"}, Config)[1] == {"flag": True}


@pytest.mark.parametrize("text, result", [("lr=1", ("lr", "1")), ("a=b=c", ("a", "b=c")), ("a=", ("a", ""))])
def test_a_pair(text, result):
    assert pair(text) == result


@pytest.mark.parametrize("text", ["lr", "=1", ""])
def test_no_pair(text):
    with pytest.raises(ValueError, match="--set takes FIELD=VALUE; got"):
        pair(text)
