"""FIELD=VALUE: a word from the command line becomes a field of a recipe or of a model's config."""
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from tinyseq.training.recipe import Recipe


def divide(values: dict[str, Any], config: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of the Recipe, and fields of this Config class; a text is converted to its field's type.

    Raises ValueError for a field that neither has, and for a text that its field cannot hold."""
    kinds = {field.name: _written(field.type) for field in (*fields(config), *fields(Recipe))}
    unknown = [name for name in values if name not in kinds]
    if unknown:
        raise ValueError(f"there is no field {unknown[0]!r}; the fields are {', '.join(sorted(kinds))}")
    converted = {name: convert(name, value, kinds[name]) for name, value in values.items()}
    of_recipe = {field.name for field in fields(Recipe)}
    return ({name: value for name, value in converted.items() if name in of_recipe},
            {name: value for name, value in converted.items() if name not in of_recipe})


def convert(name: str, value: Any, kind: str) -> Any:
    """A text as the number, truth value or None that a field of this kind holds; anything else as it is."""
    if not isinstance(value, str) or kind == "str":
        return value
    if value.lower() == "none" and "None" in kind:
        return None
    types: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": _truth, "str": str}
    try:
        return types[kind.split(" | ")[0]](value)
    except ValueError:
        raise ValueError(f"{name} is of type {kind}; {value!r} is not") from None


def _written(kind: Any) -> str:
    """A field's type as it stands in the source: "int", "float | None"."""
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError
    return text.lower() == "true"


def pair(text: str) -> tuple[str, str]:
    """"FIELD=VALUE" -> (FIELD, VALUE)."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise ValueError(f"--set takes FIELD=VALUE; got {text!r}")
    return name, value
