"""Self-attention over recurrent states, and the translator of 9.3."""


def test_the_program_is_not_causal(numbers):
    (change, none), = numbers("causal-on-paper")
    assert change > 1e-3 and none == 0


def test_queries_drawn_anew_are_others_each_time_and_cannot_be_trained(numbers):
    (difference, none), (trainable, weights), (largest, even) = numbers("questions-drawn-anew")
    assert difference > 1 and none == 0
    assert trainable == 0 and weights == 4 * (512 * 512 + 512)
    assert largest > 0.8 and even < 0.1


def test_without_positions_words_are_a_set(numbers):
    (change, of_sound), recurrent, of_decoder = numbers("words-as-a-set")
    assert change < 1e-6 and of_sound > 0.1
    for none, some in (recurrent, of_decoder):
        assert none == 0 and some > 500


def test_what_goes_in_is_french(numbers):
    (none, english), (french, words) = numbers("french-to-english")
    assert none == 0 and english == words == 14 and french > english


def test_a_prefix_without_its_blank_admits_four_wrong_sentences(numbers):
    assert numbers("prefix-without-blank") == [(4, 0), (10, 6)]


def test_an_unknown_word_vanishes(numbers):
    assert numbers("unknown-words-vanish") == [(3, 4), ("he is tall", "he is <unk> tall")]
