#!/usr/bin/env python3
"""What timm, torchvision and Pillow make of a few images with fixed parameters: the fixtures of the tests of augmentation.

    python tools/dev/make_augment_fixtures.py test/runtime/data/fixtures

`operations.txt` has a line per case of RandAugment (operation, level, sign, increasing, interpolation), `operations.npy` what comes
out, and so on. Nothing is drawn: what the libraries would draw is given to them.
"""

import pathlib
import sys
from unittest import mock

import numpy as np
import torch
from PIL import Image
from timm.data import auto_augment
from timm.data import mixup
from torchvision.transforms import functional as F

OPERATIONS = {  # name here: timm's name without and with increasing severity
    "AutoContrast": ("AutoContrast", "AutoContrast"),
    "Equalize": ("Equalize", "Equalize"),
    "Invert": ("Invert", "Invert"),
    "Rotate": ("Rotate", "Rotate"),
    "Posterize": ("Posterize", "PosterizeIncreasing"),
    "Solarize": ("Solarize", "SolarizeIncreasing"),
    "SolarizeAdd": ("SolarizeAdd", "SolarizeAdd"),
    "Color": ("Color", "ColorIncreasing"),
    "Contrast": ("Contrast", "ContrastIncreasing"),
    "Brightness": ("Brightness", "BrightnessIncreasing"),
    "Sharpness": ("Sharpness", "SharpnessIncreasing"),
    "ShearX": ("ShearX", "ShearX"),
    "ShearY": ("ShearY", "ShearY"),
    "TranslateX": ("TranslateXRel", "TranslateXRel"),
    "TranslateY": ("TranslateYRel", "TranslateYRel"),
}
GEOMETRIC = {"Rotate", "ShearX", "ShearY", "TranslateX", "TranslateY"}
ENHANCING = {"Color", "Contrast", "Brightness", "Sharpness"}
FILL = (124, 116, 104)
INTERPOLATIONS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def picture(height=27, width=33):
    """Smooth colours with an edge and some noise, not all values used."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:height, 0:width]
    channels = [60 + 3 * x + y, 200 - 4 * y + x, 40 + 60 * np.sin(x / 4.0) + 60 * np.cos(y / 5.0) + 60]
    image = np.stack(channels, -1) + rng.integers(-12, 13, (height, width, 3))
    image[8:16, 10:22] += np.array([50, -60, 30])
    return np.clip(image, 5, 240).astype(np.uint8)


def operation(image, case):
    name, level, negative, increasing, interpolation = case
    hparams = dict(img_mean=FILL, interpolation=INTERPOLATIONS[interpolation])
    op = auto_augment.AugmentOp(OPERATIONS[name][increasing], prob=1.0, magnitude=level, hparams=hparams)
    with mock.patch.object(auto_augment, "_randomly_negate", lambda v: -v if negative else v):
        return np.asarray(op(Image.fromarray(image)))


def operation_cases():
    for name, spellings in OPERATIONS.items():
        severities = (0, 1) if spellings[0] != spellings[1] else (1,)
        for level in (0.5, 2.5, 9, 10):
            for increasing in severities:
                if name == "Posterize" and level == (10 if increasing else 0.5):
                    continue  # no bit is kept: Pillow of today refuses what it used to make black
                for negative in (0, 1) if name in GEOMETRIC or (increasing and name in ENHANCING) else (0,):
                    for interpolation in INTERPOLATIONS if name in GEOMETRIC else ("bicubic",):
                        yield name, level, negative, increasing, interpolation


def write_operations(folder, image):
    cases = list(operation_cases())
    (folder / "operations.txt").write_text("".join(" ".join(map(str, case)) + "\n" for case in cases))
    np.save(folder / "operations.npy", np.stack([operation(image, case) for case in cases]))


def write_hues(folder, image):
    shifts = [-0.5, -0.31, -0.1, 0.0, 0.05, 0.2, 0.5]
    (folder / "hues.txt").write_text("".join(f"{shift}\n" for shift in shifts))
    np.save(folder / "hues.npy", np.stack([np.asarray(F.adjust_hue(Image.fromarray(image), shift)) for shift in shifts]))


def write_crops(folder, image):
    boxes = [(0, 0, 27, 33), (3, 5, 20, 11), (10, 2, 6, 30), (26, 32, 1, 1), (4, 4, 16, 18)]
    cases = [(*box, name) for box in boxes for name in INTERPOLATIONS]
    (folder / "crops.txt").write_text("".join(" ".join(map(str, case)) + "\n" for case in cases))
    crops = [F.resized_crop(Image.fromarray(image), *case[:4], [16, 18], F.InterpolationMode(case[4])) for case in cases]
    np.save(folder / "crops.npy", np.stack([np.asarray(crop) for crop in crops]))


def mixed(images, labels, share, cuts, center):
    mixer = mixup.Mixup(mixup_alpha=1, cutmix_alpha=1, label_smoothing=0.1, num_classes=5)
    with mock.patch.object(mixer, "_params_per_batch", lambda: (share, cuts)), \
            mock.patch.object(mixup.np.random, "randint", side_effect=list(center)):
        return mixer(torch.from_numpy(images.copy()).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels))


def write_mixes(folder):
    """Rows: share, cutmix or not, centre of the cut; then images and targets."""
    rng = np.random.default_rng(1)
    images, labels = rng.standard_normal((4, 6, 7, 3)).astype(np.float32), np.array([2, 0, 4, 0])
    cases = [(0.3, 0, 0, 0), (0.75, 0, 0, 0), (0.5, 1, 3, 3), (0.2, 1, 0, 6), (0.9, 1, 5, 1)]
    np.save(folder / "mix_input.npy", images)
    (folder / "mixes.txt").write_text("".join(" ".join(map(str, case)) + "\n" for case in cases))
    results = [mixed(images, labels, share, bool(cuts), (y, x)) for share, cuts, y, x in cases]
    np.save(folder / "mixes.npy", np.stack([result[0].permute(0, 2, 3, 1).numpy() for result in results]))
    np.save(folder / "mix_targets.npy", np.stack([result[1].numpy() for result in results]).astype(np.float32))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    image = picture()
    np.save(folder / "input.npy", image)
    write_operations(folder, image)
    write_hues(folder, image)
    write_crops(folder, image)
    write_mixes(folder)


if __name__ == "__main__":
    main()
