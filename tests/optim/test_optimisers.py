"""Each optimiser against the same rule in plain Python floats, and what all of them promise."""
import math

import pytest

from tinyseq.backend import host, to_host, xp
from tinyseq.backend import name as backend_name
from tinyseq.optim import SGD, Adam, AdamW, RMSprop

np = host.np
STEPS = 7
VALUES = [0.5, -1.25, 2.0, 0.0]


class Parameter:
    def __init__(self, values, dtype="float64"):
        self.data = xp.asarray(values, dtype=dtype)
        self.grad = None


def gradient(step, k):
    """A gradient that does not depend on the weight, so the reference needs no model; one entry stays 0."""
    return 0.0 if k == 2 else math.sin(1.7 * step + k) + 0.1 * k


def sgd(w, gs, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    v = 0.0
    for g in gs:
        g = g + weight_decay * w
        v = momentum * v + g
        w = w - lr * (g + momentum * v if nesterov else v)
    return w


def rmsprop(w, gs, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0):
    v = 0.0
    for g in gs:
        g = g + weight_decay * w
        v = alpha * v + (1 - alpha) * g**2
        w = w - lr * g / (math.sqrt(v) + eps)
    return w


def adam(w, gs, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    m = v = 0.0
    for t, g in enumerate(gs, 1):
        g = g + weight_decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        w = w - lr * (m / (1 - betas[0]**t)) / (math.sqrt(v / (1 - betas[1]**t)) + eps)
    return w


def adamw(w, gs, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    m = v = 0.0
    for t, g in enumerate(gs, 1):
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        move = (m / (1 - betas[0]**t)) / (math.sqrt(v / (1 - betas[1]**t)) + eps)
        w = w - lr * weight_decay * w - lr * move
    return w


CASES = [
    (SGD, sgd, {"lr": 0.1}),
    (SGD, sgd, {"lr": 0.1, "weight_decay": 0.3}),
    (SGD, sgd, {"lr": 0.1, "momentum": 0.9}),
    (SGD, sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (SGD, sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
    (RMSprop, rmsprop, {}),
    (RMSprop, rmsprop, {"lr": 0.02, "alpha": 0.9, "eps": 0.1}),
    (RMSprop, rmsprop, {"weight_decay": 0.3}),
    (Adam, adam, {}),
    (Adam, adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.1}),
    (Adam, adam, {"weight_decay": 0.3}),
    (AdamW, adamw, {}),
    (AdamW, adamw, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.1}),
    (AdamW, adamw, {"weight_decay": 0.3}),
    (AdamW, adamw, {"weight_decay": 0.0}),
]
each_case = pytest.mark.parametrize(("kind", "reference", "settings"), CASES)
each_kind = pytest.mark.parametrize(("kind", "settings"), [
    (SGD, {"lr": 0.1, "momentum": 0.9}), (RMSprop, {}), (Adam, {}), (AdamW, {}),
])


def give_gradients(params, step):
    for p in params:
        values = [gradient(step, k) for k in range(p.data.size)]
        p.grad = xp.asarray(values, dtype=p.data.dtype).reshape(p.data.shape)


def run(opt, params, steps=range(STEPS)):
    for step in steps:
        give_gradients(params, step)
        opt.step()


def values(p):
    return to_host(p.data).ravel().tolist()


@each_case
def test_steps_follow_the_equations(kind, reference, settings):
    p = Parameter(VALUES)
    run(kind([p], **settings), [p])
    gradients = [[gradient(step, k) for step in range(STEPS)] for k in range(len(VALUES))]
    expected = [reference(w, gs, **settings) for w, gs in zip(VALUES, gradients, strict=True)]
    assert values(p) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@each_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4,), (2, 2), (1, 4)])
def test_the_array_the_dtype_and_the_gradient_stay(kind, reference, settings, dtype, shape):
    p = Parameter(np.asarray(VALUES).reshape(shape), dtype)
    array, before = p.data, p.data.copy()
    opt = kind([p], **settings)
    opt.lr = 0.1
    give_gradients([p], 1)
    gradients = p.grad.copy()
    opt.step()
    assert p.data is array and p.data.dtype == dtype and p.data.shape == shape
    assert not (p.data == before).all()
    assert (p.grad == gradients).all()
    assert all(a.dtype == dtype for name, a in opt.state_dict().items() if not name.startswith("t."))


class Watched(np.ndarray):
    """Notices float64 arithmetic."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **keywords):
        inputs = [np.asarray(a) if isinstance(a, Watched) else a for a in inputs]
        assert np.result_type(*inputs) == "float32", ufunc
        if out:
            keywords["out"] = tuple(np.asarray(a) for a in out)
        result = getattr(ufunc, method)(*inputs, **keywords)
        assert result.dtype == "float32", ufunc
        return out[0] if out else result.view(Watched)


def watched(array):
    """The array, so that float64 arithmetic on it raises; the strict backend does that by itself."""
    return array.view(Watched) if backend_name == "numpy" else array


@each_case
def test_float32_is_not_computed_in_float64(kind, reference, settings):
    p = Parameter(VALUES, "float32")
    p.data, p.grad = watched(p.data), watched(xp.ones(4, "float32"))
    opt = kind([p], **{key: np.float64(x) if type(x) is float else x for key, x in settings.items()})
    opt.lr = np.float64(0.1)                     # a scalar that would draw float32 up to float64
    opt.step()
    assert values(p) != VALUES


@each_kind
def test_a_parameter_of_no_dimensions(kind, settings):
    p, row = Parameter(0.5), Parameter([0.5])
    run(kind([p, row], **settings), [p, row])
    assert p.data.shape == () and values(p) == values(row)


@each_case
def test_a_group_overrides_any_setting(kind, reference, settings):
    plain, special = Parameter(VALUES), Parameter(VALUES)
    base = {"lr": 0.05}
    run(kind([{"params": [plain]}, {"params": [special], **settings}], **base), [plain, special])
    alone, alone_special = Parameter(VALUES), Parameter(VALUES)
    run(kind([alone], **base), [alone])
    run(kind([alone_special], **{**base, **settings}), [alone_special])
    assert values(plain) == values(alone)
    assert values(special) == values(alone_special)


def test_lr_belongs_to_the_groups_that_set_none():
    follows, own = Parameter([1.0]), Parameter([1.0])
    opt = SGD([{"params": [follows]}, {"params": [own], "lr": 0.25}], lr=0.5)
    opt.lr = 0.125
    assert opt.lr == 0.125
    follows.grad, own.grad = xp.ones(1), xp.ones(1)
    opt.step()
    assert values(follows) == [0.875] and values(own) == [0.75]


@each_kind
def test_without_a_gradient_a_parameter_and_its_moments_wait(kind, settings):
    waits, never = Parameter(VALUES), Parameter(VALUES)
    opt = kind([waits, never], **settings)
    run(opt, [waits], range(3))
    before, seen = opt.state_dict(), values(waits)
    opt.zero_grad()
    assert waits.grad is None
    with pytest.raises(ValueError, match="no parameter has a gradient: call loss"):
        opt.step()
    assert values(waits) == seen and values(never) == VALUES
    assert_same_state(opt.state_dict(), before)
    run(opt, [waits], range(3, STEPS))
    alone = Parameter(VALUES)
    run(kind([alone], **settings), [alone])
    assert values(waits) == values(alone)


def assert_same_state(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].dtype == other[name].dtype
        assert (to_host(one[name]) == to_host(other[name])).all(), name


@each_kind
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_saved_state_goes_on_bit_for_bit(kind, settings, dtype):
    a, b = Parameter(VALUES, dtype), Parameter([[1.0, 2.0]], dtype)
    opt = kind([{"params": [a]}, {"params": [b], "weight_decay": 0.1}], **settings)
    run(opt, [a, b], range(3))
    state = {name: to_host(array) for name, array in opt.state_dict().items()}      # as a file holds it
    assert state
    a2, b2 = Parameter(to_host(a.data).copy(), dtype), Parameter(to_host(b.data).copy(), dtype)
    run(opt, [a, b], range(3, STEPS))                        # must not reach into the copies in `state`
    again = kind([{"params": [a2]}, {"params": [b2], "weight_decay": 0.1}], **settings)
    again.load_state_dict(state)
    run(again, [a2, b2], range(3, STEPS))
    assert values(a) == values(a2) and values(b) == values(b2)
    assert_same_state(opt.state_dict(), again.state_dict())


def test_a_state_can_be_stored_by_safetensors():
    from safetensors.numpy import load, save
    p = Parameter(np.arange(6.0).reshape(2, 3).T)            # not contiguous
    opt = Adam([p])
    run(opt, [p])
    state = {name: to_host(array) for name, array in opt.state_dict().items()}
    assert sorted(state) == ["m.0", "t.0", "v.0"]
    assert_same_state(load(save(state)), state)


def test_sgd_without_momentum_remembers_nothing():
    opt = SGD([Parameter([1.0])], lr=0.1)
    assert opt.state_dict() == {}
    opt.load_state_dict({})


@pytest.mark.parametrize(("change", "message"), [
    (lambda s: s.pop("m.0"), "missing m.0"),
    (lambda s: s.update(extra=xp.zeros(1)), "unexpected extra"),
    (lambda s: s.update({"v.1": xp.zeros(3)}), r"v.1 should be float64 of shape \(2,\).*\(3,\)"),
    (lambda s: s.update({"v.1": xp.zeros(2, "float32")}), "v.1 should be float64.*float32"),
])
def test_a_foreign_state_changes_nothing(change, message):
    params = [Parameter(VALUES), Parameter([1.0, 2.0])]
    opt = Adam(params)
    run(opt, params)
    before = opt.state_dict()
    foreign = {name: xp.zeros_like(array) for name, array in before.items()}
    change(foreign)
    with pytest.raises(ValueError, match=message) as error:
        opt.load_state_dict(foreign)
    assert "\n" not in str(error.value)
    assert_same_state(opt.state_dict(), before)


@pytest.mark.parametrize(("spoilt", "message"), [
    (xp.zeros(3), r"parameter 1 is float64 of shape \(2,\), its gradient is float64 of shape \(3,\)"),
    (xp.zeros((1, 2)), "its gradient is"),
    (xp.zeros(2, "float32"), "its gradient is float32"),
])
def test_a_gradient_that_does_not_fit_changes_nothing(spoilt, message):
    good, bad = Parameter(VALUES), Parameter([1.0, 2.0])
    opt = Adam([good, bad])
    run(opt, [good, bad], range(2))
    state, before = opt.state_dict(), values(good)
    bad.grad = spoilt
    with pytest.raises(ValueError, match=message):
        opt.step()
    assert values(good) == before
    assert_same_state(opt.state_dict(), state)


def test_a_parameter_that_changed_its_dtype_is_refused():
    p = Parameter(VALUES, "float32")
    opt = Adam([p])
    p.data = p.data.astype("float64")
    give_gradients([p], 0)
    with pytest.raises(ValueError, match="was float32 when the optimiser was made and is float64 now"):
        opt.step()


p, q = Parameter([1.0]), Parameter([2.0])


@pytest.mark.parametrize(("params", "message"), [
    (lambda: [], "no parameters"),
    (lambda: [{"params": []}], "no parameters"),
    (lambda: [p, q, p], "the same parameter is given twice"),
    (lambda: [{"params": [p, q]}, {"params": [q]}], "the same parameter is given twice"),
    (lambda: [{"params": g} for g in [iter([p, q])] * 2], "generator gives its values only once"),
    (lambda: [{"params": [p], "beta": 0.9}], "unknown setting beta .* lr, betas, eps, weight_decay"),
    (lambda: [{"params": [p]}, q], "not a mixture"),
    (lambda: [{"weight_decay": 0.1}], "not a mixture"),
    (lambda: p, "not a single one"),
    (lambda: [{"params": p}], "not a single one"),
    (lambda: ["w"], "parameter 0 is a str"),
    (lambda: [p, Parameter([1], "int64")], "parameter 1 is int64"),
    (lambda: [{"params": [p], "lr": -0.1}], "lr must be"),
    (lambda: [{"params": [p], "betas": (0.9, 1.0)}], r"betas\[1\] must be"),
])
def test_wrong_parameters_and_groups(params, message):
    with pytest.raises(ValueError, match=message) as error:
        Adam(params())
    assert "\n" not in str(error.value)


def test_a_generator_of_parameters_is_enough():
    opt = SGD((x for x in [p, q]), lr=0.1)
    assert len(opt.slots) == 2


@pytest.mark.parametrize(("kind", "settings", "message"), [
    (SGD, {"lr": -0.1}, "lr must be .* >= 0, got -0.1"),
    (SGD, {"lr": math.nan}, "lr must be"),
    (SGD, {"lr": None}, "lr must be"),
    (SGD, {"lr": 0.1, "weight_decay": -1}, "weight_decay must be"),
    (SGD, {"lr": 0.1, "momentum": 1.0}, "momentum must be"),
    (SGD, {"lr": 0.1, "nesterov": True}, "nesterov=True needs a momentum"),
    (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": "yes"}, "nesterov must be True or False"),
    (RMSprop, {"alpha": -0.1}, "alpha must be"),
    (RMSprop, {"eps": 0.0}, "eps must be"),
    (Adam, {"betas": (1.0, 0.9)}, r"betas\[0\] must be"),
    (Adam, {"betas": 0.9}, "betas must be two"),
    (AdamW, {"weight_decay": -0.1}, "weight_decay must be"),
])
def test_settings_out_of_range(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind([p], **settings)


def test_a_negative_lr_is_refused_later_too():
    opt = SGD([p], lr=0.1)
    with pytest.raises(ValueError, match="lr must be"):
        opt.lr = -1.0
    assert opt.lr == 0.1
