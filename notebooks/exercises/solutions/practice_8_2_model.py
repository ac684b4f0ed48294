"""practice-8.2-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import GRU, LSTM, Embedding, LanguageModel, Linear, RecurrentLanguageModel, StackState


class Plain(LanguageModel):
    """A list of layers, for those that differ in one line."""

    def __init__(self, V, H, num_layers, residual):
        self.layers = [LSTM(H if below else V, H) for below in range(num_layers)]
        self.output, self.residual = Linear(H, V), residual

    def joined(self, f, below):
        """(3)"""
        return f + below[-1] if self.residual and below else f

    def __call__(self, ids, state=None):
        outputs, last = [], []
        for i, layer in enumerate(self.layers):
            f, s = layer(outputs[-1] if outputs else ids, state and StackState(state[i:i + 1]))
            outputs.append(self.joined(f, outputs))
            last += s
        return self.output(outputs[-1]), StackState(last)


def practice_8_2_model(V, H, num_layers, residual):
    class Mine(LanguageModel):
        def __init__(self):
            kind = "add" if residual and num_layers > 1 else None               # (3)
            self.stack = LSTM(V, H, num_layers, residual=kind)                  # (1) (2)
            self.output = Linear(H, V)                                          # (4)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)                                  # (1) (2) (3)
            return self.output(hs), state                                       # (4)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_list_of_layers(V, H, num_layers, residual):
    return Plain(V, H, num_layers, residual)


def right_the_library_s_own(V, H, num_layers, residual):
    return RecurrentLanguageModel(LSTM(V, H, num_layers, residual="add" if residual and num_layers > 1 else None), V)


def right_first_and_above(V, H, num_layers, residual):
    """The first layer has a name of its own; the layers above count from it."""
    class Mine(LanguageModel):
        def __init__(self):
            self.first, self.above = LSTM(V, H), [LSTM(H, H, method="by_tape") for _ in range(1, num_layers)]
            self.write = Linear(H, V)

        def __call__(self, ids, state=None):
            parts = state or StackState([None] * num_layers)
            h, new = self.first(ids, parts[0] and StackState([parts[0]]))
            for layer, part in zip(self.above, parts[1:], strict=True):
                f, s = layer(h, part and StackState([part]))
                h, new = (h + f if residual else f), StackState([*new, *s])
            return self.write(h), new
    return Mine()


def right_step_by_step(V, H, num_layers, residual):
    """All layers at one step, then the next step."""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            predicted = []
            for t in range(ids.shape[1]):
                logits, state = super().__call__(ids[:, t:t + 1], state)
                predicted.append(logits)
            return ops.concat(*predicted, axis=1), state
    return Mine(V, H, num_layers, residual)


def right_loss_of_its_own(V, H, num_layers, residual):
    """The sum of the losses of the rows."""
    class Mine(Plain):
        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            rows = [ops.cross_entropy(logits[b], batch.targets[b], reduction="sum") for b in range(len(batch.ids))]
            return sum(rows[1:], rows[0]), batch.ids.size
    return Mine(V, H, num_layers, residual)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_residual(V, H, num_layers, residual):
    """there are no residual connections whatever `residual` says

    Named by: no residual whatever"""
    return Plain(V, H, num_layers, False)


def wrong_always_residual(V, H, num_layers, residual):
    """there are residual connections whatever `residual` says

    Named by: residual connections whatever"""
    return Plain(V, H, num_layers, True)


def wrong_added_up_at_the_end(V, H, num_layers, residual):
    """each layer reads f of the one below, and all f are added up before (4): (2) reads h, the sum of (3)

    Named by: reads f sum h | reads added up"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            outputs, last = [], []
            for i, layer in enumerate(self.layers):
                f, s = layer(outputs[-1] if outputs else ids, state and StackState(state[i:i + 1]))
                outputs.append(f)
                last += s
            return self.output(sum(outputs) if self.residual else f), StackState(last)
    return Mine(V, H, num_layers, residual)


def wrong_two_layers_below(V, H, num_layers, residual):
    """the residual comes from two layers below, as "skip2" has it, and in (3) from the one below

    Named by: two layers below h^{l-2}"""
    kind = "skip2" if residual and num_layers > 2 else None
    return RecurrentLanguageModel(LSTM(V, H, num_layers, residual=kind), V)


def wrong_from_the_first(V, H, num_layers, residual):
    """each layer adds all outputs below it, and in (3) it adds that of the one below

    Named by: all layers below one below (3)"""
    class Mine(Plain):
        def joined(self, f, below):
            return sum(below, f) if residual else f
    return Mine(V, H, num_layers, residual)


def wrong_last_layer_alone(V, H, num_layers, residual):
    """only the last layer has a residual connection, and in (3) each from the second on

    Named by: last layer alone (3)"""
    class Mine(Plain):
        def joined(self, f, below):
            is_last = len(below) == num_layers - 1
            return f + below[-1] if residual and below and is_last else f
    return Mine(V, H, num_layers, residual)


def wrong_mean(V, H, num_layers, residual):
    """half of the sum of layer and residual is handed on, and in (3) the sum

    Named by: half sum (3)"""
    class Mine(Plain):
        def joined(self, f, below):
            return (f + below[-1]) / 2 if residual and below else f
    return Mine(V, H, num_layers, residual)


def wrong_one_layer(V, H, num_layers, residual):
    """num_layers is not used: there is one layer

    Named by: one layer whatever num_layers"""
    return Plain(V, H, 1, residual)


def wrong_one_layer_too_many(V, H, num_layers, residual):
    """there are num_layers layers above the first, one too many

    Named by: one layer too many"""
    return Plain(V, H, num_layers + 1, residual)


def wrong_shared_layer(V, H, num_layers, residual):
    """the layers above the first are one and the same, called again and again: [LSTM(H, H)] * n

    Named by: one and the same share | layers share weights"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, 1, residual)
            self.layers = self.layers + [LSTM(H, H)] * (num_layers - 1)
    return Mine()


def wrong_state_of_the_first_layer(V, H, num_layers, residual):
    """each layer begins from the state of the first one, and should from its own

    Named by: state not carried own | state of the first layer"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            return super().__call__(ids, state and StackState(state[:1] * num_layers))
    return Mine(V, H, num_layers, residual)


def wrong_states_lost(V, H, num_layers, residual):
    """the state that is given is not used: each call begins from nothing

    Named by: state not carried"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            return super().__call__(ids)
    return Mine(V, H, num_layers, residual)


def wrong_gru(V, H, num_layers, residual):
    """the layers are GRUs, and (1) and (2) are LSTMs

    Named by: GRU LSTM"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, residual)
            self.layers = [GRU(H if below else V, H) for below in range(num_layers)]
    return Mine()


def wrong_embedding(V, H, num_layers, residual):
    """an embedding stands before (1), whose x_t is one-hot

    Named by: embedding one-hot"""
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding, self.output = Embedding(V, H), Linear(H, V)
            self.stack = LSTM(H, H, num_layers, residual="add" if residual and num_layers > 1 else None)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_all_outputs(V, H, num_layers, residual):
    """with residuals the outputs of all layers are added up before (4) as well

    Named by: all layers added up before (4)"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            outputs, last = [], []
            for i, layer in enumerate(self.layers):
                f, s = layer(outputs[-1] if outputs else ids, state and StackState(state[i:i + 1]))
                outputs.append(self.joined(f, outputs))
                last += s
            return self.output(sum(outputs[:-1], outputs[-1]) if residual else outputs[-1]), StackState(last)
    return Mine(V, H, num_layers, residual)


def wrong_number(V, H, num_layers, residual):
    """number is that of the rows, and should be that of the targets, B T

    Named by: number rows targets"""
    class Mine(Plain):
        def loss(self, batch):
            return super().loss(batch)[0], len(batch.ids)
    return Mine(V, H, num_layers, residual)
