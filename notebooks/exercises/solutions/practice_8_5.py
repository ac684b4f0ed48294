"""practice-8.5: the experiment."""
from practice_8_5_model import practice_8_5_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.letters import Letters
from tinyseq.training import Recipe, train


def practice_8_5(num_heads, H):
    recipe = Recipe(steps=1000, batch=16, seq_len=32, lr=0.005, warmup=50, evaluate_every=1000, threads=1)
    task = Letters(recipe)
    manual_seed(0)
    model = practice_8_5_model(task.sizes["V"], H, num_heads, dropout=0.1)
    return train(model, task, recipe).best, model.count()
