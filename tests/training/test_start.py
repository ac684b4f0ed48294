"""Where a training begins: another run's body, or a file's, with a new head; a body that is frozen."""
from dataclasses import asdict, replace

import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import manual_seed, to_host
from tinyseq.files import save
from tinyseq.interop import to_pytorch
from tinyseq.layers import BatchNorm1d, Dropout, Linear, Module, Parameter
from tinyseq.models import attention_resnet, char_lstm
from tinyseq.training import Progress, Recipe, loss_and_gradients, train
from tinyseq.training.images import ImageBatch, ImageTask
from tinyseq.training.run import RunConfig, save_checkpoint
from tinyseq.training.start import start

TINY = attention_resnet.TINY
Model = attention_resnet.Model


def arrays(model):
    return {name: to_host(array) for name, array in model.state_dict().items()}


def resnet(seed, **settings):
    manual_seed(seed)
    return Model(replace(TINY, **settings))


class NoTask:
    """Nothing but what a run folder wants to know."""

    def __init__(self):
        self.saved = {"corpus": "fashion-mnist-0-4"}

    def state_dict(self):
        return {}


@pytest.fixture
def run(tmp_path):
    """A run folder of a model with 5 labels, whose batch normalisation has counted, and its weights."""
    config = replace(TINY, K=5)
    model = resnet(1, K=5)
    model(ImageTask.tiny_batch(config, np.random.default_rng(0)))
    folder = tmp_path / "run"
    folder.mkdir()
    RunConfig("attention_resnet", asdict(config), asdict(Recipe()), NoTask().saved).write(folder)
    optimiser = Recipe().make_optimiser(model.parameters())
    save_checkpoint(folder, Progress(1, [(1, 0.5)], model.state_dict()), model, optimiser, NoTask())
    return str(folder), arrays(model)


def test_the_body_is_taken_over_and_the_head_is_new(run):
    folder, theirs = run
    model = resnet(2)
    before = arrays(model)
    start(model, Recipe(start_from=folder))
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, before[name] if name.startswith("fc.") else theirs[name])
    assert "layer2.0.bn1.running_mean" in theirs and not model.frozen
    assert model.trained() == model.parameters()


def test_a_resumed_run_is_frozen_but_takes_nothing_over(run):
    model = resnet(2)
    before = arrays(model)
    start(model, Recipe(start_from="a folder that is gone", frozen="body"), fresh=False)
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, before[name])
    assert model.trained() == [model.fc.W, model.fc.b]


def batches(n, seed=0):
    return [ImageTask.tiny_batch(TINY, np.random.default_rng([seed, i])) for i in range(n)]


class Task(NoTask):
    """Random images of three labels."""

    def batch(self, step):
        batch = batches(1, step)[0]
        return ImageBatch(images=batch.images.astype("float32"), labels=batch.labels)

    def after(self, batch):
        pass

    def validate(self, model):
        return {"validation": 1.0}


@pytest.mark.parametrize("threads", [1, 2])
def test_of_a_frozen_body_nothing_moves_and_of_another_everything(run, threads):
    folder, _ = run
    for frozen in ("body", "none"):
        recipe = Recipe(start_from=folder, frozen=frozen, steps=3, evaluate_every=3, lr=0.1, threads=threads)
        model = resnet(2)
        start(model, recipe)
        before = arrays(model)
        train(model, Task(), recipe)
        moved = {name for name, array in arrays(model).items() if not np.array_equal(array, before[name])}
        assert moved - {"layer2.0.attention.attention.b_k"} == (         # whose gradient is 0, but for rounding
            {"fc.W", "fc.b"} if frozen == "body" else before.keys() - {"layer2.0.attention.attention.b_k"})


def test_a_frozen_body_may_be_split_over_threads(run):
    folder, _ = run
    model = resnet(2).astype("float64")
    start(model, Recipe(start_from=folder, frozen="body"))
    model.train()
    batch = batches(1)[0]
    (one, one_grads), (two, two_grads) = (loss_and_gradients(model, batch, threads) for threads in (1, 3))
    assert float(one) == pytest.approx(float(two), rel=1e-12) and len(one_grads) == 2
    for a, b in zip(one_grads, two_grads, strict=True):
        np.testing.assert_allclose(to_host(a), to_host(b), atol=1e-12)


# From a file of PyTorch's -----------------------------------------------------------------------------------

def test_a_file_of_torchvisions_weights(tmp_path):
    theirs = resnet(1, attention_from=5, K=7)
    given = {name: array for name, array in to_pytorch(theirs).items() if not name.endswith("num_batches_tracked")}
    save(tmp_path / "resnet.safetensors", given)
    model = resnet(2, attention_from=5)
    start(model, Recipe(start_from=str(tmp_path / "resnet.safetensors"), frozen="body"))
    for name, array in arrays(model).items():
        assert name.startswith("fc.") or np.array_equal(array, arrays(theirs)[name]), name


def test_files_that_do_not_fit_change_nothing(tmp_path):
    model = resnet(2, attention_from=5)
    before, theirs = arrays(model), to_pytorch(resnet(1, attention_from=5))
    without = {name: array for name, array in theirs.items() if name != "layer1.0.conv2.weight"}
    wrong = {**theirs, "bn1.weight": np.zeros(3, "float32")}
    for name, content, message in [
            ("a.safetensors", without, r"AttentionResNet\(depth 10, 2 channels wide\): missing layer1.0.conv2.weight; "
                                       "unknown nothing"),
            ("b.safetensors", {**theirs, "x": theirs["bn1.weight"]}, "missing nothing; unknown x"),
            ("c.safetensors", wrong, r"bn1.weight of .* should have the shape \(2,\) in PyTorch's layout; got \(3,\).*"
             "resnet50 depth=50, both with width=64, stem=imagenet, attention_from=5"),
            ("d.pth", theirs, "is a pickle, which only PyTorch opens: save it there as safetensors")]:
        save(tmp_path / name, content)
        with pytest.raises(ValueError, match=rf"{name}.*{message}"):
            start(model, Recipe(start_from=str(tmp_path / name)))
    for spoilt in (b"no file", (tmp_path / "a.safetensors").read_bytes()[:-1]):
        (tmp_path / "e.safetensors").write_bytes(spoilt)
        with pytest.raises(ValueError, match=r"e.safetensors is damaged, or was never a safetensors file"):
            start(model, Recipe(start_from=str(tmp_path / "e.safetensors")))
    with pytest.raises(ValueError, match=r"there is no file .*none.safetensors"):
        start(model, Recipe(start_from=str(tmp_path / "none.safetensors")))
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, before[name])


# Refused ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("settings, message", [
    ({"attention_from": 5}, r"has layer2.0.attention.attention.\w+, which this model has not: start"),
    ({"stages": 3}, "has no layer3.0.bn1.beta, which this model has: start"),
    ({"width": 4}, r"conv1.W of .*run has the shape \(1, 3, 3, 2\), expected was \(1, 3, 3, 4\): start from weights"),
])
def test_the_run_of_another_network_is_refused(run, settings, message):
    model = resnet(2, **settings)
    before = arrays(model)
    with pytest.raises(ValueError, match=message):
        start(model, Recipe(start_from=run[0]))
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, before[name])


def test_what_cannot_start_elsewhere():
    with pytest.raises(ValueError, match="CharLSTM does not say which of its layers is the head"):
        start(char_lstm.Model(char_lstm.TINY), Recipe(start_from="run"))
    with pytest.raises(ValueError, match="frozen=body keeps weights that have learnt something already"):
        start(resnet(1), Recipe(frozen="body"))
    with pytest.raises(ValueError, match="keeps rows of symbols or positions, and AttentionResNet has none"):
        start(resnet(1), Recipe(start_from="a run", frozen="tables"), fresh=False)
    with pytest.raises(ValueError, match="frozen is one of none, tables, body; got 'head'"):
        Recipe(frozen="head")

    class Model(Module):
        head = "output"

        def __init__(self):
            self.output = Linear(2, 2)
    with pytest.raises(ValueError, match=r"start_from=none is no run folder: it has no config.json"):
        start(Model(), Recipe(start_from="none"))


# Freezing a module ------------------------------------------------------------------------------------------

class Net(Module):
    def __init__(self):
        self.body, self.norm, self.dropout = Linear(3, 4), BatchNorm1d(4), Dropout(0.5)
        self.scale = Parameter(tensor(np.ones(4)).data.astype("float32"))
        self.output = Linear(4, 2)

    def __call__(self, x):
        return self.output(self.dropout(self.norm(self.body(x))) * self.scale)


def test_what_is_frozen_stays_in_use_whatever_is_trained():
    net = Net()
    assert net.freeze() is net and not net.trained() and len(net.parameters()) == 7
    net.train()
    assert not any(module.training for module in net.modules())
    x = tensor(np.random.default_rng(0).standard_normal((5, 3)), dtype="float32")
    assert not net(x).requires_grad
    np.testing.assert_array_equal(net(x).numpy(), net.eval()(x).numpy())
    assert not to_host(net.norm.running_mean.data).any()


def test_a_part_can_be_frozen():
    net = Net().train()
    net.norm.freeze()
    assert net.training and net.output.training and not net.norm.training
    assert {id(p) for p in net.parameters()} - {id(p) for p in net.trained()} == {id(net.norm.gamma),
                                                                                  id(net.norm.beta)}
