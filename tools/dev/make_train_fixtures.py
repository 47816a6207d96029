#!/usr/bin/env python3
"""Writes what PyTorch's and timm's optimizers, clipping, averages and schedulers do to given numbers, in float64.

    python tools/dev/make_train_fixtures.py test/runtime/train/fixtures

The options stand here and in test/runtime/train/OptimizerTest.cpp and ScheduleTest.cpp.
"""

import argparse
import csv
import pathlib

import torch
from safetensors.torch import save_file
from timm.optim.lamb import Lamb
from timm.optim.lion import Lion
from timm.scheduler import create_scheduler_v2
from timm.utils.agc import adaptive_clip_grad

SHAPES = [(5, 7), (7,), (4, 3, 3, 3), (6, 4), (6,)]  # vectors have no weight decay
STEPS = 6
RATES = [0.001, 0.01, 0.02, 0.015, 0.01, 0.002]


def draw(generator):
    """Weights, and gradients per step; the third step has a large one, so that norms are clipped there."""
    weights = [torch.randn(shape, generator=generator, dtype=torch.float64).float().double() for shape in SHAPES]
    scales = [0.05, 0.02, 3.0, 0.1, 0.01, 0.2]
    gradients = [[(scale * torch.randn(shape, generator=generator, dtype=torch.float64)).float().double()
                  for shape in SHAPES] for scale in scales]
    return weights, gradients


def groups_of(parameters, decay):
    return [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0}]


OPTIMIZERS = {
    "adamw": lambda p: torch.optim.AdamW(groups_of(p, 0.05), betas=(0.9, 0.999), eps=1e-8),
    "lamb": lambda p: Lamb(groups_of(p, 0.05), betas=(0.9, 0.999), eps=1e-6, max_grad_norm=1.0),
    "sgd": lambda p: torch.optim.SGD(groups_of(p, 0.01), momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(groups_of(p, 0.01), momentum=0.9, nesterov=True),
    "lion": lambda p: Lion(groups_of(p, 0.05), betas=(0.9, 0.99)),
}


def clip_norm(parameters):
    torch.nn.utils.clip_grad_norm_(parameters, 0.5)


def clip_value(parameters):
    torch.nn.utils.clip_grad_value_(parameters, 0.1)


def clip_agc(parameters):
    adaptive_clip_grad(parameters[:-2], 0.05)  # as timm's trainer calls it: without the classifier


def run_optimizer(make, weights, gradients):
    parameters = [torch.nn.Parameter(w.clone()) for w in weights]
    optimizer = make(parameters)
    average = None
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATES[step]
        for parameter, gradient in zip(parameters, gradients[step]):
            parameter.grad = gradient.clone()
        optimizer.step()
        # timm's ModelEmaV3: a copy at the first update, then lerp.
        values = [p.detach().clone() for p in parameters]
        average = values if average is None else [a.lerp(v, 1 - 0.9) for a, v in zip(average, values)]
    return [p.detach() for p in parameters], average


def run_clip(clip, weights, gradients):
    parameters = [torch.nn.Parameter(w.clone()) for w in weights]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.clone()
    clip(parameters)
    return [p.grad for p in parameters]


def write_optimizers(path):
    weights, gradients = draw(torch.Generator().manual_seed(7))
    tensors = {}

    def put(name, values):
        for i, value in enumerate(values):
            tensors[f"{name}/{i}"] = value.contiguous()

    put("weights", weights)
    for step in range(STEPS):
        put(f"gradients{step}", gradients[step])
    for name, make in OPTIMIZERS.items():
        parameters, average = run_optimizer(make, weights, gradients)
        put(name, parameters)
        put(f"{name}_average", average)
    for name, clip in {"norm": clip_norm, "value": clip_value, "agc": clip_agc}.items():
        put(f"clip_{name}", run_clip(clip, weights, gradients[3]))
    save_file(tensors, str(path))


SCHEDULES = {
    "cosine": dict(sched="cosine", num_epochs=30, warmup_epochs=5, warmup_lr=1e-6, min_lr=1e-5),
    "cosine_prefix": dict(sched="cosine", num_epochs=20, warmup_epochs=5, warmup_lr=1e-6, min_lr=1e-5, warmup_prefix=True),
    "cosine_cooldown": dict(sched="cosine", num_epochs=20, cooldown_epochs=10, min_lr=1e-5),
    "cosine_updates": dict(sched="cosine", num_epochs=30, warmup_epochs=3, warmup_lr=1e-6, min_lr=1e-5,
                           step_on_epochs=False),
    "step": dict(sched="step", num_epochs=30, decay_epochs=8, decay_rate=0.3, warmup_epochs=4, warmup_lr=1e-6),
    "step_updates": dict(sched="step", num_epochs=30, decay_epochs=2.5, decay_rate=0.9, step_on_epochs=False),
    "multistep": dict(sched="multistep", num_epochs=30, decay_milestones=[8, 20], decay_rate=0.2, warmup_epochs=2,
                      warmup_lr=1e-6, warmup_prefix=False),
    "multistep_updates": dict(sched="multistep", num_epochs=28, decay_milestones=[8, 20], decay_rate=0.2, warmup_epochs=2,
                              warmup_lr=1e-6, warmup_prefix=True, step_on_epochs=False),
    "constant": dict(sched="constant", num_epochs=30, warmup_epochs=3, warmup_lr=1e-5),
}
RATE, UPDATES_PER_EPOCH = 4e-3, 7


def write_schedules(path):
    with open(path, "w", encoding="ascii", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["case", "epoch", "update", "rate"])
        for name, options in SCHEDULES.items():
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
            scheduler, epochs = create_scheduler_v2(optimizer, updates_per_epoch=UPDATES_PER_EPOCH, **options)
            assert epochs in (30, 25), (name, epochs)
            update = 0
            for epoch in range(epochs):
                for _ in range(UPDATES_PER_EPOCH):
                    if update % 3 == 0:  # enough of them
                        rows.writerow([name, epoch, update, repr(optimizer.param_groups[0]["lr"])])
                    update += 1
                    scheduler.step_update(num_updates=update)
                scheduler.step(epoch + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    write_optimizers(folder / "optimizers.safetensors")
    write_schedules(folder / "schedules.csv")


if __name__ == "__main__":
    main()
