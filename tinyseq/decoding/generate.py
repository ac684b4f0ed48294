"""Writing on: one symbol at a time, each drawn from what the model expects after all before it."""
from collections.abc import Iterator, Sequence
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
    written: list[int] = []
    for symbol in stream(model, prompt_ids, length, temperature, top_k, top_p, seed):
        written.append(symbol)
        if stop is not None and len(stop) and written[-len(stop):] == list(stop):
            break
    return written


def stream(model: Any, prompt_ids: Any, length: int, temperature: float = 1.0, top_k: int | None = None,
           top_p: float | None = None, seed: int | None = None) -> Iterator[int]:
    """The same symbols, handed out as they are drawn. Wrong values raise at once, before the first symbol."""
    check_settings(temperature, top_k, top_p)
    if not len(prompt_ids):
        raise ValueError("a prompt has at least one symbol: the model needs something to write on from")
    if length < 0:
        raise ValueError(f"length is at least 0; got {length}")
    if seed is not None and seed < 0:
        raise ValueError(f"seed is at least 0; got {seed}")
    rng = host.np.random.default_rng(seed)
    return _drawn(model, prompt_ids, length, rng, temperature, top_k, top_p)


def _drawn(model: Any, prompt_ids: Any, length: int, rng: Any, *settings: Any) -> Iterator[int]:
    was_training = model.training
    model.eval()
    try:
        state = model.start(1)
        for symbol in prompt_ids:
            logits, state = _step(model, symbol, state)
        for _ in range(length):
            p = distribution(logits, *settings)[0]
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
