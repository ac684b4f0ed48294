"""practice-9.4: the experiment."""
from practice_9_4_model import practice_9_4_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.letters import Letters
from tinyseq.training import Recipe, train


def practice_9_4(score, num_heads):
    recipe = Recipe(steps=1000, batch=16, seq_len=32, lr=0.005, warmup=50, evaluate_every=1000, threads=1)
    task = Letters(recipe)
    manual_seed(0)
    model = practice_9_4_model(task.sizes["V"], 32, num_heads, score)
    return train(model, task, recipe).best, model.count()
