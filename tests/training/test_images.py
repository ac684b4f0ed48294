"""The task of images: batches, augmentation, measures, files to classify, what is refused."""
import os

import numpy as np
import pytest

from tinyseq import models
from tinyseq.backend import manual_seed, to_host
from tinyseq.data import ImageParts, Images
from tinyseq.layers import MultiHeadAttention
from tinyseq.models import attention_cnn, attention_resnet
from tinyseq.pictures import ImageAttention, attention_over_images
from tinyseq.training import Recipe, images, train
from tinyseq.training.augment import FARTHEST, augmented
from tinyseq.training.images import ImageTask
from tinyseq.training.settings import divide

needs_data = pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")
RECIPE = Recipe(steps=30, batch=20, lr=0.02, evaluate_every=15, threads=1)
SIDE = 14
SIZES = {"C1": 3, "C2": 4, "kernel": 3, "H": 8, "num_heads": 2, "dropout": 0.0}


def stripes(n, seed, channels=1):
    """Images of three kinds, told apart by what is bright: some rows, some columns, or neither."""
    rng = np.random.default_rng(seed)
    pixels, labels = rng.integers(0, 100, (n, channels, SIDE, SIDE), np.uint8), np.arange(n) % 3
    for image, label in zip(pixels, labels, strict=True):
        at = rng.integers(2, SIDE - 4)
        if label == 1:
            image[:, at:at + 2] = 250
        elif label == 2:
            image[:, :, at:at + 2] = 250
    return Images(pixels, labels)


PARTS = ImageParts(stripes(120, 0), stripes(30, 1), stripes(36, 2), ("none", "row", "column"))


def task_on(parts=PARTS, recipe=RECIPE):
    return ImageTask("mnist", parts, recipe)


def model_of(task, page=attention_cnn, **settings):
    manual_seed(0)
    sizes = {attention_cnn: SIZES, attention_resnet: {"depth": 10, "width": 4, "stages": 2, "attention_from": 2}}[page]
    return page.Model(page.Config(**{**sizes, **settings}, **task.sizes))


# Batches ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_standardised_by_the_training_part_colour_by_colour(channels):
    parts = ImageParts(*(stripes(n, n, channels) for n in (60, 9, 9)), PARTS.names)
    task = task_on(parts, Recipe(batch=60))
    batch = task.batch(0)
    assert batch.images.dtype == "float32" and batch.images.shape == (60, channels, SIDE, SIDE)
    assert task.sizes == {"K": 3, "channels": channels, "size": SIDE}
    np.testing.assert_allclose(batch.images.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(batch.images.std(axis=(0, 2, 3)), 1, atol=1e-5)
    other = parts._replace(validation=Images(parts.validation.pixels // 2, parts.validation.labels), test=PARTS.test)
    assert task_on(other).saved == task.saved


def test_an_epoch_has_each_image_once_with_its_label():
    task = task_on()
    batches = [task.batch(step) for step in range(6)]
    found = [(image.tobytes(), label) for batch in batches for image, label in zip(batch.images, batch.labels,
                                                                                   strict=True)]
    given = task.encoder.batch(PARTS.train.pixels).images
    assert sorted(found) == sorted((image.tobytes(), label) for image, label in zip(given, PARTS.train.labels,
                                                                                    strict=True))
    assert len({image for image, _ in found}) == 120


def test_pixels_stay_bytes_until_they_are_in_a_batch():
    assert task_on().parts.train.pixels.dtype == np.uint8


@pytest.mark.parametrize("augment", ["shift", "flip", "shift_flip"])
def test_batches_depend_on_seed_and_step_alone(augment):
    recipes = [Recipe(batch=20, augment=augment, seed=seed) for seed in (1, 1, 2)]
    task, again, other = (task_on(recipe=recipe) for recipe in recipes)
    task.batch(0)
    np.testing.assert_array_equal(task.batch(7).images, again.batch(7).images)
    assert not np.array_equal(task.batch(7).images, other.batch(7).images)
    assert not np.array_equal(np.sort(task.batch(0).images, axis=0), np.sort(task.batch(6).images, axis=0))


# Augmentation -----------------------------------------------------------------------------------------------

def moved(image, down, right):
    """(C, height, width), moved, 0 where nothing was."""
    out = np.zeros_like(image)
    _, height, width = image.shape
    out[:, max(down, 0):height + min(down, 0), max(right, 0):width + min(right, 0)] = image[
        :, max(-down, 0):height + min(-down, 0), max(-right, 0):width + min(-right, 0)]
    return out


@pytest.mark.parametrize("way", ["shift", "flip", "shift_flip"])
def test_every_image_is_moved_in_its_own_way_and_perhaps_mirrored(way):
    pixels = np.random.default_rng(0).integers(1, 256, (200, 2, 6, 7), np.uint8)
    before, steps, seen = pixels.copy(), range(-FARTHEST, FARTHEST + 1), set()
    for image, changed in zip(pixels, augmented(pixels, way, 3, 5), strict=True):
        ways = [(down, right, flip) for down in steps for right in steps for flip in (False, True)
                if np.array_equal(changed, moved(image, down, right)[:, :, ::-1 if flip else 1])]
        assert len(ways) == 1
        seen.update(ways)
    assert {flip for *_, flip in seen} == ({False, True} if "flip" in way else {False})
    assert {down for down, *_ in seen} == {right for _, right, _ in seen} == (set(steps) if "shift" in way else {0})
    np.testing.assert_array_equal(pixels, before)
    assert augmented(pixels, "none", 3, 5) is pixels


@pytest.mark.parametrize("page", [attention_cnn, attention_resnet])
def test_digits_are_never_mirrored(page):
    """They would be others, or none."""
    for name in page.PRESETS:
        recipe = Recipe(**divide(models.preset(page, name, "mnist"), page.Config)[0])
        assert recipe.augment in ("none", "shift")


# Measures ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("page", [attention_cnn, attention_resnet])
def test_a_short_training_tells_them_apart(page):
    recipe = Recipe(steps=60, batch=20, lr=0.01, evaluate_every=30, augment="shift", threads=2)
    task = task_on(recipe=recipe)
    model = model_of(task, page)
    progress = train(model, task, recipe)
    model.load_state_dict(progress.best_weights)
    assert progress.best <= 0.1 and model.training
    found = task.test(model)
    assert list(found) == ["accuracy", "nearest class mean"] and found["accuracy"] >= 0.9
    assert task.report(model) == (f"test accuracy {found['accuracy']:.2%}  (nearest class mean "
                                  f"{found['nearest class mean']:.2%})")
    assert len(task.sample(model).splitlines()) == 1 + images.SHOWN + 1
    assert task.describe(progress.best) == f"validation accuracy {1 - progress.best:.2%}"


def test_the_nearest_class_mean_by_hand():
    pixels = np.array([0, 10, 200, 220, 90, 120], np.uint8).reshape(6, 1, 1, 1)
    parts = ImageParts(Images(pixels[:4], np.array([0, 0, 1, 1])), Images(pixels[4:], np.array([0, 0])),
                       Images(pixels[4:], np.array([0, 1])), ("dark", "bright"))
    task = task_on(parts)                                  # means 5 and 210, so the border is 107.5
    assert task._by_means(parts.validation) == 0.5 and task._by_means(parts.test) == 1.0
    assert task.baseline() == "to beat in validation, accuracy: nearest class mean 50.00%"


def test_the_test_part_is_measured_and_no_other():
    wrong = PARTS._replace(test=Images(PARTS.test.pixels[:9], np.full(9, 2)))
    task = task_on(wrong)
    model = model_of(task)
    found = task.encoder.probabilities(model, wrong.test.pixels).argmax(axis=1)
    assert task.test(model)["accuracy"] == (found == 2).mean()


def test_what_is_predicted_alone_is_what_is_predicted_together(monkeypatch):
    task = task_on()
    model = model_of(task, attention_resnet).astype("float64")
    together = task.encoder.probabilities(model, PARTS.test.pixels)
    monkeypatch.setattr(images, "TOGETHER", 1)
    np.testing.assert_allclose(task.encoder.probabilities(model, PARTS.test.pixels), together, atol=1e-6)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-12)


# Where a model looks ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("page, settings, side", [
    (attention_cnn, {"attention": 1, "C1": 4}, 6), (attention_cnn, {"attention": 2}, 2),
    (attention_resnet, {"num_heads": 2}, 7), (attention_resnet, {"attention_from": 1, "num_heads": 2}, 14)])
def test_the_places_of_an_image_and_where_they_look(tmp_path, monkeypatch, page, settings, side):
    task = task_on()
    model = model_of(task, page, **settings).eval()
    before = {name: to_host(array) for name, array in model.state_dict().items()}
    shown = PARTS.test.pixels[:3]
    weights = to_host(model.attention_weights(task.encoder.batch(shown)))
    assert weights.shape == (3, 2, side ** 2, side ** 2)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    seen, called = [], MultiHeadAttention.__call__
    monkeypatch.setattr(MultiHeadAttention, "__call__", lambda *given: seen.append(called(*given)) or seen[-1])
    model(task.encoder.batch(shown))
    np.testing.assert_array_equal(to_host(seen[0][1].data), weights)                # what the model itself uses
    attention_over_images(tmp_path / "maps.png", [ImageAttention(image[0], of_image) for image, of_image in
                                                  zip(shown, weights, strict=True)], (side, side), (1, 0), "mnist")
    assert (tmp_path / "maps.png").exists()
    assert all(np.array_equal(to_host(array), before[name]) for name, array in model.state_dict().items())


@pytest.mark.parametrize("page, none, repair", [(attention_cnn, {"attention": 0}, "attention=1 or attention=2"),
                                                (attention_resnet, {"attention_from": 5}, "attention_from=1, 2, 3")])
def test_a_network_without_attention_looks_nowhere(page, none, repair):
    task = task_on()
    with pytest.raises(ValueError, match=f"no .*attention: .*{repair}"):
        model_of(task, page, **none).attention_weights(task.batch(0))


# Files ------------------------------------------------------------------------------------------------------

def save_png(path, pixels):
    from matplotlib.image import imsave
    imsave(path, pixels)


def test_files_are_read_as_the_images_they_are(tmp_path):
    grey, coloured = task_on(), task_on(ImageParts(*(stripes(9, n, 3) for n in range(3)), PARTS.names))
    image = stripes(3, 5, 3).pixels[1].transpose(1, 2, 0)                           # (height, width, 3)
    np.save(tmp_path / "a.npy", image)
    np.save(tmp_path / "grey.npy", image[:, :, 0])
    save_png(tmp_path / "a.png", image)                                             # with transparency
    for name in ("a.npy", "a.png"):
        np.testing.assert_array_equal(coloured.encoder.read(str(tmp_path / name)), image.transpose(2, 0, 1))
        np.testing.assert_array_equal(grey.encoder.read(str(tmp_path / name))[0], image.mean(axis=2).round())
    np.testing.assert_array_equal(grey.encoder.read(str(tmp_path / "grey.npy"))[0], image[:, :, 0])
    assert coloured.encoder.read(str(tmp_path / "grey.npy")).shape == (3, SIDE, SIDE)


def test_each_file_gets_its_label_and_its_probability(tmp_path):
    task = task_on()
    model = model_of(task)
    train(model, task, RECIPE)
    for n in (1, 2):
        np.save(tmp_path / f"{n}.npy", PARTS.test.pixels[n, 0])
    paths = [str(tmp_path / "1.npy"), str(tmp_path / "2.npy")]
    found = task.encoder.probabilities(model, PARTS.test.pixels[1:3])
    assert ImageTask.predict(model, task.saved, paths) == [
        f"{PARTS.names[p.argmax()]}  {p.max():.3f}  {path}" for p, path in zip(found, paths, strict=True)]


@pytest.mark.parametrize("name, write, message", [
    ("a.npy", lambda path: np.save(path, np.zeros((SIDE, SIDE + 1), np.uint8)),
     "has 14 x 15 pixels; the model takes 14 x 14: cut or scale it"),
    ("a.npy", lambda path: np.save(path, np.zeros((SIDE, SIDE))), "should hold bytes .* it has float64"),
    ("a.npy", lambda path: np.save(path, np.zeros(SIDE, np.uint8)), r"should hold bytes .* of shape \(14,\)"),
    ("a.npy", lambda path: path.write_bytes(b"none"), "is no image that can be read"),
    ("a.png", lambda path: path.write_text("none"), "is no image that can be read"),
    ("a.txt", lambda path: path.write_text("none"), "is no image that can be read"),
    ("a.png", lambda path: None, "there is no file .*a.png"),
])
def test_another_file_is_refused(tmp_path, name, write, message):
    task = task_on()
    write(tmp_path / name)
    with pytest.raises(ValueError, match=message):
        ImageTask.predict(model_of(task), task.saved, [str(tmp_path / name)])


# Data -------------------------------------------------------------------------------------------------------

@needs_data
@pytest.mark.parametrize("name, labels", [("mnist", 10), ("fashion-mnist-5-9", 5)])
def test_each_corpus_is_found_again(name, labels):
    task = ImageTask.prepare(RECIPE, name)
    again = ImageTask.prepare(RECIPE, name, task.saved)
    np.testing.assert_array_equal(again.batch(3).images, task.batch(3).images)
    assert task.sizes == {"K": labels, "channels": 1, "size": 28} and name in task.note


def test_data_that_have_changed_are_refused(monkeypatch):
    monkeypatch.setitem(images.CORPORA, "mnist", images.CORPORA["mnist"]._replace(load=lambda: PARTS))
    saved = ImageTask.prepare(RECIPE, "mnist").saved
    assert ImageTask.prepare(RECIPE, "mnist", saved).saved == saved
    with pytest.raises(ValueError, match=r"images or labels of .* are no longer those that this run was trained on"):
        ImageTask.prepare(RECIPE, "mnist", {**saved, "labels": ["a"]})


def test_an_unknown_corpus_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no images 'imagenet'; there are fashion-mnist, fashion-mnist-0-4"):
        ImageTask.prepare(RECIPE, "imagenet")


def test_another_corpus_is_not_measured():
    task = task_on()
    with pytest.raises(ValueError, match="knows its labels alone: leave --corpus out"):
        ImageTask.evaluate(model_of(task), RECIPE, task.saved, "cifar-10")


def test_images_of_another_size_are_refused():
    task = task_on()
    batch = task.batch(0)
    batch.images = batch.images[:, :, 1:]
    for page in (attention_cnn, attention_resnet):
        with pytest.raises(ValueError, match=r"takes images \(B, 1, 14, 14\); got \(20, 1, 13, 14\): cut or scale"):
            model_of(task, page).loss(batch)
