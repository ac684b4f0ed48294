"""The taggers and the classifier: their equations, every gradient of every variant, padding, batches, leaks."""
from dataclasses import replace

import numpy as np
import pytest

from tinyseq import checks, models
from tinyseq.autograd import Tensor
from tinyseq.backend import manual_seed, to_device, to_host
from tinyseq.models import attention_cnn, attention_resnet, bilstm_crf, bilstm_tagger, text_classifier
from tinyseq.training import Recipe, classification, images, tagging, tasks
from tinyseq.training.settings import divide

TAGGERS = pytest.mark.parametrize("page", [bilstm_tagger, bilstm_crf])
VARIANTS = [{}, {"cell": "gru"}, {"pooling": "last"}, {"bidirectional": False}, {"bidirectional": False,
            "pooling": "last"}, {"V": 0, "channels": 3}, {"num_layers": 2, "H": 2}]
each_variant = pytest.mark.parametrize("settings", VARIANTS)


def made(page, seed=0, **settings):
    """The TINY model in float64, and a batch."""
    manual_seed(seed)
    config = replace(page.TINY, **settings)
    batch = tasks.find(page.Model.task).tiny_batch(config, np.random.default_rng(seed))
    return page.Model(config).astype("float64"), batch


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm(x, W_xh, W_hh, b_h):
    """One sequence (T, D) -> (T, H)."""
    h = c = np.zeros(len(W_hh))
    hs = []
    for x_t in x:
        i, f, g, o = np.split(x_t @ W_xh + h @ W_hh + b_h, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
    return np.array(hs)


def both(x, w, name):
    """The forward direction beside the backward one, which begins at the end."""
    cells = [[w[f"{name}.cells.{k}.{part}"] for part in ("W_xh", "W_hh", "b_h")] for k in (0, 1)]
    return np.concatenate([lstm(x, *cells[0]), lstm(x[::-1], *cells[1])[::-1]], axis=1)


def weights(model):
    return {name: to_host(p.data) for name, p in model.named_parameters()}


# The taggers ------------------------------------------------------------------------------------------------

@TAGGERS
def test_scores_are_the_equations_of_the_page(page):
    model, batch = made(page)
    w = weights(model)
    found = model(batch).numpy()
    for b, n in enumerate(batch.lengths):
        x = []
        for t in range(n):
            u = batch.spelling[b, t]
            e = w["words.letters.W"][batch.letters[u, :batch.letter_counts[u]]]
            framed = np.concatenate([np.zeros((1, e.shape[1])), e, np.zeros((1, e.shape[1]))])
            windows = [np.einsum("uc,cuf->f", framed[k:k + 3], w["words.conv.W"]) + w["words.conv.b"]
                       for k in range(len(e))]
            x.append(np.concatenate([w["words.words.W"][batch.words[b, t]], np.maximum(np.max(windows, axis=0), 0)]))
        scores = both(np.array(x), w, "lstm") @ w["output.W"] + w["output.b"]
        np.testing.assert_allclose(found[b, :n], scores, rtol=1e-10)


@TAGGERS
def test_padding_changes_nothing(page):
    """Longer rows, more letters, other ids behind the ends: the same loss and the same tags."""
    model, batch = made(page)
    behind = batch.tags < 0
    words, spelling, letters = batch.words.copy(), batch.spelling.copy(), batch.letters.copy()
    words[behind], spelling[behind] = 4, 3
    letters[np.arange(letters.shape[1]) >= batch.letter_counts[:, None]] = 3
    wider = replace(batch, words=np.pad(words, ((0, 0), (0, 2))), tags=np.pad(batch.tags, ((0, 0), (0, 2)),
                    constant_values=-1), spelling=np.pad(spelling, ((0, 0), (0, 2))),
                    letters=np.pad(letters, ((0, 0), (0, 3)), constant_values=2))
    assert model.loss(wider)[0].item() == pytest.approx(model.loss(batch)[0].item(), rel=1e-12)
    np.testing.assert_array_equal(to_host(model.predict(wider))[:, :4], to_host(model.predict(batch)))


@TAGGERS
def test_a_batch_is_its_sentences_one_by_one(page):
    model, batch = made(page)
    total, count = model.loss(batch)
    shards = [model.loss(shard) for shard in batch.split(3)]
    assert count == sum(c for _, c in shards) == batch.lengths.sum()
    assert total.item() == pytest.approx(sum(t.item() for t, _ in shards), rel=1e-12)


@TAGGERS
def test_each_score_depends_on_the_words_of_both_sides(page):
    """So a tagger is not causal, and must not be a language model."""
    model, batch = made(page)
    x = model.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)[:1].detach()

    def scores(x):
        return model.output(model.lstm(x)[0])
    with pytest.raises(AssertionError, match="step"):
        checks.assert_causal(scores, x)
    several = np.random.default_rng(0).standard_normal((3, *x.shape[1:]))
    checks.assert_batch_independent(scores, Tensor(to_device(several)))


@TAGGERS
def test_two_layers_have_right_gradients(page):
    model, batch = made(page, num_layers=2, H=2)
    checks.gradcheck(lambda: model.loss(batch)[0], params=model)


def test_the_taggers_are_one_network_but_for_the_last_layer():
    (tagger, batch), (crf, _) = made(bilstm_tagger), made(bilstm_crf)
    np.testing.assert_array_equal(tagger(batch).numpy(), crf(batch).numpy())
    assert crf.count() - tagger.count() == 3 * 3 + 3 + 3
    for p in crf.crf.parameters():
        p.data = p.data * 0                                # then each tag is chosen by itself
    assert crf.loss(batch)[0].item() == pytest.approx(tagger.loss(batch)[0].item(), rel=1e-12)
    np.testing.assert_array_equal(to_host(crf.predict(batch)), to_host(tagger.predict(batch)))


# The classifier ---------------------------------------------------------------------------------------------

@each_variant
def test_every_weight_of_the_variants_has_the_right_gradient(settings):
    model, batch = made(text_classifier, **settings)
    report = checks.gradcheck(lambda: model.loss(batch)[0], params=model)
    assert {name for name, _ in report.checked} == {name for name, _ in model.named_parameters()}


@pytest.mark.parametrize("pooling", ["max_mean", "last"])
def test_probabilities_are_the_equations_of_the_page(pooling):
    model, batch = made(text_classifier, pooling=pooling)
    w, H = weights(model), text_classifier.TINY.H
    for found, ids, n in zip(to_host(model.predict(batch)), batch.inputs, batch.lengths, strict=True):
        h = both(w["embedding.W"][ids[:n]], w, "stack")
        p = (np.concatenate([h.max(axis=0), h.mean(axis=0)]) if pooling == "max_mean" else
             np.concatenate([h[-1, :H], h[0, H:]]))
        e = np.exp(p @ w["output.W"] + w["output.b"])
        np.testing.assert_allclose(found, e / e.sum(), rtol=1e-10)


@each_variant
def test_padding_changes_no_probability(settings):
    model, batch = made(text_classifier, **settings)
    inputs = batch.inputs.copy()
    inputs[np.arange(inputs.shape[1]) >= batch.lengths[:, None]] = 4
    inputs = np.concatenate([inputs, inputs[:, :2]], axis=1)
    np.testing.assert_allclose(to_host(model.predict(replace(batch, inputs=inputs))), to_host(model.predict(batch)),
                               rtol=1e-12)


@each_variant
def test_a_batch_is_its_sequences_one_by_one_too(settings):
    model, batch = made(text_classifier, **settings)
    total, count = model.loss(batch)
    assert count == 3
    assert total.item() == pytest.approx(sum(model.loss(shard)[0].item() for shard in batch.split(3)), rel=1e-12)


@pytest.mark.parametrize("settings", [{"cell": "rnn"}, {"pooling": "mean"}])
def test_other_settings_are_refused(settings):
    with pytest.raises(ValueError, match="cell is one of lstm, gru, pooling one of max_mean, last"):
        made(text_classifier, **settings)


@pytest.mark.parametrize("page, known", [
    (bilstm_tagger, tagging.CORPORA), (bilstm_crf, tagging.CORPORA), (text_classifier, classification.CORPORA),
    (attention_cnn, images.CORPORA), (attention_resnet, images.CORPORA)])
def test_recipes_by_corpus_are_recipes(page, known):
    for corpus, presets in page.BY_CORPUS.items():
        assert corpus in known
        for name in presets:
            of_recipe, of_config = divide(models.preset(page, name, corpus), page.Config)
            recipe = Recipe(**of_recipe)
            page.Config(**of_config)
            assert recipe.evaluate_every <= recipe.steps
    assert models.preset(page, "quick", None) == page.PRESETS["quick"]


def test_both_taggers_have_one_recipe_for_entities():
    """So that what is compared is the last layer."""
    with_crf, without = (models.preset(page, "quick", "wnut17") for page in (bilstm_crf, bilstm_tagger))
    settings = [divide(fields, page.Config) for fields, page in ((with_crf, bilstm_crf), (without, bilstm_tagger))]
    one, other = ({**vars(Recipe(**r)), **vars(page.Config(V=9, A=9, K=13, **c))}
                  for (r, c), page in zip(settings, (bilstm_crf, bilstm_tagger), strict=True))
    assert one == other
