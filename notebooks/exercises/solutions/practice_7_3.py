"""practice-7.3: the experiment."""
import time

from practice_7_3_model import practice_7_3_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.gru_and_lstm_7_3 import first_characters
from tinyseq.training import Recipe, train

READ = 300_000                           # characters


def practice_7_3(cell, lr, batch):
    steps = READ // (batch * 32)
    recipe = Recipe(steps=steps, batch=batch, seq_len=32, lr=lr, warmup=steps // 10, evaluate_every=steps // 3,
                    threads=1)
    task = first_characters(recipe)
    manual_seed(0)
    model = practice_7_3_model(cell, len(task.vocabulary), 64)
    began = time.perf_counter()
    best = train(model, task, recipe).best
    return best, time.perf_counter() - began, model.count()
