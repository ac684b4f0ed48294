"""practice-8.2-units: a solution, other right ones, and mistakes."""
import math

from tinyseq.layers import LSTM, Linear


def practice_8_2_units(V, num_layers, budget):
    H, used, more = 0, 0, 0
    while more <= budget:
        H, used = H + 1, more                                                   # (5)
        first = 4 * (V * H + H * H + H)                                         # (1)
        above = 4 * (H * H + H * H + H)                                         # (2)
        output = H * V + V                                                      # (3)
        more = first + (num_layers - 1) * above + output                        # (4)
    return H - 1, used


# Right --------------------------------------------------------------------------------------------------------

def right_by_the_library(V, num_layers, budget):
    """The library counts; every H that could be."""
    counts = {H: LSTM(V, H, num_layers).count() + Linear(H, V).count() for H in range(1, 40)}
    H = max(H for H, used in counts.items() if used <= budget)
    return H, counts[H]


def right_quadratic(V, num_layers, budget):
    """(4) is a H^2 + b H + V: the root of a H^2 + b H + V = budget, rounded down."""
    a = 4 + 8 * (num_layers - 1)                                                # (1) (2)
    b = 4 * V + 4 + 4 * (num_layers - 1) + V                                    # (1) (2) (3)
    H = int((math.sqrt(b * b + 4 * a * (budget - V)) - b) / (2 * a))            # (5)
    return H, a * H * H + b * H + V


def right_layer_by_layer(V, num_layers, budget):
    def used(H):
        inputs = [V] + [H] * (num_layers - 1)
        return sum(4 * H * (D + H + 1) for D in inputs) + (H + 1) * V
    H = 1
    while used(H + 1) <= budget:
        H += 1
    return H, used(H)


def right_by_halving(V, num_layers, budget):
    """Between a number that fits and one that does not."""
    def used(H):
        one = LSTM(V, H).count() + H * V + V
        return one if num_layers == 1 else one + (num_layers - 1) * LSTM(H, H).count()
    fits, too_many = 1, 1000
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if used(middle) <= budget else (fits, middle)
    return fits, used(fits)


# Wrong --------------------------------------------------------------------------------------------------------

def largest(used, budget):
    H = 1
    while used(H + 1) <= budget:
        H += 1
    return H, used(H)


def wrong_all_over_V(V, num_layers, budget):
    """every layer is counted over V inputs, and those above the first read H numbers

    Named by: over V inputs above"""
    return largest(lambda H: num_layers * 4 * H * (V + H + 1) + H * V + V, budget)


def wrong_one_layer(V, num_layers, budget):
    """num_layers is not used: one layer is counted

    Named by: one layer counted"""
    return largest(lambda H: 4 * H * (V + H + 1) + H * V + V, budget)


def wrong_one_layer_too_many(V, num_layers, budget):
    """above is multiplied with num_layers, and the first layer is one of them: num_layers - 1 in (4)

    Named by: one layer too many | `num_layers` `num_layers - 1` (4) | `1` missing (4)"""
    return largest(lambda H: 4 * H * (V + H + 1) + num_layers * 4 * H * (2 * H + 1) + H * V + V, budget)


def wrong_without_output(V, num_layers, budget):
    """the output layer (3) is not counted

    Named by: output not counted | `output` missing (4)"""
    return largest(lambda H: 4 * H * (V + H + 1) + (num_layers - 1) * 4 * H * (2 * H + 1), budget)


def wrong_no_biases(V, num_layers, budget):
    """the biases of the layers are not counted in (1) and (2)

    Named by: biases not counted (1)"""
    return largest(lambda H: 4 * H * (V + H) + (num_layers - 1) * 8 * H * H + H * V + V, budget)


def wrong_one_gate(V, num_layers, budget):
    """one gate is counted, and an LSTM has four: the 4 of (1) and (2) is missing

    Named by: one gate four | `4` missing (1) (2)"""
    return largest(lambda H: H * (V + H + 1) + (num_layers - 1) * H * (2 * H + 1) + H * V + V, budget)


def wrong_two_biases(V, num_layers, budget):
    """two biases a layer are counted, as PyTorch has them, and (1) has one

    Named by: two biases"""
    return largest(lambda H: 4 * H * (V + H + 2) + (num_layers - 1) * 4 * H * (2 * H + 2) + H * V + V, budget)


def wrong_over_the_budget(V, num_layers, budget):
    """H is the first that is over the budget, and (5) the last that is within it

    Named by: smallest over budget | H over the budget"""
    H, _ = practice_8_2_units(V, num_layers, budget)
    return H + 1, LSTM(V, H + 1, num_layers).count() + Linear(H + 1, V).count()


def wrong_used_is_the_budget(V, num_layers, budget):
    """used is the budget itself, and should be (4) of the H that is returned

    Named by: used budget itself | used it is budget as it was given"""
    return practice_8_2_units(V, num_layers, budget)[0], budget


def wrong_used_of_the_next(V, num_layers, budget):
    """used is (4) of H + 1, which is over the budget

    Named by: used H + 1 | used `more` | used next"""
    H, _ = practice_8_2_units(V, num_layers, budget)
    return H, LSTM(V, H + 1, num_layers).count() + Linear(H + 1, V).count()


def wrong_three_gates(V, num_layers, budget):
    """three blocks of weights are counted, those of a GRU, and an LSTM has four

    Named by: three GRU four | 3 4 (1)"""
    return largest(lambda H: 3 * H * (V + H + 1) + (num_layers - 1) * 3 * H * (2 * H + 1) + H * V + V, budget)


def wrong_without_the_states(V, num_layers, budget):
    """W_hh is not counted: H H is missing in (1) and once in (2)

    Named by: W_hh not counted | `H * H` missing (1) (2)"""
    return largest(lambda H: 4 * H * (V + 1) + (num_layers - 1) * 4 * H * (H + 1) + H * V + V, budget)
