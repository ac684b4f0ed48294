"""The conditional random field: its two twins, all ways to tag by enumeration, Viterbi, padding, refusals."""
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq import checks, layers
from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import host, manual_seed, to_device, to_host
from tinyseq.layers.crf import CRF, METHODS, viterbi

np = host.np
cases = given(st.integers(0, 10 ** 6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))


def drawn(seed, B, T, K, method="by_hand"):
    """A CRF in float64, ragged scores, tags with -1 behind the end, lengths."""
    rng = np.random.default_rng(seed)
    crf = CRF(K, method).astype("float64")
    for p in crf.parameters():
        p.data = to_device(rng.standard_normal(p.shape))
    lengths = rng.integers(1, T + 1, B)
    tags = np.where(np.arange(T) < lengths[:, None], rng.integers(0, K, (B, T)), -1)
    return crf, tensor(rng.standard_normal((B, T, K)), requires_grad=True), tags, lengths


def score(crf, scores, y):
    """(1), number by number."""
    W, a, b = (p.numpy() for p in (crf.transitions, crf.start, crf.end))
    steps, neighbours = enumerate(y), itertools.pairwise(y)
    return a[y[0]] + b[y[-1]] + sum(scores[t, k] for t, k in steps) + sum(W[i, j] for i, j in neighbours)


def all_ways(crf, scores, n):
    """{way: score} of one sequence of length n."""
    return {y: score(crf, scores, y) for y in itertools.product(range(len(crf.start)), repeat=int(n))}


@cases
def test_the_loss_is_minus_the_logarithm_of_the_share_among_all_ways(seed, B, T, K):
    crf, scores, tags, lengths = drawn(seed, B, T, K)
    for b, loss in enumerate(crf(scores, tags, lengths).numpy()):
        ways = all_ways(crf, scores.numpy()[b], lengths[b])
        share = np.exp(ways[tuple(tags[b, :lengths[b]].tolist())]) / np.exp(list(ways.values())).sum()
        np.testing.assert_allclose(loss, -np.log(share), rtol=1e-10, atol=1e-12)


@cases
def test_the_twins_are_equal(seed, B, T, K):
    found = []
    for method in METHODS:
        crf, scores, tags, lengths = drawn(seed, B, T, K, method)
        loss = crf(scores, tags, lengths)
        weights = Tensor(to_device(np.random.default_rng(seed).standard_normal(B)))
        found.append([loss.numpy(), *map(to_host, gradients((loss * weights).sum(), [scores, *crf.parameters()]))])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


@cases
def test_the_derivatives_of_the_partition_are_probabilities(seed, B, T, K):
    crf, scores, _, lengths = drawn(seed, B, T, K)
    log_z = crf.log_partition(scores, crf.transitions, crf.start, crf.end, lengths=lengths)
    marginals, pairs, first, last = map(to_host, gradients(log_z.sum(), [scores, *crf.parameters()]))
    for b, n in enumerate(lengths):
        ways = all_ways(crf, scores.numpy()[b], n)
        total = np.exp(list(ways.values())).sum()
        for t in range(T):
            for k in range(K):
                right = sum(np.exp(s) for y, s in ways.items() if t < n and y[t] == k) / total
                np.testing.assert_allclose(marginals[b, t, k], right, atol=1e-10)
    np.testing.assert_allclose(pairs.sum(), (lengths - 1).sum(), atol=1e-9)
    np.testing.assert_allclose([first.sum(), last.sum()], [B, B], atol=1e-9)


@cases
def test_viterbi_finds_the_best_way(seed, B, T, K):
    crf, scores, _, lengths = drawn(seed, B, T, K)
    found = to_host(crf.decode(scores, lengths))
    assert found.shape == (B, T)
    for b, n in enumerate(lengths):
        ways = all_ways(crf, scores.numpy()[b], n)
        assert tuple(found[b, :n].tolist()) == max(ways, key=lambda y: ways[y])
        assert (found[b, n:] == -1).all()


@cases
def test_viterbi_keeps_to_what_is_allowed(seed, B, T, K):
    crf, scores, _, lengths = drawn(seed, B, T, K)
    allowed = np.random.default_rng(seed).random((K + 1, K)) < 0.7
    allowed[:, 0] = True                                   # so that there is always a way
    found = to_host(crf.decode(scores, lengths, allowed))
    for b, n in enumerate(lengths):
        ways = {y: s for y, s in all_ways(crf, scores.numpy()[b], n).items()
                if allowed[K, y[0]] and all(allowed[i, j] for i, j in itertools.pairwise(y))}
        assert tuple(found[b, :n].tolist()) == max(ways, key=lambda y: ways[y])


@pytest.mark.parametrize("method", METHODS)
def test_every_gradient_is_right(method):
    crf, scores, tags, lengths = drawn(0, 3, 5, 4, method)
    report = checks.gradcheck(lambda s: crf(s, tags, lengths), scores, params=crf)
    assert {name for name, _ in report.checked} >= {"transitions", "start", "end"}


@pytest.mark.parametrize("method", METHODS)
def test_what_stands_behind_the_end_counts_for_nothing(method):
    crf, scores, tags, lengths = drawn(1, 3, 6, 3, method)
    lengths[:] = (6, 2, 3)
    tags = np.where(np.arange(6) < lengths[:, None], np.abs(tags), -1)
    behind = np.arange(6) >= lengths[:, None]
    found = []
    for value in (0.0, 1e6, np.nan):
        s = tensor(np.where(behind[..., None], value, scores.numpy()), requires_grad=True)
        loss = crf(s, tags, lengths)
        found.append([loss.numpy(), *map(to_host, gradients(loss.sum(), [s, *crf.parameters()])),
                      to_host(crf.decode(s, lengths))])
        assert not found[-1][1][behind].any()
    for one, other in ((found[0], found[1]), (found[0], found[2])):
        for x, y in zip(one, other, strict=True):
            np.testing.assert_array_equal(x, y)


def test_a_batch_is_its_sequences_one_by_one():
    crf, scores, tags, lengths = drawn(2, 4, 5, 3)
    together = crf(scores, tags, lengths).numpy()
    for b, n in enumerate(lengths):
        alone = crf(scores[b:b + 1, :int(n)], tags[b:b + 1, :n], lengths[b:b + 1])
        np.testing.assert_allclose(alone.numpy(), together[b:b + 1], rtol=1e-12)


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_large_scores_do_not_overflow(size):
    for method in METHODS:
        crf, scores, tags, lengths = drawn(3, 2, 7, 5, method)
        s = Tensor((scores.data * size).astype("float32"), requires_grad=True)
        loss = crf.astype("float32")(s, tags, lengths)
        assert np.isfinite(loss.numpy()).all() and (loss.numpy() >= -1e-3 * size).all()
        for g in gradients(loss.sum(), [s, *crf.parameters()]):
            assert np.isfinite(to_host(g)).all() and g.dtype == "float32"


def test_a_crf_learns_what_follows_what():
    """Scores that say nothing: what is left is the order, 0 1 2 0 1 2 ..."""
    from tinyseq.optim import Adam

    manual_seed(0)
    crf = CRF(3)
    tags = (np.arange(12) % 3)[None]
    silent = tensor(np.zeros((1, 12, 3), "float32"))
    optimiser = Adam(crf.parameters(), lr=0.2)
    for _ in range(60):
        optimiser.zero_grad()
        crf(silent, tags, [12]).sum().backward()
        optimiser.step()
    np.testing.assert_array_equal(to_host(crf.decode(silent, [12])), tags)


# Refused ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("change, words", [
    ({"tags": np.zeros((2, 3), int)}, ("(2, 4, 3)", "(2, 4)", "(2, 3)")),
    ({"tags": np.zeros((2, 4))}, ("whole numbers", "float64")),
    ({"tags": np.array([[0, 1, 2, 3], [0, 1, -1, -1]])}, ("from 0 to 2", "-1 to 3")),
    ({"tags": np.array([[0, 1, 2, 0], [0, 1, 1, -1]])}, ("sequence 1 has length 2 and 3 tags", "-1 behind")),
    ({"tags": np.array([[0, -1, 2, 0], [0, 1, -1, -1]])}, ("sequence 0 has length 4 and 3 tags",)),
    ({"lengths": [4, 0]}, ("CRF", "sequence 1 has 0", "leave empty sequences out")),
    ({"lengths": [5, 2]}, ("T=4", "sequence 0 has 5")),
    ({"scores": tensor(np.zeros((2, 4, 2)))}, ("K=2", "(2, 2)", "(3, 3)")),
])
def test_mistakes_are_named(change, words):
    given = {"scores": tensor(np.zeros((2, 4, 3))), "tags": np.array([[0, 1, 2, 0], [0, 1, -1, -1]]),
             "lengths": [4, 2], **change}
    with pytest.raises(ValueError) as caught:
        CRF(3).astype("float64")(**given)
    for word in words:
        assert word in str(caught.value), caught.value


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="at least 1 tag"):
        CRF(0)
    with pytest.raises(ValueError, match="by_hand, by_tape; got K=3, 'by_magic'"):
        CRF(3, "by_magic")
    scores, free = to_device(np.zeros((1, 2, 3))), to_device(np.zeros(3))
    with pytest.raises(ValueError, match=r"booleans \(K \+ 1, K\) = \(4, 3\)"):
        viterbi(scores, to_device(np.zeros((3, 3))), free, free, [2], np.ones((3, 3), bool))


def test_it_says_what_it_is():
    assert layers.CRF is CRF and repr(CRF(4)).startswith("CRF(4)  24 parameters")
