#!/usr/bin/env python3
"""Writes what test/frontend/OraclesTest.cpp compares with: state dicts and activation counts of timm's MetaFormers.

    python tools/dev/timm_oracles.py names            # test/archs/names/<model>.txt: one `name shape` per line
    python tools/dev/timm_oracles.py counts           # prints `model,parameters,macs,activations`, as in test/archs/oracles.csv

Needs torch and timm 1.0.31. Nothing is computed: models are built on the meta device.
"""

import pathlib
import sys

import timm
import torch
from timm.models.metaformer import Attention, LayerNorm2dNoBias, LayerNormNoBias, MetaFormer, SepConv

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test" / "archs" / "names"
NAMED = ["poolformer_s12", "poolformerv2_s12", "convformer_s18", "caformer_s18"]
SIZES = {"poolformer": ["s12", "s24", "s36", "m36", "m48"], "poolformerv2": ["s12", "s24", "s36", "m36", "m48"],
         "convformer": ["s18", "s36", "m36", "b36"], "caformer": ["s18", "s36", "m36", "b36"]}


def small_caformer(dims, depths, stem_stride):
    """The small models for 28x28 grey images; timm's stem has stride 4, so a finer one is put in its place."""
    model = MetaFormer(in_chans=1, num_classes=10, depths=depths, dims=dims, token_mixers=[SepConv, SepConv, Attention, Attention],
                       norm_layers=[LayerNorm2dNoBias] * 2 + [LayerNormNoBias] * 2)
    if stem_stride != 4:
        model.stem.conv = torch.nn.Conv2d(1, dims[0], 7, stem_stride, 3)
    return model


def all_models():
    """Pairs of a spec's name and (model, input shape)."""
    with torch.device("meta"):
        yield "caformer_tiny28", small_caformer((16, 32, 64, 96), (2, 2, 2, 1), 2), (1, 1, 28, 28)
        yield "caformer_small28", small_caformer((32, 64, 96, 128), (2, 2, 4, 2), 4), (1, 1, 28, 28)
        for family, sizes in SIZES.items():
            for size in sizes:
                name = f"{family}_{size}"
                yield name, timm.create_model(name), (1, 3, 224, 224)
                if family in ("convformer", "caformer"):
                    yield name + "_384", timm.create_model(name), (1, 3, 384, 384)


def write_names():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, model, _ in all_models():
        if name not in NAMED + ["caformer_tiny28"]:
            continue
        lines = [" ".join([key, "x".join(map(str, tensor.shape))]).rstrip() for key, tensor in model.state_dict().items()]
        (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")


def count(model, shape):
    """Multiply-accumulates of convolutions, linear layers and attention, and the elements they put out (timm's `macts`)."""
    macs, activations = 0, 0

    def layer(module, inputs, output):
        nonlocal macs, activations
        macs += output.numel() * module.weight[0].numel()
        activations += output.numel()

    def attention(module, inputs, output):
        nonlocal macs, activations
        _, tokens, _ = inputs[0].shape
        macs += 2 * tokens * tokens * module.attention_dim
        activations += module.num_heads * tokens * tokens + tokens * module.attention_dim

    for module in model.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            module.register_forward_hook(layer)
        elif isinstance(module, Attention):
            module.register_forward_hook(attention)
    model.eval()(torch.empty(shape, device="meta"))
    return macs, activations


def main():
    if sys.argv[1:] == ["names"]:
        write_names()
    elif sys.argv[1:] == ["counts"]:
        for name, model, shape in all_models():
            parameters = sum(parameter.numel() for parameter in model.parameters())
            print(name, parameters, *count(model, shape), sep=",")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
