import pytest

from tinyseq.data import cleaned, joined, tokens


@pytest.mark.parametrize(("text", "expected"), [
    ("Va\u202f!", "va !"),
    ("J'ai 2 amis, as-tu fini ?", "j' ai 2 amis , as -tu fini ?"),
    ("I don’t know, I'm late.", "i don't know , i'm late ."),
    ("Qu'est-ce qu'il y a aujourd'hui ?", "qu' est -ce qu' il y a aujourd'hui ?"),
    ("1,000 at 2:30", "1,000 at 2:30"),
    ("«\xa0E\u0301te\u0301\xa0»...", "« été » . . ."),
    ("win £100 :-)", "win £ 100 : - )"),
    ("", ""),
])
def test_tokens(text, expected):
    assert " ".join(tokens(text)) == expected


def test_cleaned_has_composed_characters_and_single_blanks():
    assert cleaned(" e\u0301t\u00ade\u0301\u2009\u202f! ") == "été !"


def test_joined_reads_as_a_line():
    line = "j'ai 2 amis, as-tu fini ? aujourd'hui, l'ami."
    assert joined(tokens(line)) == line
