"""practice-9.5: the experiment."""
from practice_9_5_model import practice_9_5_model

from tinyseq.backend import manual_seed
from tinyseq.training import Recipe, train
from tinyseq.training.images import ImageTask


def practice_9_5(p, decay):
    recipe = Recipe(steps=400, batch=32, lr=0.005, warmup=20, evaluate_every=400, labelled=500, threads=1,
                    optimiser="adamw", weight_decay=decay, decayed="matrices")
    task = ImageTask.prepare(recipe, "mnist")
    manual_seed(0)
    model = practice_9_5_model(p)
    accuracy = 1 - train(model, task, recipe).best
    found = task.encoder.probabilities(model, task.parts.train.pixels).argmax(axis=1)
    return accuracy, float((found == task.parts.train.labels).mean())
