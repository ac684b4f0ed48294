"""Practice 8.1: a bidirectional tagger that finds named entities."""
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.probes import as_model, count, drops, mixes, scores, sees, silent, total
from tinyseq.layers import GRU, LSTM, RNN, Embedding, Linear, Module, SpelledWords
from tinyseq.training.spans import accuracy, entity_f1, spans
from tinyseq.training.tagging import CORPORA, TaggingTask, most_frequent_tags

SIZES = (32, 16, 32)                     # of a word's row, of a letter's row, features of the spelling
WORD = SIZES[0] + SIZES[2]


def probed(returned: Any, V: int, A: int, K: int, num_layers: int, H: int) -> tuple[Any, ...]:
    """What is found out about a tagger, with sentences of 4, 2 and 3 words."""
    model = as_model(returned).astype("float64").eval()
    batch = TaggingTask.tiny_batch(SimpleNamespace(V=V, A=A, K=K), np.random.default_rng(0))
    shape = np.asarray(scores(model(batch)).shape)
    if tuple(shape) != (3, 4, K):        # nothing else can be found out
        return (np.asarray(-1), count(model), shape, *(np.full(size, -1) for size in ((4, 4), (2, 4), (3, 3), 2)))

    def tagged(words: Any) -> Any:
        return model(replace(batch, words=words))
    of_parts = (sees(lambda words: tagged(words)[:1], batch.words), sees(lambda words: tagged(words)[1:2, :2],
                                                                         batch.words), mixes(tagged, batch.words))
    silence = silent(model, model.loss(batch)[0])
    in_evaluation = drops(tagged, batch.words)
    model.train()
    return silence, count(model), shape, *of_parts, np.array([drops(tagged, batch.words), in_evaluation])


def likely(V: int, A: int, K: int, num_layers: int, H: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def weights(of_stack: Any, width: int = 2 * H, of_words: Any = None) -> int:
        return (of_words or SpelledWords(V, SIZES[0], A, *SIZES[1:])).count() + of_stack.count() + Linear(
            width, K).count()

    both: dict[str, Any] = {"num_layers": num_layers, "bidirectional": True}
    seen = np.ones((4, 4), int)
    return {
        "dropout stays on in evaluation: layers.Dropout knows the mode, and is made in __init__": {"drops": [1, 1]},
        "the states come out, 2H numbers a word: the output layer (3) is missing": {"shape": [3, 4, 2 * H]},
        "there are scores for each sentence, and should be for each word: all states go through (3)": {"shape": [3, K]},
        "the axes of sentences and words are flattened into one: (3) keeps both": {"shape": [12, K]},
        "the axes of sentences and words have changed places": {"shape": [4, 3, K]},
        "it reads forwards alone: no word knows those behind it, and (2) has both directions": {"sees": np.tril(seen)},
        "it reads backwards alone: no word knows those before it, and (2) has both directions": {"sees": np.triu(seen)},
        "it reads from sentence to sentence and not from word to word, so one row knows of the others: the first axis "
        "are the sentences (2)": {"sees": np.eye(4), "rows": np.ones((3, 3))},
        "each word is tagged by itself: no recurrent layer joins it to its neighbours (2)": {"sees": np.eye(4)},
        "the padding is read: pass the lengths to the LSTM, so that the backward direction begins at each sentence's "
        "own end (2)": {"short": np.ones((2, 4))},
        "one row knows of the others: each sentence is read by itself, and the first axis are the sentences (2)":
            {"rows": np.ones((3, 3))},
        "nothing is dropped in training: (1) and (3) have dropout": {"drops": [0, 0]},
        "num_layers is not used: there is one recurrent layer (2)":
            {"weights": weights(LSTM(WORD, H, bidirectional=True))},
        "there is one recurrent layer too many (2)":
            {"weights": weights(LSTM(WORD, H, num_layers + 1, bidirectional=True))},
        "it has the weights of GRUs, three quarters of an LSTM's (2)": {"weights": weights(GRU(WORD, H, **both))},
        "it has the weights of simple RNNs, a quarter of an LSTM's (2)": {"weights": weights(RNN(WORD, H, **both))},
        "both directions have the same weights, and should have their own (2)":
            {"weights": weights(LSTM(WORD, H, num_layers))},
        "the states of both directions are added, and (3) has them side by side":
            {"weights": weights(LSTM(WORD, H, **both), H)},
        "each direction has half of H units, and in (2) each has H":
            {"weights": weights(LSTM(WORD, H // 2, **both), H // 2 * 2)},
        "the spelling is not read: (1) is the word's row alone":
            {"weights": weights(LSTM(SIZES[0], H, **both), of_words=Embedding(V, SIZES[0]))},
        "the spelling is computed and not used: its weights have no part in the loss (1)":
            {"weights": weights(LSTM(SIZES[0], H, **both))},
    }


def parts(V: int, A: int, K: int, num_layers: int, H: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (SpelledWords(V, SIZES[0], A, *SIZES[1:]), LSTM(WORD, H, num_layers, bidirectional=True),
            Linear(2 * H, K))


@exercise("practice-8.1-model", "8.1", probe=probed, likely=likely, parts=parts,
          gives="silent (), weights (), shape (axis), sees (t, s), short (t, s), rows (b, a), drops (mode)")
def model(draw: Draw) -> Case:
    """A bidirectional LSTM that gives scores of K tags to each word.

    (1) x_t = dropout([E[w_t]; c_{w_t}])    (B, T, 64)    word and spelling, a layers.SpelledWords(V, 32, A, 16, 32)
    (2) h   = BiLSTM(x_1 .. x_T)            (B, T, 2H)    num_layers of them; each sentence from its own two ends
    (3) s_t = dropout(h_t) W + b            (B, T, K)     a layers.Linear; dropout with probability 0.3 here and in (1)

    Return a model of layers.EachTagAlone's kind: a class that inherits from it, with an `__init__` that makes the
    layers and a `__call__(batch)` by (1)-(3); it has `loss` and `predict` already. A batch has `words` (B, T),
    `lengths` (B,), `spelling` (B, T), `letters` (U, M) and `letter_counts` (U,): the first, and the last three in this
    order, are what SpelledWords reads.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of s; which words s the scores of word t `sees`, in a sentence of four words; the same of a `short`
    one, of two words and two places of padding; which `rows` hang on which; and whether two calls differ, as dropout
    has it, in training and in evaluation: `drops`.

    Given   V words, A letters, K tags; num_layers; H, the units of each direction
    Hint    Write down the shape behind each equation for three sentences, the longest of four words.
    Hint    The backward direction reads the last word first. Where is that in a sentence that is padded, and how does
            the stack get to know?
    Hint    layers.LSTM(64, H, num_layers, bidirectional=True) returns the states, forward beside backward, and what it
            ended with; it takes lengths=batch.lengths. One layers.Dropout(0.3) stands before it, one behind.
    Look    silent: a layer that is made and never called, or a part of x that never reaches s.
    Look    weights: the spelled words; an LSTM for each layer and direction, of which the second layer reads 2H
            numbers; W (2H, K) and b (K,).
    Look    shape: K scores for each word of each sentence.
    Look    sees: a word before t is read by the forward direction, one behind it by the backward one.
    Look    short: does the sentence end where its lengths says, for the backward direction too?
    Look    rows: no sentence knows of another one; the first axis are the sentences.
    Look    drops: [in training, in evaluation]: with dropout two calls differ in training alone."""
    V, A, K, H = draw.sizes(4, least=4)
    num_layers = int(draw.rng.randint(1, 3))
    return Case({"V": V, "A": A, "K": K, "num_layers": num_layers, "H": H},
                {"silent": np.asarray(0), "weights": np.asarray(total(parts(V, A, K, num_layers, H))),
                 "shape": np.array([3, 4, K]), "sees": np.ones((4, 4), int), "short": np.array([[1, 1, 0, 0]] * 2),
                 "rows": np.eye(3, dtype=int), "drops": np.array([1, 0])})


Sentences = list[list[str]]


def written(ids: Any, lengths: Any) -> Sentences:
    """The tags of each sentence as texts: 0 is O, 2k - 1 is B-k, 2k is I-k."""
    return [[f"{'IB'[i % 2]}-{(i + 1) // 2}" if i else "O" for i in row[:n]]
            for row, n in zip(ids.tolist(), lengths, strict=True)]


def placed(tags: Sentences, T: int) -> tuple[Any, Any]:
    """(1) and (2): where the entities begin, and the places behind their ends."""
    begins, end = np.zeros((2, len(tags), T), int)
    for b, sentence in enumerate(tags):
        for span in spans(sentence):
            begins[b, span.start], end[b, span.start] = 1, span.end
    return begins, end


def likely_of_entities(predicted: Any, right: Any, lengths: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    T = predicted.shape[1]
    ours, theirs = written(predicted, lengths), written(right, lengths)
    begins, end = placed(ours, T)
    pairs = [(spans(a), spans(b)) for a, b in zip(ours, theirs, strict=True)]
    both, of_ours, of_theirs = (sum(map(len, some)) for some in (
        [a & b for a, b in pairs], [a for a, _ in pairs], [b for _, b in pairs]))

    def agreed(*parts: int) -> int:
        """How many would be right if these parts of an entity alone had to agree: 0 start, 1 end, 2 kind."""
        return sum(any(all(one[i] == other[i] for i in parts) for other in b) for a, b in pairs for one in a)
    whole = [T] * len(lengths)
    is_word = np.arange(T) < np.asarray(lengths)[:, None]
    tags, before = predicted, np.pad(predicted, ((0, 0), (1, 0)))[:, :-1]
    tokens = int(((predicted == right) & (right > 0) & is_word).sum())
    return {
        "what stands behind a sentence's end is read as well: its length says where it ends (1)":
            dict(zip(("begins", "end"), placed(written(predicted, whole), T), strict=True)),
        "begins are those of the right tags, and should be those of the predicted ones (1)":
            {"begins": placed(theirs, T)[0]},
        "every word of an entity counts as its begin: an I goes on with what stands before it (1)":
            {"begins": ((tags > 0) & is_word).astype(int)},
        "an I that goes on with nothing is left out: it begins an entity, too (1)":
            {"begins": ((tags % 2 == 1) & is_word).astype(int)},
        "an I of another kind goes on with what stands before it, and should begin an entity of its own (1)":
            {"begins": ((tags > 0) & ((tags % 2 == 1) | (before == 0)) & is_word).astype(int)},
        "a B goes on with an entity of the same kind, and should always begin one (1)":
            {"begins": ((tags > 0) & ((tags + 1) // 2 != (before + 1) // 2) & is_word).astype(int)},
        "end is the place of the last word, and should be the one behind it (2)": {"end": end - begins},
        "end is the number of the entity's words, and should be a place in the sentence (2)":
            {"end": end - begins * np.arange(T)},
        "both counts words whose tags agree, and should count entities (3)": {"both": tokens},
        "both compares the places alone: the kind has to agree, too (3)": {"both": agreed(0, 1)},
        "both compares where entities begin: end and kind have to agree, too (3)": {"both": agreed(0)},
        "both does not compare the ends of the entities (3)": {"both": agreed(0, 2)},
        "both does not compare where the entities begin (3)": {"both": agreed(1, 2)},
        "F1 is the precision: both is divided by the predicted entities alone (4)": {"F1": both / max(of_ours, 1)},
        "F1 is the recall: both is divided by the right entities alone (4)": {"F1": both / max(of_theirs, 1)},
        "F1 lacks the factor 2 (4)": {"F1": entity_f1(ours, theirs) / 2},
        "F1 is both divided by all entities, each counted once: (4) has the sum of both numbers":
            {"F1": both / (of_ours + of_theirs - both)},
        "F1 is the plain mean of precision and recall: (4) is their harmonic mean":
            {"F1": (both / max(of_ours, 1) + both / max(of_theirs, 1)) / 2},
        "F1 is a mean over the sentences, and (4) counts over all of them":
            {"F1": np.mean([entity_f1([a], [b]) for a, b in zip(ours, theirs, strict=True)])},
        "F1 is the accuracy, the part of the words whose tag is right (4)": {"F1": accuracy(ours, theirs)},
    }


@exercise("practice-8.1-entities", "8.1", gives="begins (B, T), end (B, T), both (), F1 ()", likely=likely_of_entities)
def entities(draw: Draw) -> Case:
    """Entities out of tags, and how many are found.

    Tags are numbers: 0 is O; of kind k = 1, 2, ..., 2k - 1 is B-k and 2k is I-k. Nothing at lengths[b] or behind it
    belongs to sentence b, whatever stands there.

    (1) begins[b, t] = 1 where an entity of `predicted` begins: at each B, and at an I that goes on with nothing,
                       because no tag of its own kind stands before it in the sentence; else 0              (B, T)
    (2) end[b, t]    = the first place behind the entity that begins at t: it goes on as long as an I of its kind
                       follows; 0 where none begins                                                         (B, T)
    (3) both         = how many entities of `predicted` are in `right` as well, the same in begin, end and kind
    (4) F1           = 2 both / (ours + theirs), where ours and theirs are the numbers of entities of `predicted` and
                       of `right`, over all sentences together

    Given   predicted, right (B, T); lengths (B)
    Hint    Take the tags B-1 I-1 I-2 O I-1 B-1: that is 1 2 4 0 2 1. Which entities are that, with a pencil?
    Hint    (t + 1) // 2 is the kind of a tag t, and t % 2 says whether it is a B. What must stand before an I so that
            it begins nothing?
    Hint    Make a set of (b, begin, end, kind) for `predicted`, by a loop over the words of each sentence, and one for
            `right`: & has what is in both.
    Look    begins: which tags begin something: B always, I now and then, O never?
    Look    end: for an entity of one word at t it is t + 1; a B of the same kind ends it as well.
    Look    both: one word too many or too few, or another kind, and the entity counts for nothing.
    Look    F1: between precision, both / ours, and recall, both / theirs."""
    B, T = draw.sizes(2, least=6)
    right, lengths = draw.ids(5, B, T), 1 + draw.ids(T, B)
    lengths[0] = T
    predicted = np.where(draw.rng.random_sample((B, T)) < 0.7, right, draw.ids(5, B, T))
    ours, theirs = written(predicted, lengths), written(right, lengths)
    begins, end = placed(ours, T)
    both = sum(len(spans(a) & spans(b)) for a, b in zip(ours, theirs, strict=True))
    return Case({"predicted": predicted, "right": right, "lengths": lengths},
                {"begins": begins, "end": end, "both": np.asarray(both), "F1": np.asarray(entity_f1(ours, theirs))})


@practice("practice-8.1", "8.1", {"num_layers": (1, 2), "H": (16, 32, 64)}, measures="F1, parameters", seconds=60)
def tagging() -> Baseline:
    """How many layers, and how many units, to find named entities.

    Train your tagger with num_layers and H units in each direction on the tweets of WNUT-17, and measure F1 over the
    entities of the validation part. training.tagging.TaggingTask.prepare(recipe, "wnut17") has the data, its `sizes`
    are V, A and K, its `validate(model)` measures 1 - F1, and training.train trains. The best row has to beat the most
    frequent tag of each word: entities are named by words that training never had more often than not, so counting
    finds few of them."""
    corpus = CORPORA["wnut17"]
    parts = corpus.load()
    tags = most_frequent_tags(parts.train, parts.validation, corpus.unknown)
    return Baseline("the most frequent tag", corpus.measure(tags, [s.tags for s in parts.validation]),
                    less_is_better=False)
