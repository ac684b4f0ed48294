"""practice-9.3: the experiment."""
from practice_9_3_model import practice_9_3_model

from tinyseq.backend import manual_seed
from tinyseq.layers import RNN, RecurrentLanguageModel
from tinyseq.training import Recipe, train
from tinyseq.training.characters import CharacterTask


def practice_9_3(num_heads, size):
    num_layers, C = map(int, size.split("x"))
    recipe = Recipe(steps=800, batch=16, seq_len=64, batches="windows", lr=0.005, warmup=50, evaluate_every=800,
                    threads=1)
    task = CharacterTask.prepare(recipe, "shakespeare")
    V = task.sizes["V"]
    manual_seed(0)
    model = practice_9_3_model(V, C, num_layers, num_heads, 64) if num_heads else RecurrentLanguageModel(
        RNN(V, C, num_layers), V)
    return train(model, task, recipe).best, model.count()
