"""Layer normalisation: the channels of a row."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import layer_norm_composed


@exercise("layer-norm-backward", "8.3", gives="dx (N, C), dgamma (C), dbeta (C)")
def layer_norm_backward(draw: Draw) -> Case:
    """The way back through a layer normalisation.

    (1) centred = x - (mean of x over the C channels of its row)               x (N, C) -> (N, C)
    (2) sigma   = sqrt((mean of centred^2 over the channels) + epsilon)        (N, 1)
    (3) n       = centred / sigma                                              (N, C)
    (4) y       = gamma n + beta                                               gamma, beta (C,) -> (N, C)

    Given   dy (N, C), which is dL/dy; x (N, C); gamma (C,); epsilon, a number
    Hint    Go from (4) to (1). gamma and beta serve all rows; over which axis are their gradients summed up?
    Hint    In (3) centred is divided by a sigma that was made from centred itself: it gets one gradient from (3) and
            another from (2), and they are added up.
    Hint    In (1) x is centred in a row of C entries, and each x moves the mean of them all. What does that take away
            from the gradient of centred?
    Look    dx: adding a number to all x of a row changes no y, so the dx of a row add up to 0; do yours? And scaling
            centred changes hardly anything: with epsilon = 0, dx would be at right angles to n. Which of the two fails?
    Look    dgamma: in (4) gamma stands beside n, in every row.
    Look    dbeta: in (4) beta stands alone, in every row."""
    N, C = draw.sizes(2, least=3)
    x, gamma, beta, epsilon = draw.array(N, C), draw.array(C), draw.array(C), float(draw.rng.uniform(0.1, 0.3))
    (dy,), _, (dx, dgamma, dbeta) = draw.way_back(
        lambda x, gamma, beta: layer_norm_composed(x, gamma, beta, epsilon=epsilon), x, gamma, beta)
    return Case({"dy": dy, "x": x, "gamma": gamma, "epsilon": epsilon},
                {"dx": dx, "dgamma": dgamma, "dbeta": dbeta})
