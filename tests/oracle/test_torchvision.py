"""ResNets beside the same ones in PyTorch (resnets_in_pytorch.py)."""
import pytest

from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.files import save
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers.images import ResNet
from tinyseq.models import attention_resnet
from tinyseq.training import Recipe
from tinyseq.training.start import start

np = host.np
pytestmark = pytest.mark.oracle


def pair(depth, K=5, width=4):
    import torch
    from resnets_in_pytorch import KINDS, Net

    torch.manual_seed(0)
    manual_seed(0)
    theirs = Net(*KINDS[depth], K, width).double()
    with torch.no_grad():
        for name, buffer in theirs.named_buffers():
            if "running" in name:                          # statistics as after some training
                buffer += torch.rand(buffer.shape, dtype=torch.float64)
    return ResNet(depth, K, width=width).astype("float64"), theirs


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize("training", [True, False])
def test_outputs_gradients_and_what_ran(depth, training):
    import torch

    ours, theirs = pair(depth)
    from_pytorch(ours, theirs.state_dict())
    ours.train() if training else ours.eval()
    theirs.train(training)
    images = np.random.default_rng(0).standard_normal((3, 3, 64, 64))
    x, x_t = tensor(images, requires_grad=True), torch.tensor(images, requires_grad=True)
    y, y_t = ours(x), theirs(x_t)
    np.testing.assert_allclose(y.numpy(), y_t.detach().numpy(), rtol=1e-9, atol=1e-9)
    u = np.cos(np.arange(y.size)).reshape(y.shape)
    (y_t * torch.tensor(u)).sum().backward()
    dx, dW, db = gradients((y * u).sum(), [x, ours.conv1.W, ours.layer4[0].bn1.beta])
    for found, right in ((dx, x_t.grad), (db, theirs.layer4[0].bn1.bias.grad),
                         (np.moveaxis(to_host(dW), -1, 0), theirs.conv1.weight.grad)):
        np.testing.assert_allclose(to_host(found), right.numpy(), rtol=1e-7, atol=1e-9 * abs(right.numpy()).max())
    for name, array in to_pytorch(ours).items():
        if "num_batches" not in name:
            np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), rtol=1e-9, atol=1e-9)


def test_there_and_back():
    import torch

    ours, theirs = pair(50)
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in to_pytorch(ours).items()})
    again = ResNet(50, 5, width=4).astype("float64")
    from_pytorch(again, theirs.state_dict())
    for name, array in ours.state_dict().items():
        np.testing.assert_array_equal(to_host(array), to_host(again.state_dict()[name]))


def test_a_file_as_people_have_it_starts_a_training(tmp_path):
    """What the book does: a ResNet-18 of other labels, without its last layer."""
    import torch

    _, theirs = pair(18, K=7)
    save(tmp_path / "resnet18.safetensors", {name: x.numpy() for name, x in theirs.state_dict().items()})
    config = attention_resnet.Config(channels=3, size=64, K=2, width=4, stem="imagenet", attention_from=5)
    model = attention_resnet.Model(config).astype("float64")
    start(model, Recipe(start_from=str(tmp_path / "resnet18.safetensors"), frozen="body"))
    images = np.random.default_rng(0).standard_normal((2, 3, 64, 64))
    theirs.fc = torch.nn.Identity()
    np.testing.assert_allclose(model.eval().features(tensor(images)).numpy(),
                               theirs.eval()(torch.tensor(images)).detach().numpy(), rtol=1e-9)
