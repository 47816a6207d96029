#!/usr/bin/env python3
"""Trains caformer_tiny28 on Fashion-MNIST with PyTorch and writes safetensors with timm's names.

Only the committed weights of `make demo` come from here; nothing else of the project needs PyTorch. The model is timm's
MetaFormer class with the sizes of archs/caformer/tiny28.toml; its stem is given stride 2, because timm's own stride of 4
leaves too little of a 28x28 image. The run is bounded: the learning rate follows the larger of the fraction of steps and
the fraction of the time limit, so that a slow machine still ends with an annealed model.

    python tools/dev/train_fashion_mnist.py --output archs/weights/caformer_tiny28_fashion_mnist.safetensors
"""

import argparse
import gzip
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from timm.models.metaformer import Attention, LayerNorm2dNoBias, LayerNormNoBias, MetaFormer, SepConv

MEAN, STD = 0.286, 0.353  # as in the spec's [arch.preprocess]
DIMS, DEPTHS = (16, 32, 64, 96), (2, 2, 2, 1)
DEFAULT_DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")


def read_split(folder, prefix):
    """Images as uint8 [N,1,28,28] and labels as int64 [N], from gzipped IDX files."""
    pixels = gzip.decompress((folder / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(images.copy()), torch.from_numpy(np.frombuffer(labels, np.uint8, offset=8).astype(np.int64))


def build_model():
    model = MetaFormer(
        in_chans=1, num_classes=10, depths=DEPTHS, dims=DIMS,
        token_mixers=[SepConv, SepConv, Attention, Attention],
        norm_layers=[LayerNorm2dNoBias] * 2 + [LayerNormNoBias] * 2)
    model.stem.conv = torch.nn.Conv2d(1, DIMS[0], kernel_size=7, stride=2, padding=3)
    torch.nn.init.trunc_normal_(model.stem.conv.weight, std=0.02)
    torch.nn.init.zeros_(model.stem.conv.bias)
    return model.to(memory_format=torch.channels_last)


def normalise(images):
    return ((images.float() / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def augment(images, generator):
    """A flip and a shift of up to two pixels, drawn per image."""
    count = len(images)
    flip = torch.rand(count, generator=generator) < 0.5
    images = torch.where(flip[:, None, None, None], images.flip(3), images)
    padded = F.pad(images, (2, 2, 2, 2))
    offset = torch.randint(0, 5, (2, count), generator=generator)
    rows = offset[0][:, None] + torch.arange(28)
    columns = offset[1][:, None] + torch.arange(28)
    return padded[torch.arange(count)[:, None, None], 0, rows[:, :, None], columns[:, None, :]][:, None]


@torch.no_grad()
def accuracy(model, images, labels):
    model.eval()
    right = sum((model(normalise(x)).argmax(1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500)))
    model.train()
    return right / len(labels)


def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
    vectors = [p for p in model.parameters() if p.requires_grad and p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]


def learning_rate(progress, peak, warmup=0.06):
    if progress < warmup:
        return peak * (progress + 0.002) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


def train(model, arguments):
    images, labels = read_split(arguments.data, "train")
    test_images, test_labels = read_split(arguments.data, "t10k")
    generator = torch.Generator().manual_seed(arguments.seed)
    optimizer = torch.optim.AdamW(parameter_groups(model, arguments.decay), lr=arguments.rate)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    steps_per_epoch = len(images) // arguments.batch
    total, step, started = arguments.epochs * steps_per_epoch, 0, time.monotonic()
    progress = 0.0
    while progress < 1:
        for indices in torch.randperm(len(images), generator=generator).split(arguments.batch)[:steps_per_epoch]:
            progress = max(step / total, (time.monotonic() - started) / (60 * arguments.minutes))
            if progress >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(progress, arguments.rate)
            outputs = model(normalise(augment(images[indices], generator)))
            loss = F.cross_entropy(outputs, labels[indices], label_smoothing=0.05)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            average.update_parameters(model)
            step += 1
            if step % 100 == 0:
                print(f"step {step}/{total} progress {progress:.3f} loss {loss.item():.4f}", flush=True)
        print(f"epoch accuracy {accuracy(average.module, test_images, test_labels):.4f} after "
              f"{time.monotonic() - started:.0f} s", flush=True)
        save(average.module, arguments.output)


def save(model, path):
    state = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, str(path), metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=DEFAULT_DATA)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=38, help="stop annealed after so many minutes at the latest")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.03)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    model = build_model()
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    train(model, arguments)


if __name__ == "__main__":
    main()
