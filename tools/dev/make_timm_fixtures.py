#!/usr/bin/env python3
"""Makes the fixtures of the exactness tests: logits of the originals in float64, and how far they are off in float32.

For every case a model is built with timm (or from the definitions in fixture_models.py where timm has none), every parameter and
running statistic is filled by archc_random.py, and eight images of the same generator go through it. What is written to
test/e2e/fixtures/NAME.json is only what a test cannot make itself: the logits (float64, base64 of little-endian bytes, [image][class])
and the largest error of float32 over 1 and 2 threads, both memory formats and the batch sizes 1, 3 and 7.

    python3 -m venv .venv && .venv/bin/pip install torch torchvision timm==1.0.31
    .venv/bin/python tools/dev/make_timm_fixtures.py [NAME...]
"""

import argparse
import base64
import json
import math
import pathlib
import sys

import numpy as np
import timm
import torch

import archc_random
from fixture_cases import CASES
from fixture_models import Attention

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = 8
BATCHES = (1, 3, 7)


def randomise(model, seed):
    """Fills parameters and running statistics; what is not floating point (a counter) stays."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(archc_random.parameter(seed, name, tuple(tensor.shape))))


def forward(model, images, batch):
    with torch.inference_mode():
        return torch.cat([model(part) for part in images.split(batch)])


def float32_error(model, images, truth):
    worst = 0.0
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for layout in (torch.contiguous_format, torch.channels_last):
            laid_out = model.to(memory_format=layout)
            for batch in BATCHES:
                logits = forward(laid_out, images.to(memory_format=layout), batch)
                worst = max(worst, (logits.double() - truth).abs().max().item())
    return worst


def attention_entropies(model, images):
    """For every attention: mean entropy of its softmax over that of the uniform distribution."""
    ratios = []

    def measure(module, inputs, output):
        batch, tokens, _ = output.shape
        q, k, _ = output.reshape(batch, tokens, 3, module.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1)
        entropy = torch.special.entr(weights).sum(-1).mean().item()
        ratios.append(entropy / math.log(tokens))

    hooks = []
    for module in model.modules():
        if isinstance(module, Attention):
            module.qkv.heads = module.num_heads
            hooks.append(module.qkv.register_forward_hook(measure))
    forward(model, images, IMAGES)
    for hook in hooks:
        hook.remove()
    return ratios


def make(case):
    model = case.build().eval()
    randomise(model, case.seed)
    images = torch.from_numpy(archc_random.images(case.seed, 0, (IMAGES, *case.input)))
    torch.set_num_threads(2)
    model64 = model.double()
    truth = forward(model64, images.double(), IMAGES)
    entropies = attention_entropies(model64, images.double())
    if not torch.isfinite(truth).all() or any(ratio >= 0.5 for ratio in entropies):
        sys.exit(f"{case.name}: the parameters are no good (entropies {entropies}, largest logit {truth.abs().max()})")
    error = float32_error(model.float(), images, truth)
    return {
        "name": case.name,
        "spec": case.spec,
        "origin": case.origin,
        "seed": case.seed,
        "images": IMAGES,
        "batches": list(BATCHES),
        "input_nchw": list(case.input),
        "classes": truth.shape[1],
        "float32_error": error,
        "largest_logit": truth.abs().max().item(),
        "logits": base64.b64encode(truth.numpy().astype("<f8").tobytes()).decode(),
    }, truth, entropies


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="cases; default all")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "test/e2e/fixtures")
    arguments = parser.parse_args()
    if timm.__version__ != "1.0.31":
        sys.exit(f"timm is {timm.__version__}; expected 1.0.31, which the fixtures are defined by")
    for case in CASES:
        if arguments.names and case.name not in arguments.names:
            continue
        fixture, truth, entropies = make(case)
        (arguments.output / f"{case.name}.json").write_text(json.dumps(fixture, indent=1) + "\n")
        spread = (truth - truth.mean(0)).std() / truth.std()
        print(f"{case.name}: largest logit {fixture['largest_logit']:.3g}, float32 error {fixture['float32_error']:.3g}, "
              f"spread over images {spread:.2f}, largest entropy ratio {max(entropies, default=0):.2f}", flush=True)


if __name__ == "__main__":
    main()
