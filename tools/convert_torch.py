#!/usr/bin/env python3
"""Converts a file of torch.save into safetensors, which is what archc reads: a pickle can run any code, safetensors cannot.

    python3 tools/convert_torch.py caformer_s18.pth caformer_s18.safetensors

Takes the state dict itself, or what trainers wrap around it ("state_dict", "model", "state_dict_ema", "model_ema"). Needs torch
1.13 or newer; with 2.0 or newer only tensors are unpickled. Names stay as they are: archc maps them.
"""

import json
import struct
import sys

import torch

NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
WRAPPERS = ["state_dict_ema", "model_ema", "state_dict", "model"]


def load(path):
    if int(torch.__version__.split(".")[0]) >= 2:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    else:
        print("warning: this torch unpickles anything: convert only files you trust", file=sys.stderr)
        loaded = torch.load(path, map_location="cpu")
    for key in WRAPPERS:
        if isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    return {name: value.contiguous() for name, value in loaded.items() if isinstance(value, torch.Tensor)}


def tensor_bytes(tensor):
    """Also of bf16, which NumPy lacks."""
    return bytes(tensor.reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b""


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    header, blocks, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in load(sys.argv[1]).items():
        blocks.append(tensor_bytes(tensor))
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blocks[-1])]}
        offset += len(blocks[-1])
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(sys.argv[2], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))
    print(f"{sys.argv[2]}: {len(blocks)} tensors, {offset} bytes")


if __name__ == "__main__":
    main()
