"""practice-9.1: the experiment."""
from practice_9_1_model import practice_9_1_model

from tinyseq.backend import manual_seed
from tinyseq.training import Recipe, train
from tinyseq.training.images import ImageTask


def practice_9_1(after, num_heads):
    recipe = Recipe(steps=150, batch=32, lr=0.003, warmup=20, evaluate_every=50, labelled=1000, threads=1)
    task = ImageTask.prepare(recipe, "mnist")
    manual_seed(0)
    model = practice_9_1_model(after, num_heads)
    return 1 - train(model, task, recipe).best, model.count()
