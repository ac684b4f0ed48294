"""Mistakes that the diagnosis of practice-8.2-model has never seen."""
from tinyseq.layers import LSTM, LanguageModel, Linear, StackState


def wrong_residual_always(V, H, num_layers, residual):
    """(3) has residual connections whatever `residual` says.

    Named by: skip residual not used | skip residual False | residual always | skip without residual
    | residual connections whatever `residual` says
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.stack = LSTM(V, H, num_layers, residual="add" if num_layers > 1 else None)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            return self.output(hs), state
    return Mine()


def wrong_same_layer_above(V, H, num_layers, residual):
    """The layers above the first of (2) are one and the same LSTM, a list of one layer times num_layers - 1.

    Named by: weights same layer | weights shared | layers above same | weights one layer above
    """
    return stacked(V, H, num_layers, residual, [LSTM(H, H)] * (num_layers - 1), lambda state, n: state[n:n + 1])


def wrong_state_of_the_top(V, H, num_layers, residual):
    """In (1) and (2) each layer begins from the state of the last layer, and not from its own part.

    Named by: carried own part | state last layer each | carried state of another layer | carried same part
    """
    above = [LSTM(H, H) for _ in range(num_layers - 1)]
    return stacked(V, H, num_layers, residual, above, lambda state, n: state[-1:])


def stacked(V, H, num_layers, residual, above, part):
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.above, self.output = LSTM(V, H), above, Linear(H, V)

        def __call__(self, ids, state=None):
            x, ended = ids, []
            for n, layer in enumerate([self.stack, *self.above]):
                f, after = layer(x, None if state is None else StackState(part(state, n)))
                x = f + x if residual and n else f
                ended += after
            return self.output(x), StackState(ended)
    return Mine()
