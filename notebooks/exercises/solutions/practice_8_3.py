"""practice-8.3: the experiment."""
from practice_8_3_model import practice_8_3_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.pronunciation_8_3 import short_words
from tinyseq.training import Recipe, train
from tinyseq.training.pronunciation import PronunciationTask


def practice_8_3(attention, H):
    recipe = Recipe(steps=500, batch=64, seq_len=12, lr=0.01, warmup=30, evaluate_every=500, threads=1)
    task = PronunciationTask(short_words(), recipe)
    manual_seed(0)
    model = practice_8_3_model(**task.sizes, H=H, attention=attention)
    train(model, task, recipe)
    words, phones = task.errors(model.eval(), task.parts.validation)
    return phones, words, model.count()
