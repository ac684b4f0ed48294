"""What the introduction says of simple recurrent networks and of writing with them."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.decoding import generate
from tinyseq.errata.measures import largest, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, RNN, Linear, RecurrentLanguageModel

np = host.np


@specimen("sigma-twice", "introduction", "layers/recurrent/language.py")
def sigma_twice() -> list[Row]:
    """One and the same sigma makes the state and the output.

    Book    h_t = sigma(W_x x_t + W_h h_{t-1} + b_h),   y_t = sigma(W_y h_t + b_y)
    Wrong   If sigma is the logistic function, as in the rest of the text, the outputs lie between 0 and 1, each for
            itself: they are no distribution over symbols, and a series below 0 is out of reach.
    Cure    an output of its own kind: softmax for symbols, none for numbers"""
    manual_seed(0)
    rnn, output = RNN(3, 8, nonlinearity="sigmoid"), Linear(8, 65)
    with no_grad():
        a = output(rnn(tensor(rng().normal(size=(1, 5, 3)), dtype="float32"))[0])
    series = np.sin(np.arange(200) / 10)
    nearest = np.clip(series, 0, 1)                        # the best that a sigma can do
    return [Row("sum of P over 65 symbols", float(values(ops.sigmoid(a)).sum(-1)[0, -1]),
                float(values(ops.softmax(a)).sum(-1)[0, -1])),
            Row("least squared error on a sine", float(((series - nearest) ** 2).mean()), None)]


@specimen("fed-back-by-word", "introduction", "layers/recurrent/rnn.py")
def fed_back_by_word() -> list[Row]:
    """The output is said to go back into the network; in the equations it is the state.

    Book    described: the output of a step is fed back as input to the next;   in the equations: h_{t-1} is
    Wrong   These are two networks (Jordan 1986, Elman 1990). In the second y_t is the end of the line: nothing that
            comes later depends on W_y. Between two steps the first keeps as many numbers as it has outputs.
    Cure    the equations are right, the sentence is not: what is fed back is h"""
    manual_seed(0)
    cell, output = RNN(2, 4).astype("float64").cells[0], Linear(4, 1).astype("float64")
    back = Linear(1, 4, bias=False).astype("float64")
    columns = []
    for jordan in (True, False):
        h = cell.initial_state(1).h
        for x_t in rng().normal(size=(5, 1, 2)):
            before = back(output(h)) if jordan else h @ cell.W_hh
            h = ops.tanh(tensor(x_t) @ cell.W_xh + before + cell.b_h)
        columns.append(largest(gradients((h * h).sum(), [output.W])[0]))
    return [Row("largest |dh_T/dW_y|", *columns),
            Row("numbers that one step hands to the next", len(back.W), len(cell.W_hh))]


class Counted(RecurrentLanguageModel):
    """A language model that counts the steps of its network."""

    steps = 0

    def __call__(self, ids: Any, state: Any = None) -> Any:
        self.steps += ids.size
        return super().__call__(ids, state)


@specimen("reads-it-all-again", "introduction, 9.5", "decoding/generate.py")
def reads_it_all_again() -> list[Row]:
    """For each new word the whole text is read from the beginning.

    Book    at each of 100 words:  P = model(all words so far);  draw;  append   (9.5: the last 128 characters)
    Wrong   The state after n words is known from the time before, and the next step needs nothing else. Reading n words
            again for each one costs n^2 / 2 steps in all.
    Cure    step(id, state) -> logits, state: a step a word. The text is the same."""
    manual_seed(0)
    model = Counted(LSTM(50, 8), 50)
    prompt = [1, 2, 3]
    text = list(prompt)
    with no_grad():
        for _ in range(100):
            text.append(int(values(model(np.array([text]))[0])[0, -1].argmax()))
    again, model.steps = model.steps, 0
    sound = generate(model, prompt, 100, temperature=0)
    return [Row("steps of the network for 100 words after 3", again, model.steps),
            Row("words that differ", sum(a != b for a, b in zip(text[3:], sound, strict=True)), None)]
