"""Classifiers of scikit-learn (pip install -e '.[tasks]') beside the networks: naive Bayes, logistic regression.

Settings are scikit-learn's own, but for the strength C of logistic regression's prior, which is the best of STRENGTHS
on the validation part. The test part is looked at once.
"""
from collections.abc import Callable, Sequence
from typing import Any

from tinyseq.backend import host
from tinyseq.data import ImageParts, Images, Parts

np = host.np

STRENGTHS = (0.1, 1.0, 10.0, 100.0)


def naive_bayes(parts: Parts[Any], features: Callable[[str], list[str]]) -> float:
    """Accuracy on the test part of multinomial naive Bayes on sets of features, one more of each than was counted: by
    another program the same as tinyseq's own training/naive_bayes.py."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(CountVectorizer(analyzer=features, binary=True), MultinomialNB())
    return fitted(model, parts.train).score(*_columns(parts.test))


def word_regression(parts: Parts[Any], features: Callable[[str], list[str]]) -> float:
    """Accuracy on the test part of logistic regression on sets of features."""
    from sklearn.feature_extraction.text import CountVectorizer

    return _regression(parts, CountVectorizer(analyzer=features, binary=True))


def letter_regression(parts: Parts[Any], longest: int = 4) -> float:
    """The same on a word's runs of 1 to `longest` letters, its two ends marked by blanks."""
    from sklearn.feature_extraction.text import CountVectorizer

    return _regression(parts, CountVectorizer(analyzer="char_wb", ngram_range=(1, longest), binary=True))


def series_regression(parts: Parts[Any]) -> float:
    """The same on the mean and the deviation of each channel of a series, and its length."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return _regression(parts, make_pipeline(FunctionTransformer(_summaries), StandardScaler()))


def pixel_regression(parts: ImageParts, most: int = 10_000) -> float:
    """The same on the pixels of images, from 0 to 1; learnt from `most` of them, for its time."""
    from sklearn.linear_model import LogisticRegression

    def columns(images: Images) -> tuple[Any, Any]:
        return images.pixels.reshape(len(images), -1) / 255, images.labels
    train = parts.train.drawn(min(most, len(parts.train)))
    models = [LogisticRegression(C=C, max_iter=300).fit(*columns(train)) for C in (0.01, 0.1, 1.0)]
    best = max(models, key=lambda model: model.score(*columns(parts.validation)))
    return float(best.score(*columns(parts.test)))


def fitted(model: Any, items: Sequence[Any]) -> Any:
    """The model, fitted to these items."""
    return model.fit(*_columns(items))


def _regression(parts: Parts[Any], features: Any) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    models = [fitted(make_pipeline(features, LogisticRegression(C=C, max_iter=2000)), parts.train) for C in STRENGTHS]
    return max(models, key=lambda model: model.score(*_columns(parts.validation))).score(*_columns(parts.test))


def _columns(items: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """Texts or series, and labels."""
    return [getattr(item, "text", None) or item.values for item in items], [item.label for item in items]


def _summaries(series: Sequence[Any]) -> Any:
    return np.array([[*values.mean(axis=0), *values.std(axis=0), len(values)] for values in series])
