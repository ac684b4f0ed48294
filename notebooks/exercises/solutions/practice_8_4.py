"""practice-8.4: the experiment."""
from practice_8_4_model import practice_8_4_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.letters import Letters
from tinyseq.layers import RNN, RecurrentLanguageModel
from tinyseq.training import Recipe, train


def practice_8_4(num_layers, num_heads, H):
    recipe = Recipe(steps=1000, batch=16, seq_len=32, lr=0.005, warmup=50, evaluate_every=1000, threads=1)
    task = Letters(recipe)
    V = task.sizes["V"]
    manual_seed(0)
    if num_layers:
        model = practice_8_4_model(V, H, num_layers, num_heads)
    else:
        model = RecurrentLanguageModel(RNN(V, H), V)
    return train(model, task, recipe).best, model.count()
