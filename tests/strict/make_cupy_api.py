"""Writes down what CuPy offers: python tests/strict/make_cupy_api.py, where CuPy is installed (no GPU is needed).

The strict backend reads the file: only these names, and only these keywords, exist there. Signatures are kept as the
parameters of a lambda, with every default that is no literal replaced by None.
"""
import ast
import inspect
import json
import re
from pathlib import Path

PLACE = Path(__file__).parents[2] / "tinyseq" / "backend" / "strict" / "cupy_api.json"
MODULES = ("linalg", "lib.stride_tricks")     # no random: its numbers are not NumPy's; backend/random.py has ours


def described(cupy):
    """Everything the file holds."""
    api = {"version": cupy.__version__, "constants": [], "ufuncs": {}, "functions": {}, "methods": {}, "attributes": []}
    for name in public(cupy):
        thing = getattr(cupy, name)
        if isinstance(thing, cupy.ufunc):
            api["ufuncs"][name] = of_ufunc(thing)
        elif isinstance(thing, (int, float, type(None))) or getattr(thing, "__module__", None) == "numpy":
            api["constants"].append(name)      # numbers, dtypes, and what CuPy passes on from NumPy: issubdtype
    for module in ("", *MODULES):
        api["functions"][module] = functions_of(inside(cupy, module))
    known = {*api["constants"], *api["ufuncs"], *api["functions"][""]}
    api["others"] = [name for name in public(cupy) if name not in known]       # modules, classes: in CuPy, not here
    for name in public(cupy.ndarray):
        thing = getattr(cupy.ndarray, name)
        if callable(thing):
            api["methods"][name] = of_function(thing, ("self",))
        else:
            api["attributes"].append(name)
    return api


def public(thing):
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def inside(cupy, module):
    for name in filter(None, module.split(".")):
        cupy = getattr(cupy, name)
    return cupy


def functions_of(module):
    found = {}
    for name in public(module):
        thing = getattr(module, name)
        is_function = callable(thing) and not inspect.isclass(thing) and type(thing).__name__ != "ufunc"
        if is_function and "cupy" in (getattr(thing, "__module__", "") or ""):
            found[name] = of_function(thing)
    return found


def of_ufunc(ufunc):
    """The inputs are counted; the keywords stand in the first line of the docstring, behind an escaped star."""
    inputs = [f"x{i + 1}" for i in range(ufunc.nin)]
    keywords = re.search(r"\\\*, (.*)\)$", ufunc.__doc__.splitlines()[0]).group(1)
    return ", ".join([*inputs, "/", "out=None", "*", keywords])


def of_function(function, without=()):
    """The signature; of a compiled function it stands in the first line of the docstring."""
    try:
        parameters = [str(p.replace(annotation=p.empty, default=literal(p.default)))
                      for p in marked(inspect.signature(function).parameters.values())]
    except ValueError:
        first_line = (function.__doc__ or "").split("\n")[0]
        match = re.search(r"\((.*)\)( -> .*)?$", first_line)
        parameters = [without_type(p) for p in (match.group(1) if match else "*args, **kwargs").split(", ")]
    return ", ".join(p for p in parameters if p and p not in without)


def marked(parameters):
    """The parameters, with the slash behind positional ones and the bare star before keyword-only ones."""
    before = None
    for p in parameters:
        if before is not None and before.kind == p.POSITIONAL_ONLY != p.kind:
            yield Mark("/")
        if p.kind == p.KEYWORD_ONLY and (before is None or before.kind not in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)):
            yield Mark("*")
        yield p
        before = p
    if before is not None and before.kind == before.POSITIONAL_ONLY:
        yield Mark("/")


class Mark(str):
    """A star or a slash among the parameters."""
    empty = default = None

    def replace(self, **_):
        return self


def literal(default):
    return default if default is inspect.Parameter.empty or isinstance(default, (int, float, str, tuple)) else None


def without_type(parameter):
    """"int axis=-1" -> "axis=-1", with a default that is no literal replaced by None."""
    name, equals, default = parameter.partition("=")
    name = name.split(" ")[-1]
    if not equals:
        return name
    try:
        return f"{name}={ast.literal_eval(default)!r}"
    except (ValueError, SyntaxError):
        return f"{name}=None"


def main():
    import cupy

    PLACE.write_text(json.dumps(described(cupy), indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{PLACE}: CuPy {cupy.__version__}")


if __name__ == "__main__":
    main()
