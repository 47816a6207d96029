#!/usr/bin/env python3
"""Trains the same model on the same batches with archc and with PyTorch, and compares the losses with float64's.

For each optimizer and seed: 100 updates from the same weights, no random augmentation, weight-decay groups as timm makes them,
cosine schedule with warm-up per update, gradient clipping, an average of the weights. The figure is the mean over the updates of
|loss - loss of float64|; archc passes when the median of its figures over the seeds is at most twice the larger one of PyTorch's in
float32, on 1 and on 2 threads.

    python tools/dev/compare_trajectory.py --archc build/bin/archc --seeds 5
"""

import argparse
import copy
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from timm.optim.lamb import Lamb
from timm.scheduler.cosine_lr import CosineLRScheduler

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from train_fashion_mnist import DEFAULT_DATA, MEAN, STD, build_model, parameter_groups, read_split  # noqa: E402

UPDATES, BATCH, WARMUP, CLIP, AVERAGE = 100, 32, 0.1, 1.0, 0.9
OPTIMIZERS = {
    "adamw": (lambda groups, rate: torch.optim.AdamW(groups, lr=rate), 1e-3, 0.05, 'kind = "adamw"'),
    "lamb": (lambda groups, rate: Lamb(groups, lr=rate, eps=1e-6), 4e-3, 0.05, 'kind = "lamb"\neps = 1e-6'),
    "sgd": (lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True), 2e-2, 1e-4,
            'kind = "sgd"\nmomentum = 0.9\nnesterov = true'),
}
RECIPE = """[run]
edition = 1
name = "trajectory"
epochs = 1
log_every = 1
[data]
batch = {batch}
shuffle = false
[optimizer]
{optimizer}
rate = {rate}
weight_decay = {decay}
clip = {{ kind = "norm", limit = {clip} }}
[schedule]
kind = "cosine"
per = "step"
warmup_epochs = {warmup}
warmup_rate = 1e-6
min_rate = 1e-5
[ema]
decay = {average}
"""


def write_data(folder, images, labels):
    folder.mkdir()
    for split in ("train", "test"):
        np.save(folder / f"{split}_images.npy", images[:, 0])
        np.save(folder / f"{split}_labels.npy", labels.astype(np.int64))


def train_archc(arguments, folder, case):
    (folder / "recipe.toml").write_text(RECIPE.format(
        batch=BATCH, optimizer=case["toml"], rate=case["rate"], decay=case["decay"], clip=CLIP, warmup=WARMUP, average=AVERAGE))
    out = folder / f"run-{case['name']}"
    subprocess.run([arguments.archc, "train", "caformer_tiny28", "--recipe", folder / "recipe.toml", "--data", folder / "data",
                    "--out", out, "--init-from", folder / "weights.safetensors", "--set", "data.eval_limit=64",
                    "--threads", str(arguments.threads)], check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if line["kind"] == "train"], load_file(out / "checkpoints/last/ema.safetensors")


def train_torch(model, images, labels, case, threads):
    torch.set_num_threads(threads)
    dtype = next(model.parameters()).dtype
    optimizer = case["make"](parameter_groups(model, case["decay"]), case["rate"])
    scheduler = CosineLRScheduler(optimizer, t_initial=UPDATES, lr_min=1e-5, warmup_t=int(WARMUP * UPDATES),
                                  warmup_lr_init=1e-6, t_in_epochs=False)
    average = None
    losses = []
    for update in range(UPDATES):
        part = slice(update * BATCH, (update + 1) * BATCH)
        # Pixels are normalised in float32 by everybody.
        pixels = ((torch.from_numpy(images[part]).float() / 255 - MEAN) / STD).to(dtype)
        loss = F.cross_entropy(model(pixels.contiguous(memory_format=torch.channels_last)), torch.from_numpy(labels[part]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        scheduler.step_update(update + 1)
        losses.append(loss.item())
        state = {name: value.detach().clone() for name, value in model.state_dict().items()}
        average = state if average is None else {n: average[n].lerp(v, 1 - AVERAGE) for n, v in state.items()}
    return losses, average


def distance(losses, truth):
    return statistics.fmean(abs(a - b) for a, b in zip(losses, truth, strict=True))


def weights_apart(average, truth):
    squares = sum(((average[name].double().reshape(value.shape) - value) ** 2).sum().item() for name, value in truth.items())
    return (squares / sum((value ** 2).sum().item() for value in truth.values())) ** 0.5


def compare(arguments, name, seed, folder):
    make, rate, decay, toml = OPTIMIZERS[name]
    case = {"name": f"{name}-{seed}", "make": make, "rate": rate, "decay": decay, "toml": toml}
    torch.manual_seed(seed)
    model = build_model()
    images, labels = (tensor.numpy() for tensor in read_split(arguments.data, "train"))
    chosen = np.random.default_rng(seed).permutation(len(images))[:UPDATES * BATCH]
    folder.mkdir()
    write_data(folder / "data", images[chosen], labels[chosen])
    save_file({n: t.contiguous() for n, t in model.state_dict().items()}, str(folder / "weights.safetensors"))
    truth, truth_average = train_torch(copy.deepcopy(model).double(), images[chosen], labels[chosen], case, 2)
    torches = [train_torch(copy.deepcopy(model), images[chosen], labels[chosen], case, threads) for threads in (1, 2)]
    ours, average = train_archc(arguments, folder, case)
    row = {"archc": distance(ours, truth), "torch": max(distance(losses, truth) for losses, _ in torches),
           "archc_weights": weights_apart(average, truth_average),
           "torch_weights": max(weights_apart(a, truth_average) for _, a in torches), "loss": (truth[0], truth[-1])}
    print(f"{name} seed {seed}: archc {row['archc']:.3g}, torch {row['torch']:.3g}; weights apart {row['archc_weights']:.3g}, "
          f"{row['torch_weights']:.3g}; loss {truth[0]:.4f} -> {truth[-1]:.4f}", flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archc", type=pathlib.Path, default=pathlib.Path("build/bin/archc"))
    parser.add_argument("--data", type=pathlib.Path, default=DEFAULT_DATA)
    parser.add_argument("--optimizers", nargs="+", default=list(OPTIMIZERS), choices=list(OPTIMIZERS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.optimizers:
            rows = [compare(arguments, name, seed, pathlib.Path(temporary) / f"{name}-{seed}") for seed in range(arguments.seeds)]
            ours, torchs = (statistics.median(row[key] for row in rows) for key in ("archc", "torch"))
            failed |= ours > 2 * torchs
            print(f"{name}: median archc {ours:.3g}, torch {torchs:.3g}, ratio {ours / torchs:.2f} "
                  f"({'ok' if ours <= 2 * torchs else 'over 2'})", flush=True)
    sys.exit(3 if failed else 0)


if __name__ == "__main__":
    main()
