"""practice-7.1: the experiment."""
import math

from practice_7_1_model import practice_7_1_model

from tinyseq.backend import manual_seed
from tinyseq.training import Recipe, train
from tinyseq.training.forecasting import ForecastingTask


def practice_7_1(H, T):
    recipe = Recipe(steps=400, batch=32, seq_len=T, lr=0.005, warmup=50, evaluate_every=50, threads=1)
    task = ForecastingTask.prepare(recipe, "sunspots")
    manual_seed(0)
    model = practice_7_1_model(H)
    return math.sqrt(train(model, task, recipe).best), model.count()
