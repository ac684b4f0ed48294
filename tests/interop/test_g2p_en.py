"""The GRU checkpoint of the package g2p-en: its own arithmetic against ours on a small file, and what is refused."""
import json
from pathlib import Path

import numpy as np
import pytest

from tinyseq.backend import to_host
from tinyseq.data import PHONES as WITHOUT_STRESS
from tinyseq.decoding import greedy
from tinyseq.interop import g2p_en
from tinyseq.interop.g2p_en import LETTERS, PHONES
from tinyseq.interop.packages import package_file

C, H = 3, 4
SHAPES = {"enc_emb": (29, C), "enc_w_ih": (3 * H, C), "enc_w_hh": (3 * H, H), "enc_b_ih": (3 * H,),
          "enc_b_hh": (3 * H,), "dec_emb": (74, C), "dec_w_ih": (3 * H, C), "dec_w_hh": (3 * H, H),
          "dec_b_ih": (3 * H,), "dec_b_hh": (3 * H,), "fc_w": (74, H), "fc_b": (74,)}
WORDS = ["cat", "a", "thinking", "o'neil"]


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(shape).astype("float32") for name, shape in SHAPES.items()}


@pytest.fixture
def checkpoint(tmp_path):
    def write(**changes):
        path = tmp_path / "small.npz"
        np.savez(path, **{name: array for name, array in {**arrays(), **changes}.items() if array is not None})
        return path
    return write


def by_numpy(a, word):
    """PyTorch's GRU cell written out, for one word."""
    H = len(a["fc_w"][0])
    def cell(x, h, half):
        i, g = a[f"{half}_w_ih"] @ x + a[f"{half}_b_ih"], a[f"{half}_w_hh"] @ h + a[f"{half}_b_hh"]
        r, z = 1 / (1 + np.exp(-(i + g)[:2 * H].reshape(2, H)))
        return (1 - z) * np.tanh(i[2 * H:] + r * g[2 * H:]) + z * h
    h, said = np.zeros(H), []
    for sign in [*word, "</s>"]:
        h = cell(a["enc_emb"][LETTERS.index(sign) if sign in LETTERS else 1], h, "enc")
    last = 2
    for _ in range(20):
        h = cell(a["dec_emb"][last], h, "dec")
        last = int((a["fc_w"] @ h + a["fc_b"]).argmax())
        if last == 3:
            break
        said.append(PHONES[last])
    return said


@pytest.mark.parametrize("seed", range(4))
def test_it_says_what_the_packages_own_arithmetic_says(checkpoint, seed):
    a = arrays(seed)
    model = g2p_en.load(checkpoint(**a))
    found = greedy(model, [model.letters(word) for word in WORDS], 20)
    assert [model.phones(answer.ids) for answer in found] == [by_numpy(a, word) for word in WORDS]


def test_every_array_is_used(checkpoint):
    """A weight that were left at its draw would make two loadings differ."""
    one, other = (g2p_en.load(checkpoint()).state_dict() for _ in range(2))
    for name, array in one.items():
        np.testing.assert_array_equal(to_host(array), to_host(other[name]))


def test_phones_without_stress_are_those_of_the_dictionary():
    assert {phone.rstrip("012") for phone in PHONES[4:]} == set(WITHOUT_STRESS)
    assert (len(LETTERS), len(PHONES)) == (29, 74)


@pytest.mark.parametrize("changes, words", [
    ({"dec_w_ih": None}, "has no dec_w_ih"),
    ({"enc_emb": None, "fc_b": None}, "has no enc_emb and 1 more"),
    ({"fc_w": np.zeros((74, H + 1), "float32")}, r"fc_w has the shape \(74, 5\), expected was \(74, 4\)"),
    ({"enc_emb": np.zeros((28, C), "float32")}, r"enc_emb has the shape \(28, 3\), expected was \(29, 3\)"),
    ({"enc_b_hh": np.zeros(3 * H, "int8")}, "enc_b_hh is int8, expected were floating-point numbers"),
    ({"enc_emb": np.zeros((), "float32")}, r"enc_emb has the shape \(\)"),
])
def test_a_file_of_another_network_is_refused(checkpoint, changes, words):
    with pytest.raises(ValueError, match=words):
        g2p_en.load(checkpoint(**changes))


def test_a_damaged_or_missing_file_is_refused(checkpoint, tmp_path):
    path = checkpoint()
    whole = path.read_bytes()
    for content in (b"", whole[:40], whole[:len(whole) // 2], b"no archive at all", whole[:300] + b"x" * 50
                    + whole[350:]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="damaged, or was never an npz file"):
            g2p_en.load(path)
    np.savez(path, enc_emb=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="damaged"):
        g2p_en.load(path)
    with pytest.raises(ValueError, match="there is no file"):
        g2p_en.load(tmp_path / "none.npz")


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch, installed):
    with pytest.raises(ValueError, match="package g2p-en, which is not installed: pip install --no-deps g2p-en"):
        g2p_en.load()
    installed("g2p-en", {"g2p_en/__init__.py": b"raise SystemExit('imported')"})
    with pytest.raises(ValueError, match=r"has no file checkpoint20.npz.*--force-reinstall"):
        g2p_en.load()


def test_the_package_is_found_without_being_imported(checkpoint, installed):
    installed("g2p-en", {"g2p_en/__init__.py": b"raise SystemExit('imported')",
                         "g2p_en/checkpoint20.npz": checkpoint().read_bytes()})
    assert g2p_en.load().count() == sum(map(np.size, arrays().values())) - 2 * 2 * H    # r and z have one bias


# The package itself -----------------------------------------------------------------------------------------

@pytest.mark.pretrained
def test_the_real_checkpoint_says_what_its_own_arithmetic_says():
    model, words = g2p_en.load(), ["activationist", "hello", "tennis", "q", "supercalifragilisticexpialidocious"]
    with np.load(package_file(g2p_en.PACKAGE, g2p_en.FILE)) as archive:
        expected = [by_numpy(dict(archive), word) for word in words]
    found = greedy(model, [model.letters(word) for word in words], 20)
    assert [model.phones(answer.ids) for answer in found] == expected
    assert expected[1] == ["HH", "EH1", "L", "OW0"]


def test_the_committed_figures_are_those_that_were_asked_for():
    """Word error 26.8 % and phone error 7.9 %, to half a point, at 500 words a second or more."""
    found = json.loads((Path(__file__).parents[2] / "benchmarks/results/g2p_en.json").read_text())
    assert found["words"] == 20_000 and found["words a second"] >= 500
    assert abs(found["word error"] - 0.268) <= 0.005 and abs(found["phone error"] - 0.079) <= 0.005
