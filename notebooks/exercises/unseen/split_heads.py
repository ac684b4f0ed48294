"""Mistakes that the diagnosis of split-heads has never seen."""


def wrong_heads_interleaved(x, dy):
    """y gives head h the channels i nh + h, every nh-th one, where (1) has d neighbours h d + i.

    Named by: y neighbours | y interleaved | y every nh | y d nh order cut
    """
    B, nh, T, d = dy.shape
    y = x.reshape(B, T, d, nh).transpose(0, 3, 1, 2)
    dx = dy.transpose(0, 2, 1, 3).reshape(B, T, nh * d)
    return y, dx


def wrong_dx_interleaved(x, dy):
    """dx puts dy of head h into the channels i nh + h, where (1) has h d + i.

    Named by: dx neighbours | dx interleaved | dx every nh | dx order heads entries
    """
    B, nh, T, d = dy.shape
    y = x.reshape(B, T, nh, d).transpose(0, 2, 1, 3)
    dx = dy.transpose(0, 2, 3, 1).reshape(B, T, nh * d)
    return y, dx


def wrong_channels_in_front_then_cut(x, dy):
    """y brings the channels before the steps and then reshapes (C, T) to (nh, T, d), which mixes steps and channels.

    Named by: y mixes steps channels | y reshape transposed order | y steps channels mixed | y swapped before reshape
    | y: axes order 0, 2, 1, and reshaped
    """
    B, nh, T, d = dy.shape
    y = x.swapaxes(1, 2).reshape(B, nh, T, d)
    dx = dy.transpose(0, 2, 1, 3).reshape(B, T, nh * d)
    return y, dx
