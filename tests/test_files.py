"""Saving and loading: what comes back, and what a reader is told when it cannot."""
import json
import os
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tinyseq.backend import host, xp
from tinyseq.files import load, save

np = host.np
DTYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]


@st.composite
def arrays(draw):
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    array = (np.arange(int(np.prod(shape))) * 7 % 5).reshape(shape).astype(draw(st.sampled_from(DTYPES)))
    return array.transpose(draw(st.permutations(range(array.ndim))))


@given(tensors=st.dictionaries(st.text(min_size=1, max_size=5), arrays(), max_size=4),
       metadata=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_comes_back(tmp_path, tensors, metadata):
    save(tmp_path / "file.safetensors", tensors, metadata)
    loaded = load(tmp_path / "file.safetensors")
    assert loaded.metadata == metadata
    assert loaded.tensors.keys() == tensors.keys()
    for name, array in tensors.items():
        assert loaded.tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(loaded.tensors[name], array, strict=True)


def test_transposed_and_sliced_arrays_keep_their_entries(tmp_path):
    a = np.arange(24.0).reshape(4, 6)
    tensors = {"transposed": a.T, "fortran": np.asfortranarray(a), "sliced": a[::2, 1::2], "reversed": a[::-1]}
    save(tmp_path / "file", tensors)
    for name, array in load(tmp_path / "file").tensors.items():
        np.testing.assert_array_equal(array, tensors[name])


def test_the_result_unpacks_and_can_be_written_to(tmp_path):
    save(str(tmp_path / "file"), {"a": xp.ones(3)})
    tensors, metadata = load(str(tmp_path / "file"))
    tensors["a"] += 1
    assert metadata == {} and tensors["a"].tolist() == [2, 2, 2]


def test_saving_leaves_nothing_but_the_file(tmp_path):
    path = tmp_path / "file"
    for value in (1.0, 2.0):
        save(path, {"a": np.full(3, value)})
        assert os.listdir(tmp_path) == ["file"]
    assert load(path).tensors["a"][0] == 2


def fails(message, f, *args):
    with pytest.raises(ValueError, match=message) as caught:
        f(*args)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("tensors", "metadata", "message"), [
    ({"a": np.array(["text"])}, {}, "does not hold such arrays"),
    ({"a": np.array([None])}, {}, "does not hold such arrays"),
    ({1: np.ones(2)}, {}, "got 1"),
    ({"__metadata__": np.ones(2)}, {}, "except '__metadata__'"),
    ({"a": np.ones(2)}, {"step": 3}, r"'step': 3.*str\(number\)"),
])
def test_what_cannot_be_saved_leaves_the_old_file(tmp_path, tensors, metadata, message):
    path = tmp_path / "file"
    save(path, {"a": np.zeros(2)})
    before = path.read_bytes()
    fails(message, save, path, tensors, metadata)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["file"]


def test_a_disk_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")
    path = tmp_path / "file"
    save(path, {"a": np.zeros(2)})
    before = path.read_bytes()
    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            fails("No space left on device", save, path, {"a": np.ones(2)})
        assert path.read_bytes() == before and os.listdir(tmp_path) == ["file"]


def test_a_place_that_cannot_be_written(tmp_path):
    fails("folder that exists", save, tmp_path / "none" / "file", {"a": np.ones(2)})
    fails("cannot be written", save, tmp_path, {"a": np.ones(2)})
    (tmp_path / "file").write_bytes(b"")
    fails("cannot be written", save, tmp_path / "file" / "inside", {"a": np.ones(2)})


def test_a_place_that_cannot_be_read(tmp_path):
    fails("there is no file .*none", load, tmp_path / "none")
    fails("is a folder", load, tmp_path)


@pytest.mark.parametrize("spoil", [
    lambda b: b"", lambda b: b[:5], lambda b: b[:30], lambda b: b[:-1], lambda b: b + b"x",
    lambda b: b"hello world\n" * 50, lambda b: b"PK\x03\x04" + bytes(400), lambda b: b"\x93NUMPY" + b,
], ids=["empty", "length", "header", "last byte", "longer", "text", "zip", "npy"])
def test_a_damaged_or_foreign_file(tmp_path, spoil):
    path = Path(tmp_path / "file")
    save(path, {"a": np.ones(20)}, {"key": "value"})
    content = spoil(path.read_bytes())
    path.write_bytes(content)
    fails("damaged, or was never a safetensors file", load, path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["BF16", "F8_E4M3"])
def test_numbers_that_numpy_has_not(tmp_path, kind):
    """Other people's weights are often of half the size."""
    path, size = tmp_path / "file", {"BF16": 4, "F8_E4M3": 2}[kind]
    header = json.dumps({"head.weight": {"dtype": kind, "shape": [2, 1], "data_offsets": [0, size]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(size))
    fails(rf"head.weight in .*file, of shape \(2, 1\), is of {kind} numbers, .* convert it to float32", load, path)
