"""practice-7.4: the experiment."""
from practice_7_4_model import practice_7_4_model

from tinyseq.backend import manual_seed
from tinyseq.training import Recipe, train
from tinyseq.training.classification import ClassificationTask


def practice_7_4(bidirectional, num_layers, H):
    recipe = Recipe(steps=400, batch=32, seq_len=40, lr=0.005, warmup=50, evaluate_every=50, threads=1)
    task = ClassificationTask.prepare(recipe, "sms-spam")
    manual_seed(0)
    model = practice_7_4_model(task.sizes["V"], 32, H, task.sizes["K"], num_layers, bidirectional, 0.3)
    model.embedding.W.data *= 0.1        # small rows are learnt sooner
    return round(train(model, task, recipe).best * len(task.parts.validation)), model.count()
