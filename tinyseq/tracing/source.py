"""What the source says about a statement: its equation numbers, what it assigns to, and the equations themselves.

A line of this library that computes something carries its equation's number in a trailing comment, `# (4)`, and the
equation stands in a docstring: that of the function, of its class, or at the head of the page. So a trace needs no
table of equations. It reads them where the reader does.
"""
import ast
import linecache
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[1]                           # the package's folder
NUMBERED = re.compile(r"#\s*(\(\d+[a-z'\"]?\).*)$")
COMMA = re.compile(r",(?![^\[({]*[\])}])")                 # outside brackets
NUMBER = re.compile(r"\((\d+[a-z'\"]?)\)")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Statement:
    """One statement of a page.

    path, line   where it begins; path from the package's folder on
    function     its function, "LSTMCell.pre_activations"
    numbers      of its equations, ("4",); empty without one
    targets      the names that it assigns to; empty for return
    in_time      whether it stands in a loop over t
    repeats      whether it has a comprehension, and so runs through the same calls several times
    shapes       the axes that its comment names, ("(B, 4H)",); of several, those of what comes first stand first
    text         the statement itself"""
    path: str
    line: int
    function: str
    numbers: tuple[str, ...]
    targets: tuple[str, ...]
    in_time: bool
    repeats: bool
    shapes: tuple[str, ...]
    text: str

    @property
    def place(self) -> str:
        """file:line, as editors open it."""
        return f"{self.path}:{self.line}" if self.is_readers else f"tinyseq/{self.path}:{self.line}"

    @property
    def is_readers(self) -> bool:
        """Whether it stands in a program of the reader's, whose lines need no numbers to be rows."""
        return Path(self.path).is_absolute()


@dataclass(frozen=True)
class Equation:
    """One numbered equation of a docstring: left = the rest of text; note is the line behind its number, and shapes the
    axes that it names."""
    number: str
    text: str
    note: str
    shapes: tuple[str, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """The symbols on the left side: ("i", "f", "o")."""
        side = self.text.partition(" = ")[0]
        return tuple(symbol.strip() for symbol in COMMA.split(side) if symbol.strip())


@cache
def statements(path: str) -> dict[int, Statement]:
    """{line: the innermost simple statement there} of one page: path from the package's folder on, or of a program of
    the reader's from the root on (cells of a notebook have one, too)."""
    text = _text(path)
    lines, found = text.splitlines(), {}
    for node, function, in_time in _walk(ast.parse(text), "", False):
        is_loop = isinstance(node, ast.For)                # of a loop the head alone
        covered = range(node.lineno, node.body[0].lineno if is_loop else (node.end_lineno or node.lineno) + 1)
        comments = [match[1] for i in covered if (match := NUMBERED.search(lines[i - 1]))]
        shapes = tuple(shape for i in covered for shape in axes_in(lines[i - 1].partition("#")[2]))
        numbers = tuple(number for comment in comments for number in _numbers(comment))
        repeats = not is_loop and any(isinstance(part, COMPREHENSIONS) for part in ast.walk(node))
        said = ast.unparse(node).partition("\n")[0]
        made = Statement(path, node.lineno, function, numbers, _targets(node), in_time, repeats, shapes, said)
        found.update(dict.fromkeys(covered, made))
    return found


def _text(path: str) -> str:
    return "".join(linecache.getlines(str(HERE / path)))


def _walk(node, function: str, in_time: bool):
    """Every simple statement, with the function that it stands in and whether that one loops over t around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, SIMPLE):
            yield child, function, in_time
        elif isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield from _walk(child, f"{function}.{child.name}" if function else child.name, False)
        elif isinstance(child, ast.For):
            yield child, function, in_time
            yield from _walk(child, function, in_time or "t" in _names(child.target))
        else:
            yield from _walk(child, function, in_time)


def _names(target) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _targets(node) -> tuple[str, ...]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return tuple(name for target in targets if target is not None for name in _names(target))


def _numbers(comment: str) -> list[str]:
    """ "(2)-(4)  (B, T)" -> ["2", "3", "4"]; what follows the first word after the numbers is prose."""
    head = re.match(r"(?:\(\d+[a-z'\"]?\)[\s,-]*)+", comment)
    numbers = NUMBER.findall(head[0] if head else "")
    if head and len(numbers) == 2 and re.search(r"\)\s*-\s*\(", head[0]) and all(n.isdigit() for n in numbers):
        return [str(n) for n in range(int(numbers[0]), int(numbers[1]) + 1)]
    return numbers


# Equations --------------------------------------------------------------------------------------------------

AXES = re.compile(r"\(((?:[A-Za-z0-9'+*/\[\]_. ^-]+|\.\.\.)(?:,(?: [A-Za-z0-9'+*/\[\]_. ^-]+)?)+)\)|\(([A-Z]),?\)")


def axes_in(text: str) -> tuple[str, ...]:
    """Every "(B, 4H)" of a text whose parts look like sizes."""
    return tuple(match[0] for match in AXES.finditer(text) if _is_shape(match[0]))


def _is_shape(text: str) -> bool:
    """Whether every part is a size: a capital, a number, a word such as width, `...`."""
    parts = [part.strip() for part in text.strip("()").split(",") if part.strip()]
    size = r"(\.\.\.|\d*[A-Z][A-Za-z0-9_']*|nh|dv?|kH|\d+|n|width|height|[hw]\d?'?|height'|width')"
    return all(re.fullmatch(rf"{size}(\s*[-+*/ ]\s*{size})*|{size} or {size}|2 H?", part) for part in parts)


@cache
def equations(path: str, function: str) -> dict[str, Equation]:
    """{number: equation} that hold in a function: of its own docstring, else of its class's, else of the page's."""
    found: dict[str, Equation] = {}
    for _, docstring in _docstrings(path, function):
        found |= _parsed(docstring)
    return found


@cache
def explained(path: str, function: str, number: str) -> tuple[str, str]:
    """The docstring that an equation stands in, and whose it is: the page's, or "page, function"; ("", "") if none."""
    for whose, docstring in reversed(_docstrings(path, function)):
        if number in _parsed(docstring):
            return whose, docstring
    return "", ""


def _docstrings(path: str, function: str) -> list[tuple[str, str]]:
    """(whose, text) of a page, a class on it and a function, as far as they have one, from the outside in."""
    tree = ast.parse(_text(path))
    node: ast.AST = tree
    found = [(path, ast.get_docstring(tree))]
    for name in function.split("."):
        node = next((child for child in ast.walk(node) if isinstance(child, ast.FunctionDef | ast.ClassDef)
                     and child.name == name), node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append((f"{path}, {node.name}", ast.get_docstring(node)))
    return [(whose, text) for whose, text in found if text]


def _parsed(docstring: str | None) -> dict[str, Equation]:
    """The numbered equations of a docstring. The number stands before the equation or, where an equals sign comes
    first, behind it; in the first case, lines that are indented further belong to it."""
    found: dict[str, Equation] = {}
    for line in (docstring or "").splitlines():
        match = NUMBER.search(line)
        if not match:
            continue
        before, behind = line[:match.start()].rstrip(), line[match.end():]
        if " = " in before and not before.rstrip().endswith(("by", "of", "equation", "and")):
            text, rest = re.sub(r'^"\w+"\s+', "", before.rpartition(":  ")[2].strip()), behind
        elif " = " in behind:
            text, rest = behind.strip(), behind
        else:
            continue
        if match[1] not in found:
            found[match[1]] = Equation(match[1], _without_shape(text), f"{text} {rest}", axes_in(rest))
    return found


def _without_shape(text: str) -> str:
    """The equation without what stands far to the right of it."""
    return re.split(r"\s{3,}(?=\()", text)[0].strip()
