"""ResNets by torchvision's names. That they compute the same is shown in tests/oracle."""
import pytest

from tinyseq.backend import host, manual_seed, to_host
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers.images import ResNet

np = host.np


@pytest.mark.parametrize("depth, entries, expected", [
    (18, 122, {"conv1.weight": (2, 3, 7, 7), "bn1.running_var": (2,), "layer1.1.conv2.weight": (2, 2, 3, 3),
               "layer2.0.conv1.weight": (4, 2, 3, 3), "layer2.0.downsample.0.weight": (4, 2, 1, 1),
               "layer4.0.downsample.1.num_batches_tracked": (), "layer4.1.bn2.bias": (16,), "fc.weight": (5, 16)}),
    (50, 320, {"layer1.0.conv1.weight": (2, 2, 1, 1), "layer1.0.conv3.weight": (8, 2, 1, 1),
               "layer1.0.downsample.0.weight": (8, 2, 1, 1), "layer3.5.conv2.weight": (8, 8, 3, 3),
               "layer4.2.bn3.running_mean": (64,), "fc.weight": (5, 64), "fc.bias": (5,)})])
def test_names_and_shapes_are_torchvisions(depth, entries, expected):
    """Of its resnet18 and resnet50, at 2 channels in place of 64."""
    theirs = to_pytorch(ResNet(depth, 5, width=2))
    assert len(theirs) == entries and {name: theirs[name].shape for name in expected} == expected


@pytest.mark.parametrize("settings", [{}, {"attention_from": 2, "num_heads": 2, "stem": "small", "size": 8}])
def test_there_and_back(settings):
    manual_seed(0)
    ours = ResNet(18, 3, width=2, **settings)
    manual_seed(1)
    other = ResNet(18, 3, width=2, **settings)
    from_pytorch(other, to_pytorch(ours))
    for name, array in ours.state_dict().items():
        np.testing.assert_array_equal(to_host(other.state_dict()[name]), to_host(array), err_msg=name)


def test_weights_that_do_not_fit_change_nothing():
    model, theirs = ResNet(10, 3, width=2, stages=2), to_pytorch(ResNet(10, 3, width=2, stages=2))
    before = {name: to_host(array) for name, array in model.state_dict().items()}
    for change, message in [({"layer2.0.bn2.weight": np.zeros(3, "float32")},
                             r"layer2.0.bn2.weight of ResNet\(depth 10, 2 channels wide\) should have the shape \(4,\) "
                             r".* got \(3,\)"),
                            ({"layer3.0.bn1.weight": np.zeros(8, "float32")},
                             "missing nothing; unknown layer3.0.bn1.weight")]:
        with pytest.raises(ValueError, match=message):
            from_pytorch(model, {**theirs, **change})
        for name, array in model.state_dict().items():
            np.testing.assert_array_equal(to_host(array), before[name])
