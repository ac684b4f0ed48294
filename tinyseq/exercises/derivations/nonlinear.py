"""Nonlinearities, entry by entry."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import sigmoid, tanh


@exercise("tanh-backward", "introduction", gives="dx (N, K)")
def tanh_backward(draw: Draw) -> Case:
    """The way back through a tanh.

    (1) y = tanh(x) = (e^x - e^-x) / (e^x + e^-x)          x (N, K) -> y (N, K)

    Given   dy (N, K), which is dL/dy; x, y (N, K)
    Hint    y[n, k] depends on x[n, k] alone. So dx[n, k] is dy[n, k] times one number, the slope of the curve at
            x[n, k].
    Hint    In (1) the derivative of the numerator is the denominator, and the other way round. Use the rule for
            quotients.
    Hint    What comes out is a quotient of squares with two terms. Divide each of them, and look for y.
    Look    dx: put numbers in. At x = 0 the curve has the slope 1, far out to both sides 0: what has yours? And did you
            take y where y belongs, and x where x belongs?"""
    N, K = draw.sizes(2)
    x = draw.array(N, K)
    (dy,), (y,), (dx,) = draw.way_back(tanh, x)
    return Case({"dy": dy, "x": x, "y": y}, {"dx": dx})


@exercise("sigmoid-backward", "introduction", gives="dx (N, K)")
def sigmoid_backward(draw: Draw) -> Case:
    """The way back through a sigmoid.

    (1) y = sigmoid(x) = 1 / (1 + e^-x)                    x (N, K) -> y (N, K)

    Given   dy (N, K), which is dL/dy; x, y (N, K)
    Hint    y[n, k] depends on x[n, k] alone. So dx[n, k] is dy[n, k] times one number, the slope of the curve at
            x[n, k].
    Hint    With u = 1 + e^-x, y is 1/u. What is du/dx, and what dy/du?
    Hint    The slope is a product of two fractions with the denominator 1 + e^-x. One of them is y; what has to be
            added to the other to make it 1?
    Look    dx: put numbers in. At x = 0 the curve has the slope 1/4, far out to both sides 0: what has yours? And did
            you take y where y belongs, and x where x belongs?"""
    N, K = draw.sizes(2)
    x = draw.array(N, K)
    (dy,), (y,), (dx,) = draw.way_back(sigmoid, x)
    return Case({"dy": dy, "x": x, "y": y}, {"dx": dx})
