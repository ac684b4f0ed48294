"""practice-8.1: the experiment."""
from practice_8_1_model import practice_8_1_model

from tinyseq.backend import manual_seed
from tinyseq.training import Recipe, train
from tinyseq.training.tagging import TaggingTask


def practice_8_1(num_layers, H):
    recipe = Recipe(steps=600, batch=16, seq_len=24, lr=0.008, warmup=30, evaluate_every=150, threads=1)
    task = TaggingTask.prepare(recipe, "wnut17")
    manual_seed(0)
    model = practice_8_1_model(**task.sizes, num_layers=num_layers, H=H)
    return 1 - train(model, task, recipe).best, model.count()
