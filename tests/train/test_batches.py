"""What a net is fed: geometry, augmentation drawn from (seed, epoch), normalisation."""

import pytest
import torch

from cnnspec.train.augment import crop_batch, draw, indexed
from cnnspec.train.batches import Batches, padded
from cnnspec.train.datasets.base import Augment, Dataset, pair
from cnnspec.train.errors import UsageError
from cnnspec.train.feed import statistics
from cnnspec.train.geometry import Geometry, fit, geometry, stored_size
from cnnspec.train.recipe import DataRecipe

CPU = torch.device("cpu")


def dataset(count: int = 10, size: int = 6, channels: int = 3) -> Dataset:
    generator = torch.Generator().manual_seed(1)
    shape = (count, size, size, channels)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    images = pair(pixels, torch.arange(count) % 2)
    return Dataset("made", images, images, ["a", "b"], Augment(pad=1 / 3, flip=True))


def plain(size: int = 6, pad: int = 0, flip: bool = False, pca: bool = False) -> Geometry:
    return Geometry((size, size), (size, size), pad, flip, pca)


def test_t10_order_and_augmentation_depend_on_seed_and_epoch_only() -> None:
    first, again = draw(50, plain(pad=2), 3, 7), draw(50, plain(pad=2), 3, 7)
    assert torch.equal(first.order, again.order)
    assert torch.equal(first.left, again.left)
    for other in (draw(50, plain(pad=2), 3, 8), draw(50, plain(pad=2), 4, 7)):
        assert not torch.equal(first.order, other.order)


def test_t10_a_batch_does_not_depend_on_those_taken_before() -> None:
    made = [Batches(dataset(), plain(pad=1, flip=True), 3, 0, CPU) for _ in range(2)]
    for step in range(5):
        made[0].take(step)
    for mine, theirs in zip(made[0].take(5), made[1].take(5), strict=True):
        assert torch.equal(mine, theirs)


def test_every_image_of_an_epoch_comes_once_and_all_offsets_come() -> None:
    drawn = draw(5000, plain(pad=2, flip=True), 0, 0)
    assert sorted(drawn.order.tolist()) == list(range(5000))
    assert set(drawn.top.tolist()) == set(drawn.left.tolist()) == {0, 1, 2, 3, 4}
    assert 0.45 < drawn.flip.float().mean() < 0.55


def test_crop_and_flip_are_those_of_slicing() -> None:
    cut = plain(pad=2, flip=True)
    found = dataset()
    pixels = padded(found.train.pixels, 2, statistics(found.train.pixels))
    drawn = draw(10, cut, 0, 0)
    batch = crop_batch(pixels, cut, drawn, slice(0, 10))
    for place in range(10):
        top, left = int(drawn.top[place]), int(drawn.left[place])
        wanted = pixels[drawn.order[place], top : top + 6, left : left + 6]
        wanted = wanted.flip(1) if drawn.flip[place] else wanted
        assert torch.equal(batch[place], wanted)
    assert drawn.flip.any() and not drawn.flip.all()
    assert torch.equal(indexed(pixels, cut.crop, drawn), batch), "as a GPU does it"


def test_the_border_is_the_mean_pixel_for_colour_and_black_for_grey() -> None:
    colour, grey = dataset(), dataset(channels=1)
    found = statistics(colour.train.pixels)
    border = padded(colour.train.pixels, 1, found)[0, 0, 0]
    assert border.tolist() == [round(value * 255) for value in found.mean]
    assert padded(grey.train.pixels, 1, statistics(grey.train.pixels))[0, 0, 0].tolist() == [0]


def test_images_are_normalised_and_channels_last() -> None:
    found = dataset(count=200)
    images, labels = Batches(found, plain(), 200, 0, CPU).take(0)
    assert images.shape == (200, 3, 6, 6)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert images.mean((0, 2, 3)).abs().max() < 1e-5
    assert (images.std((0, 2, 3)) - 1).abs().max() < 1e-3
    assert labels.dtype == torch.int64


def test_pca_shades_shift_whole_channels() -> None:
    a = Batches(dataset(), plain(), 4, 0, CPU).take(0)[0]
    b = Batches(dataset(), plain(pca=True), 4, 0, CPU).take(0)[0]
    shift = b - a
    assert shift.abs().max() > 1e-4
    assert (shift - shift[:, :, :1, :1]).abs().max() < 1e-5


def test_a_batch_larger_than_the_set_is_refused() -> None:
    with pytest.raises(UsageError, match="a batch of 11 is larger than the 10 training images"):
        Batches(dataset(), plain(), 11, 0, CPU)


@pytest.mark.parametrize(
    ("recipe", "crop", "stored"),
    [
        (DataRecipe(), (32, 32), (32, 32)),
        (DataRecipe(crop=32, pad=4), (32, 32), (32, 32)),
        (DataRecipe(resize=256, crop=224), (224, 224), (256, 256)),
        (DataRecipe(crop=224), (224, 224), (256, 256)),
        (DataRecipe(resize=256, crop=224), (112, 112), (128, 128)),
    ],
)
def test_m7_the_stored_size_follows_the_recipe_and_the_input(
    recipe: DataRecipe, crop: tuple[int, int], stored: tuple[int, int]
) -> None:
    assert stored_size(recipe, crop) == stored


def test_a_silent_recipe_gets_the_data_sets_augmentation_and_another_does_not() -> None:
    assert geometry(DataRecipe(), dataset(), (6, 6), 3) == plain(pad=2, flip=True)
    assert geometry(DataRecipe(flip=True), dataset(), (6, 6), 3) == plain(flip=True)


def test_t1_what_is_done_to_the_images_is_said() -> None:
    fitted, notes = fit(dataset(channels=1), (12, 12), 3)
    assert notes == ["grey as 3 channels", "6x6 resized to 12x12"]
    assert (fitted.size, fitted.channels) == ((12, 12), 3)
    with pytest.raises(UsageError, match="made has 3 channels and the net takes 1"):
        fit(dataset(), (6, 6), 1)


def test_n3_the_mean_image_is_subtracted_before_padding_as_in_the_paper() -> None:
    """He et al. 2015, section 4.2: each pixel less its mean, a border of zeros, then the crop."""
    cut = Geometry((6, 6), (6, 6), 2, True, False, pixel_mean=True)
    found = dataset()
    made = Batches(found, cut, 10, 0, CPU)
    deviation = torch.tensor(made.statistics.std)
    pixels = found.train.pixels.float() / 255
    whole = (pixels - pixels.mean(0)) / deviation
    framed = torch.zeros(10, 10, 10, 3)
    framed[:, 2:8, 2:8] = whole
    images, _ = made.take(0)
    drawn = draw(10, cut, 0, 0)
    for place in range(10):
        top, left = int(drawn.top[place]), int(drawn.left[place])
        wanted = framed[drawn.order[place], top : top + 6, left : left + 6]
        wanted = wanted.flip(1) if drawn.flip[place] else wanted
        assert torch.allclose(images[place].permute(1, 2, 0), wanted, atol=1e-4)
    tested, _ = next(made.test(10))
    assert torch.allclose(tested.permute(0, 2, 3, 1), whole, atol=1e-4)
    assert images.is_contiguous(memory_format=torch.channels_last)
