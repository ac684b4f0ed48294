"""practice-7.5: the experiment."""
from practice_7_5_model import practice_7_5_model

from tinyseq.backend import manual_seed
from tinyseq.exercises.practices.translation_7_5 import frequent_pairs
from tinyseq.training import Recipe, train
from tinyseq.training.translation import TranslationTask, exact, references


def practice_7_5(attention, H):
    recipe = Recipe(steps=500, batch=64, seq_len=14, lr=0.01, warmup=30, evaluate_every=250, threads=1)
    task = TranslationTask("book-pairs", frequent_pairs(), recipe)
    manual_seed(0)
    model = practice_7_5_model(**task.sizes, H=H, attention=attention)
    progress = train(model, task, recipe)
    model.load_state_dict(progress.best_weights)
    groups = references(task.parts.validation)
    return progress.best, exact(task.translated(model.eval(), list(groups)), groups), model.count()
