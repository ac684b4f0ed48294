"""practice-7.2: the experiment."""
import math

from practice_7_2_model import practice_7_2_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.next_word_7_2 import first_words
from tinyseq.training import Recipe, train


def practice_7_2(cell, num_layers, H):
    recipe = Recipe(steps=600, batch=16, seq_len=16, lr=0.01, warmup=60, evaluate_every=100, threads=1)
    task = first_words(recipe)
    manual_seed(0)
    model = practice_7_2_model(cell, len(task.vocabulary), H, num_layers)
    return math.exp(train(model, task, recipe).best), model.count()
