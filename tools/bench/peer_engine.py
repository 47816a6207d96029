#!/usr/bin/env python3
"""Runs one engine on one model in a process of its own and prints its times as JSON.

    peer_engine.py ENGINE MODEL --folder FOLDER --batch 8 --threads 2 --seconds 6

FOLDER holds MODEL.safetensors and input.npy (float32, [8,3,224,224]); the logits of the first call go to MODEL-ENGINE-BATCH.npy
there. Inputs change between calls. `first_s` is the time from having the model to the second answer: compilation.
"""

import argparse
import json
import pathlib
import resource
import time

import numpy as np

INPUTS = 4  # different inputs, used in turn
WARM_UP_CALLS = 3


def timm_model(arguments):
    import timm
    import torch
    from safetensors.torch import load_file
    torch.set_num_threads(arguments.threads)
    model = timm.create_model(arguments.model)
    model.load_state_dict(load_file(arguments.folder / f"{arguments.model}.safetensors"))
    return model.eval()


def torch_call(model):
    import torch

    def call(x):
        with torch.inference_mode():
            return model(torch.from_numpy(x).contiguous(memory_format=torch.channels_last)).numpy()
    return call


def start_eager(arguments):
    import torch
    return torch_call(timm_model(arguments).to(memory_format=torch.channels_last))


def start_compile(arguments):
    import torch
    import torch._inductor.config
    torch._inductor.config.freezing = True
    return torch_call(torch.compile(timm_model(arguments).to(memory_format=torch.channels_last)))


def export_onnx(arguments):
    """The ONNX file of this batch size, exported once."""
    path = arguments.folder / f"{arguments.model}-{arguments.batch}.onnx"
    if not path.is_file():
        import torch
        example = torch.zeros(arguments.batch, 3, 224, 224)
        torch.onnx.export(timm_model(arguments), example, str(path), dynamo=False, opset_version=17, input_names=["x"])
    return str(path)


def start_onnxruntime(arguments):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.onnx, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]


def start_openvino(arguments):
    import openvino
    settings = {"INFERENCE_NUM_THREADS": arguments.threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    compiled = openvino.Core().compile_model(arguments.onnx, "CPU", settings)
    request = compiled.create_infer_request()
    return lambda x: np.array(request.infer({0: x})[0])


ENGINES = {"eager": start_eager, "compile": start_compile, "onnxruntime": start_onnxruntime, "openvino": start_openvino}


def inputs_of(arguments):
    base = np.load(arguments.folder / "input.npy")[:arguments.batch]
    return [np.ascontiguousarray(np.roll(base, 17 * i, axis=3)) for i in range(INPUTS)]


def measure(call, inputs, seconds):
    for i in range(WARM_UP_CALLS):
        call(inputs[i % INPUTS])
    times, started = [], time.perf_counter()
    while not times or time.perf_counter() - started < seconds:
        begin = time.perf_counter()
        call(inputs[len(times) % INPUTS])
        times.append(1000 * (time.perf_counter() - begin))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("model")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6)
    arguments = parser.parse_args()
    if arguments.engine in ("onnxruntime", "openvino"):
        arguments.onnx = export_onnx(arguments)  # not part of the engine's own start
    inputs = inputs_of(arguments)
    started = time.perf_counter()
    call = ENGINES[arguments.engine](arguments)
    first = call(inputs[0])
    call(inputs[1])
    first_s = time.perf_counter() - started
    np.save(arguments.folder / f"{arguments.model}-{arguments.engine}-{arguments.batch}.npy", first)
    times = measure(call, inputs, arguments.seconds)
    print(json.dumps({"times_ms": times, "first_s": first_s,
                      "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
