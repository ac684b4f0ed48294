"""practice-8.2: the experiment."""
from practice_8_2_model import practice_8_2_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.gru_and_lstm_7_3 import first_characters
from tinyseq.training import Recipe, train


def practice_8_2(num_layers, residual, H):
    recipe = Recipe(steps=250, batch=32, seq_len=32, lr=0.02, warmup=25, evaluate_every=125, threads=1)
    task = first_characters(recipe)
    manual_seed(0)
    model = practice_8_2_model(len(task.vocabulary), H, num_layers, residual)
    return train(model, task, recipe).best, model.count()
