"""Training: the loop, and one page for each task.

    recipe.py       the numbers: steps, batch, rate, clipping
    parallel.py     one batch, several threads
    loop.py         the loop itself
    characters.py   the task of predicting the next character
    words.py        the task of predicting the next word
    masked.py       the task of predicting characters from both sides
    forecasting.py  the task of predicting a series' next value
    tagging.py      the task of tagging words; entities.py: of finding names; spans.py: entities and their measure
    classification.py   the task of saying what a sequence is; naive_bayes.py: what counting reaches there
    answering.py    what the tasks that answer a sequence with a sequence share; sampling.py: scheduled sampling
    pronunciation.py    ... from spelling to sounds; letters_in_context.py: what counting reaches there
    translation.py      ... from English to French; word_table.py: what counting reaches there
    pairs.py            ... one of the two, by the corpus
    interrupt.py    Ctrl-C without loss
    run.py          a run folder: config, checkpoints, log, picture, sample
"""
from tinyseq.training.characters import CharacterTask, TextBatch, nats_per_character
from tinyseq.training.loop import Progress, Watcher, train
from tinyseq.training.parallel import default_threads, loss_and_gradients
from tinyseq.training.recipe import Recipe

__all__ = ["CharacterTask", "Progress", "Recipe", "TextBatch", "Watcher", "default_threads", "loss_and_gradients",
           "nats_per_character", "train"]
