"""What a number is called: the name that its line or its equation gives it, with its time step and layer.

Symbols are written as in TeX: c_2 is c at step 2, h^1_2 the state of layer 1, a_{i,2} the input gate's pre-activation,
h^{back}_2 what the backward direction has after two steps.
"""
import re
from typing import Any

from tinyseq.layers.module import Module
from tinyseq.tracing.source import Equation

WORDS = re.compile(r"[A-Za-z~]+(?:_[A-Za-z]+)?")
INDEXED = re.compile(r"(\^\{?(?:l|0|L)\}?)?(_\{?(?:t|s|l|1|0|b|-1)\}?)?(\.\..*)?(\[.*\])?$")
UNCHANGED = ("reshape", "transpose", "swap", "squeeze", "where", "flip", "reverse", "gather", "take")
SIGNS = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / ", "matmul": " "}


def bare(symbol: str) -> str:
    """ "h_1..h_T" -> "h", "c_t" -> "c", "x^l" -> "x"; "a_i" stays."""
    return INDEXED.sub("", symbol.strip()) or symbol.strip()


def assigned(name: str, equations: list[Equation], parameters: list[str]) -> str | None:
    """The symbol of what a statement assigns to `name`, or returns (""): the name, where the equation has it or where
    it is short; else what stands on the left of the equation, and of several things there the one whose part of the
    right side has these parameters."""
    words = {word for e in equations for token in WORDS.findall(e.text) for word in (token, token.split("_")[0])}
    words |= {token for e in equations for token in WORDS.findall(e.note) if "_" in token}
    if name and (name in words or bare(name) in words or len(name) < 3):
        return bare(name)
    left = [(symbol, e) for e in equations for symbol in e.left]
    if not left:
        return name or None
    for e in equations:
        parts = e.text.partition(" = ")[2].split(", ")
        if len(e.left) > 1 and len(parts) == len(e.left):
            for symbol, part in zip(e.left, parts, strict=True):
                if any(parameter in WORDS.findall(part) for parameter in parameters):
                    return bare(symbol)
    return name if name and len(left) > 1 else bare(left[0][0])


def derived(op: str, arguments: list[str], slot: int, slots: int) -> str:
    """The symbol of a number that no line gives a name to: what was done to what."""
    first = arguments[0] if arguments else ""
    if op == "gather" and len(arguments) == 2:
        return f"{first}[{arguments[1]}]"
    if op in UNCHANGED:
        return next((a for a in arguments if a), op)
    if op == "split":
        return f"{first}[{slot}]" if slots > 1 else first
    if op in ("concat", "stack"):
        return f"[{'; '.join(arguments)}]" if len(arguments) < 4 else f"[{first} .. {arguments[-1]}]"
    if op in SIGNS and len(arguments) == 2:
        return SIGNS[op].join(arguments)
    return f"{op}({first})"


def indexed(symbol: str, time: int | None, layer: str) -> str:
    """With the step below and the layer above: "c", 2, "1" -> "c^1_2"."""
    if layer and "^" not in symbol:
        symbol = re.sub(r"^([A-Za-z~]+)", rf"\1^{_braced(layer)}", symbol, count=1)
    if time is None or not re.fullmatch(r"[A-Za-z~]+(\^\{.*\}|\^.)?(_[A-Za-z]+)?", symbol):
        return symbol
    base, _, below = symbol.partition("_")
    return f"{base}_{_braced(f'{below},{time}' if below else str(time))}"


def _braced(index: str) -> str:
    return index if len(index) == 1 else f"{{{index}}}"


def base(symbol: str) -> str:
    """The symbol without its step and layer: "h^{back}_2" -> "h", "a_{i,2}" -> "a_i"."""
    plain = re.sub(r"\^(\{[^}]*\}|\w)", "", symbol)
    return re.sub(r"_(?:\{(?:([A-Za-z]+),)?\d+\}|\d+)$", lambda match: f"_{match[1]}" if match[1] else "", plain)


def layer_of(root: Any, path: str) -> str:
    """Which of several like it a layer is: "2", "back" of two directions, "2,back"; "" where it is the only one."""
    said, parent, parts = "", root, path.split(".") if path else []
    for i, part in enumerate(parts):
        if part.isdigit() and i and parts[i - 1] in ("cells", "blocks"):
            siblings, directions = getattr(parent, parts[i - 1]), getattr(parent, "directions", 1)
            place, turned = divmod(int(part), directions)
            several = len(siblings) > directions
            said = ",".join([*([str(place + 1)] if several else []), *(["back"] if turned else [])])
        if isinstance(parent, Module):
            parent = dict(parent.children()).get(_child(parts, i), parent)
    return said


def _child(parts: list[str], i: int) -> str:
    """The name of the child that the first i + 1 parts of a path end at."""
    return f"{parts[i - 1]}.{parts[i]}" if parts[i].isdigit() and i else parts[i]
