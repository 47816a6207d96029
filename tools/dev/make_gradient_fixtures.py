#!/usr/bin/env python3
"""Makes the fixtures of the gradient tests: gradients of the originals in float64, and how far PyTorch's float32 is off.

The models, their parameters and images are those of make_timm_fixtures.py; the loss is the sum over two images of the cross entropy
with soft targets made by archc_random.py. Of each gradient test/e2e/gradients/NAME.json keeps what tells a wrong one from a right one:
its norm and its products with four random vectors, in float64, and the norm of float32's error, the largest over 1 and 2 threads and
both memory formats. Gradients of fewer than 64 elements are pooled: those of one kind (`norm1.weight`) are one vector per model, in
the order of the state dict.

    .venv/bin/python tools/dev/make_gradient_fixtures.py [NAME...]
"""

import argparse
import json
import math
import pathlib
import sys

import numpy as np
import timm
import torch

import archc_random
from fixture_cases import CASES
from make_timm_fixtures import ROOT, randomise

IMAGES = 2
PROJECTIONS = 4
POOLED_BELOW = 64
TARGET_RULE = (210000, 200000)
NAMES = ("convformer_odd1", "convformer_s18", "caformer_odd1", "caformer_odd2", "poolformer_odd1", "poolformer_odd2",
         "poolformer_sail_odd1", "poolformerv2_odd1", "identityformer_odd1", "randformer_odd1", "metaformer_odd2", "metaformer_odd4")


def kind_of(name):
    return ".".join(name.split(".")[-2:])


def gradients(model, images, targets):
    """The loss and, by parameter or pooled kind, the gradients of the summed loss, in float64."""
    model.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(images), targets, reduction="sum")
    loss.backward()
    vectors = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = name if parameter.numel() >= POOLED_BELOW else "*." + kind_of(name)
            vectors.setdefault(key, []).append(parameter.grad.double().flatten())
    return loss.item(), {key: torch.cat(parts) for key, parts in vectors.items()}


def float32_errors(model, images, targets, truth):
    errors = dict.fromkeys(truth, 0.0)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for layout in (torch.contiguous_format, torch.channels_last):
            _, found = gradients(model.to(memory_format=layout), images.to(memory_format=layout), targets)
            for key, vector in found.items():
                errors[key] = max(errors[key], (vector - truth[key]).norm().item())
    return errors


def projections(seed, key, vector):
    directions = [archc_random.values(seed, f"{key}.projection{i}", 0, vector.numel(), (0, archc_random.ONE))
                  for i in range(PROJECTIONS)]
    return [math.fsum(vector.numpy() * direction.astype(np.float64)) for direction in directions]


def make(case):
    model = case.build().eval()
    randomise(model, case.seed)
    images = torch.from_numpy(archc_random.images(case.seed, 0, (IMAGES, *case.input)))
    classes = model(images).shape[1]
    targets = torch.from_numpy(archc_random.values(case.seed, "targets", 0, IMAGES * classes, TARGET_RULE).reshape(IMAGES, classes))
    torch.set_num_threads(2)
    loss, truth = gradients(model.double(), images.double(), targets.double())
    errors = float32_errors(model.float(), images, targets, truth)
    return {
        "name": case.name,
        "spec": case.spec,
        "origin": case.origin,
        "seed": case.seed,
        "images": IMAGES,
        "loss": loss,
        "gradients": {key: {"size": vector.numel(), "norm": vector.norm().item(), "float32_error": errors[key],
                            "projections": projections(case.seed, key, vector)} for key, vector in truth.items()},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"cases; default {', '.join(NAMES)}")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "test/e2e/gradients")
    arguments = parser.parse_args()
    if timm.__version__ != "1.0.31":
        sys.exit(f"timm is {timm.__version__}; expected 1.0.31, which the fixtures are defined by")
    arguments.output.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        if case.name not in (arguments.names or NAMES):
            continue
        fixture = make(case)
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fixture.pop("gradients").items())
        text = json.dumps(fixture, indent=1)[:-2] + ',\n "gradients": {\n' + lines + "\n }\n}\n"
        (arguments.output / f"{case.name}.json").write_text(text)
        entries = json.loads(text)["gradients"].values()
        worst = max(entry["float32_error"] / entry["norm"] for entry in entries if entry["norm"] > 1e-9)
        print(f"{case.name}: loss {fixture['loss']:.6g}, {len(entries)} vectors, largest relative float32 error {worst:.2g}, "
              f"smallest norm {min(entry['norm'] for entry in entries):.2g}", flush=True)


if __name__ == "__main__":
    main()
