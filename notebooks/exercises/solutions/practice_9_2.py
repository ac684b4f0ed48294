"""practice-9.2: the experiment."""
from practice_9_2_model import practice_9_2_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.letters import Letters
from tinyseq.layers import RNN, RecurrentLanguageModel
from tinyseq.training import Recipe, train


def practice_9_2(window, H):
    recipe = Recipe(steps=800, batch=16, seq_len=32, lr=0.005, warmup=50, evaluate_every=800, threads=1)
    task = Letters(recipe)
    V = task.sizes["V"]
    manual_seed(0)
    model = practice_9_2_model(V, H, window) if window else RecurrentLanguageModel(RNN(V, H), V)
    return train(model, task, recipe).best, model.count()
