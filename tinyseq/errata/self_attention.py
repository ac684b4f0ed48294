"""Self-attention over the states of a recurrent network, and a translator that has none (9.3)."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import host, manual_seed, normal
from tinyseq.data import EOS, PREFIXES, SOS, UNK, Pair, Vocabulary, book_form, book_pairs, thirty_pairs
from tinyseq.errata.measures import difference, noise, read_ahead, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import GRU, LSTM, Embedding, Encoder, Module, MultiHeadAttention
from tinyseq.models.self_attentive_lstm import Config, SelfAttentiveLSTM
from tinyseq.models.translator import Config as Sizes
from tinyseq.models.translator import Translator

np = host.np


class DrawnAnew(Module):
    """The listing's self-attention: hs (B, T, D) -> z (B, T, D), weights; W_q, W_k, W_v ~ N(0, 1) in each call."""

    def __call__(self, hs: Tensor) -> tuple[Tensor, Tensor]:
        D = hs.shape[-1]
        q, k, v = (hs @ Tensor(normal((D, D), 1.0)) for _ in range(3))
        alpha = ops.softmax(q @ k.swap(-1, -2) * D ** -0.5)
        return alpha @ v, alpha


@specimen("causal-on-paper", "9.3", "models/self_attentive_lstm.py")
def causal_on_paper() -> list[Row]:
    """The equations look back, the program looks everywhere.

    Book    a_{t,s} = Q_t K_s^T / sqrt(d_k) with s <= t;   in the program a BiLSTM and a softmax over all s
    Wrong   To predict the next character from all states, also of the direction that comes from the end, is to read it.
    Cure    one direction and a causal mask. Change before the last step, when the last character is another."""
    manual_seed(0)
    lstm, attention = LSTM(4, 8, bidirectional=True), MultiHeadAttention(16, 1)
    sound = SelfAttentiveLSTM(Config(V=4, H=8, num_heads=2))
    ids = noise(48).reshape(4, 12)
    other = (ids + 1) % 4
    return [Row("change before the last step", read_ahead(lambda x: attention(lstm(x)[0]), ids, other),
                read_ahead(sound, ids, other))]


@specimen("questions-drawn-anew", "9.3", "layers/attention/multihead.py")
def questions_drawn_anew() -> list[Row]:
    """Queries, keys and values are other random projections in every call.

    Book    W_q, W_k, W_v ~ N(0, 1), drawn inside the forward pass
    Wrong   They are no parameters, nothing trains them, and what the next layer learns of their output is void in the
            next step. With entries of size 1, not 1/sqrt(D), the scores are so wide that each step looks at one other.
            And z alone goes on: h_t, which the text joins to it, is gone.
    Cure    weights, made once, beginning at U(-1/sqrt(D), 1/sqrt(D)); u_t = [h_t; z_t] or a layer of it"""
    manual_seed(0)
    hs = tensor(rng().uniform(-0.6, 0.6, (2, 40, 512)), dtype="float32")            # as wide as trained states are
    attentions = (DrawnAnew(), MultiHeadAttention(512, 1))
    with no_grad():
        twice = [difference(f(hs)[0], f(hs)[0]) for f in attentions]
        largest = [float(values(f(hs)[1]).max(axis=-1).mean()) for f in attentions]
    return [Row("difference of two calls", *twice),
            Row("weights that can be trained", *(f.count() for f in attentions)),
            Row("largest weight alpha of a step, over 40 steps", *largest)]


@specimen("words-as-a-set", "9.3", "models/translator.py")
def words_as_a_set() -> list[Row]:
    """The GRU encoder-decoder is in the text; in the program there is a self-attention without positions.

    Book    described: a GRU reads the sentence, its last state begins the decoder;   in the program: E[ids], q, k, v,
            one attention, an output layer. No recurrence, no positions, no decoder, no training.
    Wrong   Attention by itself does not know where a word stands: with the words in another order each gets the same
            vector as before. "he loves her" and "her loves he" are one and the same to it.
    Cure    an encoder that reads in order (or positions), and a decoder"""
    ids = rng().permutation(9)[None, :6]
    manual_seed(0)
    table = Embedding(9, 16)
    attention, encoder = MultiHeadAttention(16, 1), Encoder(table, GRU(16, 16))
    sound = Translator(Sizes(V_source=9, V_target=9, C=16, H=16))

    def moved(f: Any) -> float:
        """How much the vector of a word depends on where in the sentence it stands."""
        with no_grad():
            return difference(values(f(ids))[:, ::-1], f(ids[:, ::-1].copy()))

    def weights(part: str) -> list[int]:
        """How many there are of this part, in the program and in the sound model."""
        return [sum(p.size for name, p in model.named_parameters() if part in name) for model in (attention, sound)]

    return [Row("change of a word's vector when the order is reversed", moved(lambda x: attention(table(x))[0]),
                moved(lambda x: encoder(x).hs)),
            Row("recurrent weights", *weights("W_hh")), Row("weights of a decoder", *weights("decoder"))]


@specimen("french-to-english", "9.3", "training/translation.py")
def french_to_english() -> list[Row]:
    """The English-French translator reads French.

    Book    pairs (English, French) are read, then turned round; the encoder is made for the first of the two
    Wrong   After the turn the input vocabulary is the French one. The text speaks of English sentences going in.
    Cure    the pairs as they are, English first: the encoder's vocabulary is that of what is to be translated"""
    pairs = thirty_pairs()
    turned = [Pair(pair.target, pair.source) for pair in pairs]
    inputs = [Vocabulary.of((pair.source.split() for pair in given), (SOS, EOS)) for given in (turned, pairs)]
    english = {word for pair in pairs for word in pair.source.split()}
    return [Row("English words among the inputs", *(sum(word in words for word in english) for words in inputs)),
            Row("words that may go in", *(len(words) - 2 for words in inputs))]


SENTENCES = ["You're early.", "You're right, as always.", "You really should go.", "You read too much.", "He's asleep.",
             "You remember everything.", "We're ready.", "You recognize me, don't you?", "They're here.", "I'm cold."]


@specimen("prefix-without-blank", "9.3", "data/translation.py")
def prefix_without_blank() -> list[Row]:
    """One of twelve prefixes lacks the blank at its end, and lets in what only begins alike.

    Book    "i am ", "i m ", "you are ", "you re", "he is ", ...
    Wrong   "you re" also begins "you really ...", "you read ...", "you remember ...". Of the Tatoeba corpus 53 pairs
            get in so (the tests of data/translation.py count them); here, of ten sentences of ours, four.
    Cure    "you re ", with the blank"""
    pairs = [Pair(sentence, "") for sentence in SENTENCES]
    without = tuple("you re" if prefix == "you re " else prefix for prefix in PREFIXES)
    faulty, sound = (book_pairs(pairs, prefixes) for prefixes in (without, PREFIXES))
    wrong = [sum(pair.source.startswith("you re") and pair.source[6] != " " for pair in given)
             for given in (faulty, sound)]
    return [Row("wrong pairs among those admitted", *wrong), Row("admitted, of ten", len(faulty), len(sound))]


@specimen("unknown-words-vanish", "9.3", "data/symbols.py")
def unknown_words_vanish() -> list[Row]:
    """A word that the vocabulary lacks is left out without a trace.

    Book    ids of those words that are known; the others are skipped
    Wrong   A sentence becomes another one: of "he is not tall", where "not" is unknown, "he is tall" is left, and
            translated with confidence.
    Cure    an id for unknown words, UNK: the model knows that there was one"""
    words = [pair.source.split() for pair in thirty_pairs()]
    vocabulary = Vocabulary.of(words, (UNK, EOS))
    sentence = book_form("He is not tall").split()
    kept = [word for word in sentence if word in vocabulary]
    sound = vocabulary.encode(sentence)
    return [Row("symbols left of a sentence of four words", len(kept), len(sound)),
            Row("what is translated", " ".join(kept), " ".join(vocabulary.decode(sound)))]
