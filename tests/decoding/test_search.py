"""Greedy and beam search: against every possible answer, against each other, in batches, and what is refused."""
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq.autograd import Tensor
from tinyseq.backend import host, manual_seed, to_device, to_host
from tinyseq.decoding import Hypothesis, beam_search, continue_by_beam, generate, greedy
from tinyseq.decoding.beam import likeliest
from tinyseq.layers import (
    LSTM,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    Embedding,
    Encoder,
    InputFeedingDecoder,
    LuongDecoder,
    MultiHeadAttention,
    Output,
    PlainDecoder,
    RecurrentLanguageModel,
    Seq2Seq,
)

np = host.np
SOS, EOS = 0, 1


class Table:
    """Stands for a model: what it expects next is drawn anew for each source and each beginning of an answer.

    Its state is, for each row, the source's number and the symbols read."""

    training, sos, eos = True, SOS, EOS

    def __init__(self, V, seed=0, spread=1.0):
        self.V, self.seed, self.spread, self.rows, self.modes = V, seed, spread, [], []

    def eval(self):
        self.training = False

    def train(self):
        self.training = True

    def start(self, B, source):
        assert B == len(source)
        return State((sentence[0], ()) for sentence in source)

    def step(self, ids, state):
        assert ids.shape == (len(state),)
        self.rows.append([source for source, _ in state])
        self.modes.append(self.training)
        state = State((source, (*read, int(i))) for (source, read), i in zip(state, ids, strict=True))
        return Tensor(to_device(np.array([self.logits(*row) for row in state]))), state

    def logits(self, source, read):
        return np.random.default_rng([self.seed, source, *read]).standard_normal(self.V) * self.spread

    def log_p(self, source, ids):
        """ln P(ids | source)."""
        total = 0.0
        for t, symbol in enumerate(ids):
            y = self.logits(source, (SOS, *ids[:t]))
            total += y[symbol] - math.log(np.exp(y).sum())
        return total


class State(tuple):
    def select(self, rows):
        return State(self[int(row)] for row in rows)


def every_answer(V, max_length):
    """All that ends in its first EOS, or is cut off."""
    for length in range(1, max_length + 1):
        for ids in itertools.product(range(V), repeat=length):
            if EOS not in ids[:-1] and (ids[-1] == EOS or length == max_length):
                yield list(ids)


def by_enumeration(model, source, V, max_length, alpha):
    """(score, ids) of every answer, the best first."""
    scored = [(model.log_p(source, ids) / ((5 + len(ids)) / 6) ** alpha, ids) for ids in every_answer(V, max_length)]
    return sorted(scored, key=lambda found: -found[0])


# Against every possible answer ------------------------------------------------------------------------------

@settings(max_examples=60)
@given(V=st.integers(2, 4), max_length=st.integers(1, 4), alpha=st.sampled_from([0.0, 0.6, 1.0, 2.5]),
       B=st.integers(1, 3), seed=st.integers(0, 99), spread=st.sampled_from([0.3, 1.0, 4.0]))
def test_a_beam_that_drops_nothing_finds_every_answer_in_order(V, max_length, alpha, B, seed, spread):
    model, source = Table(V, seed, spread), [[k] for k in range(B)]
    found = beam_search(model, source, V ** max_length, max_length, alpha)
    for k, answers in enumerate(found):
        expected = by_enumeration(model, k, V, max_length, alpha)
        assert [answer.ids for answer in answers] == [ids for _, ids in expected]
        for answer, (score, ids) in zip(answers, expected, strict=True):
            assert answer.score == pytest.approx(score, rel=1e-12)
            assert answer.log_probability == pytest.approx(model.log_p(k, ids), rel=1e-12)
    assert sum(math.exp(answer.log_probability) for answer in found[0]) == pytest.approx(1)


@settings(max_examples=40)
@given(seed=st.integers(0, 999), alpha=st.sampled_from([0.0, 1.0]), width=st.integers(1, 81))
def test_no_width_beats_the_exact_search(seed, alpha, width):
    model = Table(3, seed)
    exact = beam_search(model, [[0]], 81, 4, alpha)[0][0]
    assert exact.score == pytest.approx(by_enumeration(model, 0, 3, 4, alpha)[0][0], rel=1e-12)
    assert beam_search(model, [[0]], width, 4, alpha)[0][0].score <= exact.score


@settings(max_examples=40)
@given(seed=st.integers(0, 999), alpha=st.sampled_from([0.0, 1.0]))
def test_once_it_is_exact_a_wider_beam_scores_the_same(seed, alpha):
    model = Table(3, seed)
    scores = [beam_search(model, [[0]], width, 3, alpha)[0][0].score for width in (27, 28, 60)]
    assert scores[0] == scores[1] == scores[2]


@settings(max_examples=100)
@given(seed=st.integers(0, 999), B=st.integers(1, 4), max_length=st.integers(1, 12))
def test_width_1_is_greedy(seed, B, max_length):
    model, source = Table(4, seed), [[k] for k in range(B)]
    one, other = greedy(model, source, max_length), beam_search(model, source, 1, max_length)
    assert [[answer] for answer in one] == other


def test_greedy_takes_the_likeliest_symbol_and_stops_at_eos_or_at_the_length():
    model = Table(4)
    for k, answer in enumerate(greedy(model, [[k] for k in range(20)], 5)):
        ids = []
        while len(ids) < 5 and EOS not in ids:
            ids.append(int(model.logits(k, (SOS, *ids)).argmax()))
        assert answer.ids == ids
        assert answer.score == answer.log_probability == pytest.approx(model.log_p(k, ids), rel=1e-12)


def logarithms(p):
    return np.array([math.log(p_v) if p_v else -np.inf for p_v in p])


class Garden(Table):
    """At first symbol 2 is likelier than 3. After 2 all is open, after 3 EOS is certain."""

    def logits(self, source, read):
        if len(read) == 1:
            return logarithms([0, 0, 0.6, 0.4])
        return logarithms([0, 1, 0, 0] if read[1] == 3 else [0.25] * 4)


def test_a_wider_beam_sees_beyond_a_tempting_symbol():
    assert greedy(Garden(4), [[0]], 3)[0].log_probability < math.log(0.16)
    best = beam_search(Garden(4), [[0]], 2, 3)[0][0]
    assert best.ids == [3, EOS] and best.log_probability == pytest.approx(math.log(0.4))


class Short(Table):
    """EOS has probability 0.3 at each step, symbol 2 the rest, but for the fifth step, where EOS has all."""

    def logits(self, source, read):
        return logarithms([0, 1, 0] if len(read) == 5 else [0, 0.3, 0.7])


def test_length_normalisation_favours_long_answers():
    found = {alpha: beam_search(Short(3), [[0]], 8, 5, alpha)[0][0] for alpha in (0.0, 3.0)}
    assert found[0.0].ids == [EOS] and found[3.0].ids == [2, 2, 2, 2, EOS]
    assert found[3.0].log_probability == pytest.approx(4 * math.log(0.7))
    assert found[3.0].score == pytest.approx(4 * math.log(0.7) / (10 / 6) ** 3)


# How it goes about it ---------------------------------------------------------------------------------------

def test_complete_answers_leave_the_search():
    """Short has an answer complete at the first two steps; then width 3 has room for one, and the likelier goes on."""
    found = beam_search(Short(3), [[0]], 3, 5)[0]
    assert [answer.ids for answer in found] == [[EOS], [2] * 4 + [EOS], [2, EOS]]
    model = Table(5, seed=1)
    width = 4
    found = beam_search(model, [[0], [1], [2]], width, 6)
    for t, rows in enumerate(model.rows[1:], start=1):
        for k in set(rows):
            complete = sum(len(answer.ids) <= t for answer in found[k])
            assert rows.count(k) <= width - complete
    assert all(len(answers) == width for answers in found)


def test_greedy_leaves_what_has_ended():
    model = Table(3)
    found = greedy(model, [[k] for k in range(9)], 6)
    for t, rows in enumerate(model.rows):
        assert rows == [k for k, answer in enumerate(found) if len(answer.ids) > t]


def test_impossible_symbols_are_not_candidates():
    class Sure(Table):
        def logits(self, source, read):
            y = np.full(self.V, -np.inf)
            y[EOS if len(read) > 2 else 2] = 0
            return y
    assert beam_search(Sure(4), [[0]], 5, 6) == [[Hypothesis([2, 2, EOS], 0.0, 0.0)]]


@settings(max_examples=100)
@given(st.lists(st.sampled_from([-np.inf, -3.0, -2.0, -1.0, 0.0]), min_size=1, max_size=12), st.integers(1, 15))
def test_likeliest(values, m):
    order = sorted((i for i, v in enumerate(values) if v > -np.inf), key=lambda i: -values[i])
    assert likeliest(np.array(values), m).tolist() == order[:m]


def test_the_mode_is_restored_also_after_an_error():
    class Broken(Table):
        def step(self, ids, state):
            assert not self.training
            raise RuntimeError
    for search in (lambda model: greedy(model, [[0]], 3), lambda model: beam_search(model, [[0]], 2, 3)):
        model = Table(3)
        search(model)
        assert model.training and not any(model.modes)
        model = Broken(3)
        with pytest.raises(RuntimeError):
            search(model)
        assert model.training


# With real models -------------------------------------------------------------------------------------------

C, H, V = 3, 4, 5
DECODERS = {
    "plain": lambda: PlainDecoder(Embedding(V, C), LSTM(C, H), Output(H, V)),
    "luong": lambda: LuongDecoder(Embedding(V, C), LSTM(C, H), MultiHeadAttention(H, 2), AttentionalOutput(H, H, 3, V)),
    "input feeding": lambda: InputFeedingDecoder(Embedding(V, C), LSTM(C + 3, H), AdditiveAttention(H, H, 2),
                                                 AttentionalOutput(H, H, 3, V)),
    "bahdanau": lambda: BahdanauDecoder(Embedding(V, C), LSTM(C + H, H), AdditiveAttention(H, H, 2),
                                        AttentionalOutput(H, H, 3, V)),
}
SOURCES = [[1, 2, 3, 0], [4], [2, 2], [0, 5, 1]]
every_decoder = pytest.mark.parametrize("decoder", DECODERS)


def model_of(decoder):
    manual_seed(0)
    encoder = Encoder(Embedding(6, C), LSTM(C, H // 2, bidirectional=True), dropout=0.5)
    model = Seq2Seq(encoder, DECODERS[decoder](), SOS, EOS).astype("float64")
    for p in model.parameters():
        p.data = p.data * 4
    return model


def log_p(model, source, ids):
    """By the whole sequence at once."""
    model.eval()
    y = model(np.array([source]), np.array([[SOS, *ids[:-1]]]))[0].numpy()[0]
    model.train()
    return sum(row[i] - np.log(np.exp(row).sum()) for row, i in zip(y, ids, strict=True))


@every_decoder
def test_beams_of_a_model_are_scored_as_the_model_scores_them(decoder):
    model = model_of(decoder)
    found = beam_search(model, SOURCES, 3, 6, 0.7)
    for source, answers in zip(SOURCES, found, strict=True):
        assert len(answers) == 3 and [a.score for a in answers] == sorted((a.score for a in answers), reverse=True)
        for answer in answers:
            assert EOS not in answer.ids[:-1] and (answer.ids[-1] == EOS or len(answer.ids) == 6)
            assert answer.log_probability == pytest.approx(log_p(model, source, answer.ids), rel=1e-10)
            assert answer.score == pytest.approx(answer.log_probability / ((5 + len(answer.ids)) / 6) ** 0.7)


@every_decoder
def test_a_batch_is_searched_as_each_sentence_alone(decoder):
    model = model_of(decoder)
    together, alone = beam_search(model, SOURCES, 3, 5), [beam_search(model, [s], 3, 5)[0] for s in SOURCES]
    assert [[a.ids for a in answers] for answers in together] == [[a.ids for a in answers] for answers in alone]
    np.testing.assert_allclose([a.score for answers in together for a in answers],
                               [a.score for answers in alone for a in answers], rtol=1e-12)
    assert [a.ids for a in greedy(model, SOURCES, 5)] == [greedy(model, [s], 5)[0].ids for s in SOURCES]
    assert [a.ids for a in greedy(model, SOURCES, 5)] == [a[0].ids for a in beam_search(model, SOURCES, 1, 5)]


@every_decoder
def test_a_model_is_searched_exactly(decoder):
    model = model_of(decoder)
    best = max(every_answer(V, 3), key=lambda ids: log_p(model, SOURCES[0], ids))
    assert beam_search(model, SOURCES[:1], V ** 3, 3)[0][0].ids == best


@every_decoder
def test_nothing_is_recorded_and_where_it_looked_can_be_asked(decoder):
    model = model_of(decoder)
    step = model.step

    def unrecorded(ids, state):
        logits, state = step(ids, state)
        assert not logits.requires_grad
        return logits, state
    model.step = unrecorded
    answer = beam_search(model, SOURCES, 2, 4)[0][0]
    del model.step
    if decoder != "plain":
        weights = to_host(model.attention_map(SOURCES[0], answer.ids))
        assert weights.shape[-2:] == (len(answer.ids), len(SOURCES[0]))


# After a prompt ---------------------------------------------------------------------------------------------

def language_model():
    manual_seed(0)
    model = RecurrentLanguageModel(LSTM(V, H), V, dropout=0.5).astype("float64")
    for p in model.parameters():
        p.data = p.data * 4
    return model


@pytest.mark.parametrize("stop", [None, EOS])
def test_the_ways_to_go_on_are_those_of_the_whole_text(stop):
    model, prompt = language_model(), [3, 0, 2]
    found = continue_by_beam(model, prompt, V ** 3, 3, stop)
    model.eval()

    def log_p(ids):
        y = model(np.array([[*prompt, *ids]]))[0].numpy()[0, 2:]
        return sum(row[i] - np.log(np.exp(row).sum()) for row, i in zip(y, ids, strict=False))
    possible = [list(ids) for ids in itertools.product(range(V), repeat=3)] if stop is None else every_answer(V, 3)
    expected = sorted(possible, key=log_p, reverse=True)
    assert [answer.ids for answer in found] == expected
    np.testing.assert_allclose([answer.score for answer in found], [log_p(ids) for ids in expected], rtol=1e-10)


def test_one_way_to_go_on_is_the_greedy_text():
    model = language_model()
    for prompt in ([2], [4, 0, 0, 3]):
        answer, = continue_by_beam(model, prompt, 1, 10)
        assert answer.ids == generate(model, prompt, 10, temperature=0)
    assert model.training
    with pytest.raises(ValueError, match="a prompt has at least one symbol"):
        continue_by_beam(model, [], 2, 3)


# What is refused --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("call, message", [
    (lambda model: beam_search(model, [[0]], 0, 5), "width is at least 1; got 0"),
    (lambda model: beam_search(model, [[0]], 2, 0), "max_length is at least 1; got 0"),
    (lambda model: beam_search(model, [[0]], 2, 5, -0.5), r"length_penalty is 0 \(none\) or above; got -0.5"),
    (lambda model: beam_search(model, [[0]], 2, 5, math.nan), "length_penalty"),
    (lambda model: beam_search(model, [], 2, 5), "at least one; got none"),
    (lambda model: greedy(model, [[0]], -1), "max_length is at least 1; got -1"),
    (lambda model: greedy(model, [], 3), "at least one; got none")])
def test_errors_come_before_the_first_step(call, message):
    model = Table(3)
    with pytest.raises(ValueError, match=message):
        call(model)
    assert model.rows == [] and model.training


@pytest.mark.parametrize("source, message", [([[1, 2], []], "sentence 1 is empty"), ([1, 2], "a list of sentences"),
                                             ([[6]], "from 0 to 5; got 6")])
def test_sources_that_cannot_be_read(source, message):
    model = model_of("bahdanau")
    for search in (lambda: greedy(model, source, 3), lambda: beam_search(model, source, 2, 3)):
        with pytest.raises(ValueError, match=message):
            search()
        assert model.training
