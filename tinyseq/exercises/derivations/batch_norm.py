"""Batch normalisation: a channel over its batch."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import batch_norm


@exercise("batch-norm-backward", "9.2", gives="dx (B, C, H, W), dgamma (C), dbeta (C)")
def batch_norm_backward(draw: Draw) -> Case:
    """The way back through a batch normalisation of images, while training.

    (1) centred = x - (mean of x over the N = B H W entries of its channel)    x (B, C, H, W) -> (B, C, H, W)
    (2) sigma   = sqrt((mean of centred^2 over these N) + epsilon)             (1, C, 1, 1)
    (3) n       = centred / sigma                                              (B, C, H, W)
    (4) y       = gamma n + beta            gamma, beta (C,), one for each channel -> (B, C, H, W)

    Given   dy (B, C, H, W), which is dL/dy; x (B, C, H, W); gamma (C,); epsilon, a number
    Hint    All that is summed or averaged here goes over the same three axes. Which one is left?
    Hint    Go from (4) to (1). In (3) centred is divided by a sigma that was made from centred itself: it gets one
            gradient from (3) and another from (2).
    Hint    In (1) each x moves the mean of all N entries of its channel. What does that take away from the gradient of
            centred?
    Look    dx: adding a number to a channel changes no y, so the dx of a channel add up to 0; do yours? And scaling
            centred changes hardly anything: with epsilon = 0, dx would be at right angles to n. Which of the two fails?
    Look    dgamma: in (4) gamma stands beside n, at every place of every image of the batch.
    Look    dbeta: in (4) beta stands alone, at every place of every image of the batch."""
    B, C, H, W = draw.sizes(4)
    x, gamma, beta, epsilon = draw.array(B, C, H, W), draw.array(C), draw.array(C), float(draw.rng.uniform(0.1, 0.3))
    (dy,), _, (dx, dgamma, dbeta) = draw.way_back(
        lambda x, gamma, beta: batch_norm(x, gamma, beta, channel_axis=1, epsilon=epsilon)[0], x, gamma, beta)
    return Case({"dy": dy, "x": x, "gamma": gamma, "epsilon": epsilon},
                {"dx": dx, "dgamma": dgamma, "dbeta": dbeta})
