"""Mistakes that the diagnosis of practice-9.2-model has never seen."""
from solutions.practice_9_2_model import Plain

from tinyseq import ops
from tinyseq.layers import Linear
from tinyseq.layers.attention import causal_mask


def wrong_window_and_itself(V, H, window):
    """The window of (2) has w steps before the step and the step itself: h_{t-w} is seen, one too many.

    Named by: looks one too many | window one step more | looks window + 1 | window one too wide
    """
    class Mine(Plain):
        def mask(self, T):
            return causal_mask(T, self.window + 1)
    return Mine(V, H, window)


def wrong_no_window(V, H, window):
    """The mask of (2) is causal alone: each step looks at all states before it, whatever `window` says.

    Named by: window not used | looks all before | window missing | looks beyond window
    """
    class Mine(Plain):
        def mask(self, T):
            return causal_mask(T)
    return Mine(V, H, window)


def wrong_added(V, H, window):
    """In (3) h_t and z_t are added and not put side by side, so that W_u has H rows and not 2 H.

    Named by: weights W_u H rows | h z added instead side by side | weights W_u 2 H | concat added
    """
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.join = Linear(H, H)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(ops.tanh(self.join(hs + z))), state
    return Mine()
