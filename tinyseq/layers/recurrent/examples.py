"""Examples on which the gradients of the by-hand sequences are checked, as in checks/examples.py."""
from tinyseq.backend import to_device
from tinyseq.layers.recurrent.gru import gru_sequence
from tinyseq.layers.recurrent.gru_cudnn import gru_cudnn_sequence
from tinyseq.layers.recurrent.lstm import lstm_sequence
from tinyseq.layers.recurrent.rnn import rnn_sequence


def cell(f, blocks, states, alive, D=3, H=2, extra=(), as_ids=False, **settings):
    """A by-hand sequence, of dense inputs or of ids."""
    B, T = max(alive), len(alive)
    shapes = [*[(B, H)] * states, (D, blocks * H), (H, blocks * H), (blocks * H,), *extra]

    def example(rng):
        if as_ids:
            x = to_device(rng.integers(0, D, (B, T)))
            return lambda *rest: f(x, *rest, alive=alive, **settings), [rng.standard_normal(s) for s in shapes]
        dense = [rng.standard_normal(shape) for shape in [(B, T, D), *shapes]]
        return lambda *inputs: f(*inputs, alive=alive, **settings), dense
    return example


def cells(f, blocks, states, **settings):
    return [cell(f, blocks, states, [3, 3, 3, 3], **settings), cell(f, blocks, states, [3, 2, 2, 0], **settings),
            cell(f, blocks, states, [3, 2, 2, 0], as_ids=True, **settings), cell(f, blocks, states, [1], **settings)]


EXAMPLES = {
    "rnn_sequence": [e for phi in ("tanh", "sigmoid", "relu") for e in cells(rnn_sequence, 1, 1, nonlinearity=phi)],
    "lstm_sequence": cells(lstm_sequence, 4, 2),
    "gru_sequence": cells(gru_sequence, 3, 1),
    "gru_cudnn_sequence": cells(gru_cudnn_sequence, 3, 1, extra=((2,),)),
}
