"""Channels split among heads, and the way back: the solution, other right answers, and mistakes that people make."""
import numpy as np


def split_heads(x, dy):
    B, nh, T, d = dy.shape
    y = x.reshape(B, T, nh, d).transpose(0, 2, 1, 3)                                    # (1)
    dx = dy.transpose(0, 2, 1, 3).reshape(B, T, nh * d)                                 # (1)
    return y, dx


# Right --------------------------------------------------------------------------------------------------------

def right_loops(x, dy):
    """(1) entry by entry."""
    B, nh, T, d = dy.shape
    y, dx = np.zeros_like(dy), np.zeros_like(x)
    for b, h, t, i in np.ndindex(B, nh, T, d):
        y[b, h, t, i] = x[b, t, h * d + i]
        dx[b, t, h * d + i] = dy[b, h, t, i]
    return y, dx


def right_stacked_slices(x, dy):
    """Each head's channels are a slice."""
    nh, d = dy.shape[1], dy.shape[3]
    y = np.stack([x[:, :, h * d:(h + 1) * d] for h in range(nh)], axis=1)
    return y, np.concatenate(list(dy.swapaxes(0, 1)), axis=2)


def right_by_indices(x, dy):
    """A number for each channel of each head, there and back."""
    nh, d = dy.shape[1], dy.shape[3]
    channels = np.arange(nh)[:, None] * d + np.arange(d)
    dx = np.zeros(x.shape)
    dx[:, :, channels] = np.einsum("bhti->bthi", dy)
    return np.moveaxis(x[:, :, channels], 2, 1), dx


def right_by_a_matrix(x, dy):
    """x times a matrix of zeros and ones for each head; the way back is the transposed product."""
    nh, d = dy.shape[1], dy.shape[3]
    S = np.eye(nh * d).reshape(nh * d, nh, d)
    return np.einsum("btc,chi->bhti", x, S), np.einsum("bhti,chi->btc", dy, S)


def right_split(x, dy):
    B, nh, T, d = dy.shape
    y = np.array(np.split(x, nh, axis=-1)).transpose(1, 0, 2, 3)
    dx = np.zeros((B, T, nh, d))
    for h in range(nh):
        dx[:, :, h] = dy[:, h]
    return y, dx.reshape(B, T, -1)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_reshaped_at_once(x, dy):
    """y is x reshaped to (B, nh, T, d) at once, with no transpose: what was one step is cut among other steps and heads

    Named by: y x reshaped at once no transpose | y: x reshaped no axis has been moved"""
    return x.reshape(dy.shape), split_heads(x, dy)[1]


def wrong_reshaped_at_once_on_the_way_back(x, dy):
    """dx is dy reshaped to (B, T, C) at once: on the way back the heads have not been moved behind the steps

    Named by: dx dy reshaped at once heads have not been moved | dx: dy reshaped no axis has been moved
    | dx: transpose of `dy.transpose(0, 2, 1, 3)` missing already: y"""
    return split_heads(x, dy)[0], dy.reshape(x.shape)


def wrong_reshaped_at_once_both_ways(x, dy):
    """y is x and dx is dy, each reshaped at once: no axis has been moved, neither there nor on the way back

    Named by: y is x dx is dy reshaped at once no axis | y: dx: x reshaped no axis has been moved"""
    return x.reshape(dy.shape), dy.reshape(x.shape)


def wrong_heads_interleaved(x, dy):
    """in y the channels are dealt out in turn, i nh + h where (1) has h d + i: heads are no neighbours in x

    Named by: y channels in turn i nh + h where h d + i | y neighbours along nh should be neighbours along d"""
    B, nh, T, d = dy.shape
    return x.reshape(B, T, d, nh).transpose(0, 3, 1, 2), split_heads(x, dy)[1]


def wrong_heads_interleaved_on_the_way_back(x, dy):
    """in dx the heads lie interleaved, channel i nh + h where (1) has h d + i

    Named by: dx interleaved i nh + h where h d + i | dx: dy axes in the order 0, 2, 3, 1 already: y
    | transpose(0, 2, 3, 1) where transpose(0, 2, 1, 3) for `dx` already: y"""
    return split_heads(x, dy)[0], dy.transpose(0, 2, 3, 1).reshape(x.shape)


def wrong_steps_before_heads(x, dy):
    """y is (B, T, nh, d): the axes of steps and heads have not changed places

    Named by: y is (B, T, nh, d) steps heads | y: axes lie in the order B, T, nh, d
    | transpose of missing for `y` already: dx"""
    B, nh, T, d = dy.shape
    return x.reshape(B, T, nh, d), split_heads(x, dy)[1]


def wrong_heads_into_the_batch(x, dy):
    """y has the heads first, (nh, B, T, d), before the sequences of the batch

    Named by: y heads first (nh, B, T, d) | y: axes lie in the order nh, B, T, d
    | transpose(2, 0, 1, 3)` stands where transpose(0, 2, 1, 3)` for `y`"""
    B, nh, T, d = dy.shape
    return x.reshape(B, T, nh, d).transpose(2, 0, 1, 3), split_heads(x, dy)[1]


def wrong_width_before_steps(x, dy):
    """y is (B, nh, d, T), as keys are that will be multiplied with queries: the last two axes have changed places

    Named by: y is (B, nh, d, T) last two axes | y: axes lie in the order B, nh, d, T
    | transpose(0, 2, 3, 1)` stands where transpose(0, 2, 1, 3)` for `y`"""
    B, nh, T, d = dy.shape
    return x.reshape(B, T, nh, d).transpose(0, 2, 3, 1), split_heads(x, dy)[1]


def wrong_heads_averaged(x, dy):
    """dx is divided by the number of heads, nh, as if they had been averaged

    Named by: dx divided by nh | dx 1/nh of already: y"""
    y, dx = split_heads(x, dy)
    return y, dx / dy.shape[1]


def wrong_last_head_first(x, dy):
    """y has the heads in the opposite order, the last channels first

    Named by: y heads opposite order | y runs backwards along nh already: dx"""
    y, dx = split_heads(x, dy)
    return y[:, ::-1], dx


def wrong_back_keeps_the_heads(x, dy):
    """dx is (B, T, nh, d): the two axes of heads and width have not been joined to C

    Named by: dx (B, T, nh, d) not been joined to C | dx: numbers are right, in another shape already: y
    | reshape of missing for `dx`"""
    return split_heads(x, dy)[0], dy.transpose(0, 2, 1, 3)


def wrong_heads_added_up(x, dy):
    """dx is the sum over the heads, again for each head: but each channel belongs to one head

    Named by: dx sum over the heads each channel one head"""
    y = split_heads(x, dy)[0]
    return y, np.tile(dy.sum(axis=1), (1, 1, dy.shape[1]))
