"""Writing on: one symbol at a time, each drawn from what the model expects after all before it."""
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tinyseq.autograd import no_grad
from tinyseq.backend import host, to_host
from tinyseq.decoding.distribution import check_settings, distribution


def generate(model: Any, prompt_ids: Any, length: int, temperature: float = 1.0, top_k: int | None = None,
             top_p: float | None = None, stop: Sequence[int] | None = None, seed: int | None = None) -> list[int]:
    """The `length` symbols that the model writes after the prompt, or fewer if it writes the symbols `stop`.

    model         .start(B) -> state and .step(ids (B,), state) -> logits (B, V), state
    prompt_ids    a list or an array, at least one id; the model reads it first
    stop          ids after which to end; they are part of the result
    seed          of the draws; None: other ones each time

    temperature, top_k and top_p are explained in distribution(). One step a symbol, so the cost of a symbol does not
    grow with the text. Dropout is off. Raises ValueError for an empty prompt and for values out of range."""
    symbols = stream(model, prompt_ids, length, temperature, top_k, top_p, seed)
    return list(until(symbols, [] if stop is None else [list(stop)]))


def until(symbols: Iterable[int], stops: Sequence[list[int]]) -> Iterator[int]:
    """These symbols, up to and with the first of the runs `stops` that comes up."""
    written: list[int] = []
    for symbol in symbols:
        written.append(symbol)
        yield symbol
        if any(stop and written[-len(stop):] == stop for stop in stops):
            return


def stream(model: Any, prompt_ids: Any, length: int, temperature: float = 1.0, top_k: int | None = None,
           top_p: float | None = None, seed: int | None = None, never: Sequence[int] = ()) -> Iterator[int]:
    """The same symbols, handed out as they are drawn, none of the ids `never` among them. Wrong values raise at once,
    before the first symbol."""
    check_settings(temperature, top_k, top_p)
    if not len(prompt_ids):
        raise ValueError("a prompt has at least one symbol: the model needs something to write on from")
    if length < 0:
        raise ValueError(f"length is at least 0; got {length}")
    if seed is not None and seed < 0:
        raise ValueError(f"seed is at least 0; got {seed}")
    rng = host.np.random.default_rng(seed)
    return _drawn(model, prompt_ids, length, rng, list(never), temperature, top_k, top_p)


def _drawn(model: Any, prompt_ids: Any, length: int, rng: Any, never: list[int], *settings: Any) -> Iterator[int]:
    was_training = model.training
    model.eval()
    try:
        state = model.start(1)
        for symbol in prompt_ids:
            logits, state = _step(model, symbol, state)
        for _ in range(length):
            y = host.np.array(logits, float)                       # a copy: the model's own array stays as it is
            y[:, never] = -host.np.inf
            p = distribution(y, *settings)[0]
            symbol = int(rng.choice(len(p), p=p))
            yield symbol
            logits, state = _step(model, symbol, state)
    finally:
        if was_training:
            model.train()


def _step(model: Any, symbol: int, state: Any) -> tuple[Any, Any]:
    """One step of the model without recording: logits (1, V) on the host, state."""
    with no_grad():                    # not around the loop: between two symbols the caller computes what it likes
        logits, state = model.step(host.np.array([symbol]), state)
    return to_host(logits.data), state
