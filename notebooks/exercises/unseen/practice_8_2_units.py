"""Mistakes that the diagnosis of practice-8.2-units has never seen."""


def grown(size, budget):
    H = 0
    while size(H + 1) <= budget:
        H += 1
    return H, size(H)


def wrong_no_output_bias(V, num_layers, budget):
    """output of (3) is H V: the V numbers of b_y are not counted.

    Named by: output b_y missing | output bias | (3) V missing | b_y not counted
    """
    return grown(lambda H: 4 * (V * H + H * H + H) + (num_layers - 1) * 4 * (2 * H * H + H) + H * V, budget)


def wrong_layers_above(V, num_layers, budget):
    """In (4) there are num_layers layers above the first one, and not num_layers - 1.

    Named by: num_layers - 1 above | above one too many | layers above too many | above num_layers times
    | one layer too many
    """
    return grown(lambda H: 4 * (V * H + H * H + H) + num_layers * 4 * (2 * H * H + H) + H * V + V, budget)


def wrong_first_beyond(V, num_layers, budget):
    """H of (5) is the first that goes beyond the budget, one more than the largest within it.

    Named by: H one too large | used beyond budget | H exceeds budget | used more budget
    | H that is over the budget is returned
    """
    def size(H):
        return 4 * (V * H + H * H + H) + (num_layers - 1) * 4 * (2 * H * H + H) + H * V + V
    H, _ = grown(size, budget)
    return H + 1, size(H + 1)
