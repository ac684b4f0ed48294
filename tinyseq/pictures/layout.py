"""Where the nodes of a graph stand: in layers, so that every edge leads to the right.

The way of Sugiyama, Tagawa and Toda 1981, in its simplest form: a node's layer is the longest way to it; an edge that
passes a layer gets a bend there; each layer is sorted by where its neighbours stand, a few times back and forth.
"""
from collections.abc import Sequence
from itertools import pairwise

ROUNDS = 4                                                 # of sorting, each from left to right and back
Edges = Sequence[tuple[int, int]]


def placed(n: int, edges: Edges) -> tuple[list[list[int]], dict[tuple[int, int], list[int]]]:
    """(layers, bends) of n nodes: the numbers that stand in each layer from above, and for each edge the numbers of its
    bends, which are counted on from n. Raises ValueError for a circle."""
    depth = _depths(n, edges)
    bends: dict[tuple[int, int], list[int]] = {}
    neighbours: list[tuple[int, int]] = []
    for start, end in edges:
        passed = range(depth[start] + 1, depth[end])
        bends[start, end] = list(range(len(depth), len(depth) + len(passed)))
        depth += passed
        way = [start, *bends[start, end], end]
        neighbours += pairwise(way)
    layers: list[list[int]] = [[] for _ in range(max(depth, default=0) + 1)]
    for node, layer in enumerate(depth):
        layers[layer].append(node)
    before: list[list[int]] = [[] for _ in depth]
    behind: list[list[int]] = [[] for _ in depth]
    for start, end in neighbours:
        behind[start].append(end)
        before[end].append(start)
    for _ in range(ROUNDS):
        for last, row in pairwise(layers):
            _sort(row, last, before)
        for last, row in pairwise(layers[::-1]):
            _sort(row, last, behind)
    return layers, bends


def _depths(n: int, edges: Edges) -> list[int]:
    """The longest way to each node; what has nothing before it stands right before the first that reads it."""
    depth = [0] * n
    for _ in range(n + 1):
        moved = [(end, depth[start] + 1) for start, end in edges if depth[end] <= depth[start]]
        for end, layer in moved:
            depth[end] = max(depth[end], layer)
        if not moved:
            break
    else:
        raise ValueError("a computation has no circles: there is a node that is computed from itself")
    ends = {end for _, end in edges}
    for node in range(n):
        readers = [depth[end] for start, end in edges if start == node]
        if node not in ends and readers:
            depth[node] = min(readers) - 1
    return depth


def _sort(layer: list[int], last: list[int], neighbours: list[list[int]]) -> None:
    """By the middle of a node's neighbours in the layer that was sorted last; who has none there stays where it is."""
    height = {node: i - len(last) / 2 for i, node in enumerate(last)}
    own = {node: i - len(layer) / 2 for i, node in enumerate(layer)}

    def middle(node: int) -> float:
        found = [height[other] for other in neighbours[node]]
        return sum(found) / len(found) if found else own[node]
    layer.sort(key=middle)
