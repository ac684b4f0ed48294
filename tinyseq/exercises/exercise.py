"""What an exercise is: what is given, what is asked, the numbers that are right, and three hints.

    @exercise("linear-backward", "introduction", gives="dx (N, D), dW (D, K), db (K,)")
    def linear_backward(draw: Draw) -> Case:
        '''One line: what is to be written.

        (1) y = x W + b                                       the equations, with their numbers and shapes

        Given   dy (N, K) = dL/dy, x (N, D), W (D, K)          the arguments, in their order
        Hint    ...                                           three of them, from a nudge to the last but one step
        Hint    ...
        Hint    ...
        Look    dW: what to look at next, if this one is wrong'''

The function draws a case: arguments, and what the answer should return for them. What is right comes from the engine
or from the library's own functions, never from a worked solution: those lie outside of the package.

A piece of a practice may ask for a model. Its numbers are anybody's, so what is compared is what `probe(model, *given)`
finds out about it (probes.py); the random numbers that a model begins with are the same in each call. Of such results
a page can say beforehand what a mistake would make of them (`likely`), and which layers' weights there should be
(`parts`).
"""
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from tinyseq.backend import host, seeded
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.probes import Noted, arrays
from tinyseq.layers import Module

np = host.np
Arrays = dict[str, Any]                  # symbol -> NumPy array, or a number


@dataclass(frozen=True)
class Case:
    """One call of an answer: `given` are its arguments in order, `expected` what it should return."""
    given: Arrays
    expected: Arrays


@dataclass(frozen=True)
class Exercise:
    """An exercise by its id.

    section     of the book: "7.2", "introduction", "techniques"
    gives       symbol -> axes of what is to be returned, in order: {"dW": ["D", "K"]}
    gates       the names of the blocks that lie side by side along the last axis, where there are such
    probe       what is found out about what an answer returns; None: it returns the results themselves
    likely      what mistakes would return: likely(*given) -> {the mistake in words: some of the results}; or None
    parts       the layers whose weights a right model has: parts(*given); or None
    needs       a module that the solution needs and the package does not, or ""
    draw        makes a case from a Draw"""
    id: str
    section: str
    gives: dict[str, list[str]]
    gates: str
    probe: Callable[..., tuple[Any, ...]] | None
    likely: Callable[..., dict[str, Arrays]] | None
    parts: Callable[..., Iterable[Module]] | None
    needs: str
    draw: Callable[[Draw], Case] = field(repr=False)

    @property
    def function(self) -> str:
        """The name that an answer has in a notebook or a file."""
        return re.sub(r"\W", "_", self.id)

    @cached_property
    def _parts(self) -> list[tuple[str, str]]:
        """The docstring in parts: (its first word, its text); the text before the first such word has none."""
        text = inspect.getdoc(self.draw) or ""
        pieces = re.split(r"^(Given|Hint|Look) +", text, flags=re.MULTILINE)
        return [("", pieces[0].strip()), *((word, " ".join(said.split()))
                                          for word, said in zip(pieces[1::2], pieces[2::2], strict=True))]

    @property
    def title(self) -> str:
        """What is to be written, in one line."""
        return self._parts[0][1].splitlines()[0].rstrip(".")

    @property
    def equations(self) -> str:
        """The lines below the title."""
        return "\n".join(self._parts[0][1].splitlines()[1:]).strip("\n")

    @property
    def given(self) -> str:
        """The arguments, in words."""
        return next(said for word, said in self._parts if word == "Given")

    @property
    def hints(self) -> list[str]:
        """From a nudge to the last but one step."""
        return [said for word, said in self._parts if word == "Hint"]

    def look(self, symbol: str) -> str:
        """What to look at next when this one is wrong; "" if the page says nothing of it."""
        said = [said.partition(": ") for word, said in self._parts if word == "Look"]
        return next((advice for names, _, advice in said if symbol in names.split(", ")), "")

    def probed(self, answer: Callable) -> Callable:
        """The answer as it is called: followed by the probe, if there is one."""
        if self.probe is None:
            return answer

        def found(*given: Any) -> tuple[Any, ...]:
            with seeded(0):
                model = answer(*given)
                results = self.probe(model, *given)  # type: ignore[misc]
            if self.parts is None:
                return results
            note = arrays(model, self.parts(*given))
            return tuple(Noted(x, note) if symbol == "weights" else x
                         for symbol, x in zip(self.gives, results, strict=True))
        return found

    def case(self, seed: int) -> Case:
        """The case of this seed, the same each time."""
        return _case(self.id, seed)


@cache
def _case(id: str, seed: int) -> Case:
    return EXERCISES[id].draw(Draw(seed))


EXERCISES: dict[str, Exercise] = {}      # by id; each page fills in its own when it is imported


def exercise(id: str, section: str, gives: str, gates: str = "",
             probe: Callable | None = None, likely: Callable | None = None, parts: Callable | None = None,
             needs: str = "") -> Callable[[Callable], Callable]:
    """Lists the function below as an exercise. A number has no axes: "loss ()"."""
    axes = {symbol: [axis.strip() for axis in names.split(",") if axis.strip()]
            for symbol, names in re.findall(r"(\S+) \(([^)]*)\)", gives)}

    def listed(draw: Callable[[Draw], Case]) -> Callable[[Draw], Case]:
        assert id not in EXERCISES, f"two exercises are called {id}"
        EXERCISES[id] = Exercise(id, section, axes, gates, probe, likely, parts, needs, draw)
        return draw
    return listed
