#!/usr/bin/env python3
"""Compares archc with other engines on this machine: same models, weights, inputs and threads, in turn.

For each model and batch size the engines run one after the other, a few seconds each, in several rounds, so that whatever else the
machine does meets all of them. Logits are compared with torch eager's before any time is believed. Writes results.json and table.md
into the output folder and prints the table. Ratios are between medians; % of peak is 2 x MACs / minimum, of the FMA peak that
`archc bench` measures from registers in its own process.

Ends with 3 when logits differ.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BATCHES = {"poolformer_s12": [1, 8], "poolformerv2_s12": [1, 8], "convformer_s18": [1, 8], "caformer_s18": [1, 8],
           "convformer_b36": [1]}
PEERS = ["eager", "compile", "onnxruntime", "openvino"]
NAMES = {"eager": "torch eager", "compile": "torch.compile", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "archc": "archc"}
TOLERANCE = 1e-4  # of the largest logit: engines round in different orders


def run(command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def prepare_model(model, folder):
    """Weights with every parameter drawn anew: initial values would hide differences (scales of 1, biases of 0)."""
    import timm
    import torch
    from safetensors.torch import save_file
    torch.manual_seed(7)
    state = timm.create_model(model).state_dict()
    for name, tensor in state.items():
        if tensor.ndim <= 1 and tensor.is_floating_point():
            around = 0.0 if name.endswith("bias") else 0.8
            state[name] = around + 0.1 * torch.randn_like(tensor)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / f"{model}.safetensors")
    images = np.random.default_rng(7).standard_normal((8, 3, 224, 224), dtype=np.float32)
    np.save(folder / "input.npy", images)


class Archc:
    """The engine under test; compiles each model once."""

    def __init__(self, program, folder, threads):
        self.program, self.folder, self.threads = program, folder, threads

    def compile(self, model):
        run([self.program, "compile", model, "-o", self.artifact(model)])
        summary = json.loads(run([self.program, "summary", model, "--json", "--memory=off"]))
        return summary["macs"]

    def artifact(self, model):
        return self.folder / f"{model}.archx"

    def bench(self, model, batch):
        text = run([self.program, "bench", self.artifact(model), "--batch", batch, "--threads", self.threads, "--json"])
        row = json.loads(text)
        return row[0] if isinstance(row, list) else row

    def logits(self, model, batch):
        images, logits = self.folder / f"input-{batch}.npy", self.folder / f"{model}-archc-{batch}.npy"
        np.save(images, np.load(self.folder / "input.npy")[:batch])
        run([self.program, "run", self.artifact(model), "--weights", self.folder / f"{model}.safetensors", "--input", images,
             "--layout", "nchw", "--output", logits])
        return np.load(logits)


def run_peer(engine, model, batch, arguments):
    command = [sys.executable, SOURCE / "tools/bench/peer_engine.py", engine, model, "--folder", arguments.output, "--batch", batch,
               "--threads", arguments.threads, "--seconds", arguments.seconds]
    environment = {**os.environ, "OMP_NUM_THREADS": str(arguments.threads), "TOKENIZERS_PARALLELISM": "false"}
    return json.loads(run(command, env=environment).splitlines()[-1])


def compare(model, batch, engines, arguments):
    """Largest difference to torch eager's logits, as a part of the largest logit, per engine."""
    reference = np.load(arguments.output / f"{model}-eager-{batch}.npy")
    scale = np.abs(reference).max()
    differences = {}
    for engine in engines:
        logits = np.load(arguments.output / f"{model}-{engine}-{batch}.npy")
        differences[engine] = float(np.abs(logits.reshape(reference.shape) - reference).max() / scale)
    return differences


def measure(model, batch, archc, arguments):
    """One row per engine; rounds interleave the engines."""
    peers, rounds = {engine: [] for engine in arguments.peers}, {"archc": []}
    for _ in range(arguments.rounds):
        for engine in arguments.peers:
            peers[engine].append(run_peer(engine, model, batch, arguments))
        rounds["archc"].append(archc.bench(model, batch))
    archc.logits(model, batch)
    rows = {}
    for engine, runs in peers.items():
        times = [value for result in runs for value in result["times_ms"]]
        rows[engine] = {"min_ms": min(times), "median_ms": statistics.median(times), "first_s": runs[0]["first_s"],
                        "rss_mb": runs[0]["rss_mb"]}
    rows["archc"] = {"min_ms": min(row["min_ms"] for row in rounds["archc"]),
                     "median_ms": statistics.median(row["median_ms"] for row in rounds["archc"]),
                     "peak_gflops": max(row["peak_gflops"] for row in rounds["archc"])}
    return rows


def finish_rows(rows, macs, batch):
    peak = rows["archc"]["peak_gflops"]
    for row in rows.values():
        row["percent_of_peak"] = 100 * 2 * macs * batch / (row["min_ms"] * 1e6) / peak
        row["times_as_slow_as_archc"] = row["median_ms"] / rows["archc"]["median_ms"]


def table(results):
    lines = ["| model | batch | engine | median ms | min ms | % of peak | median / archc's | logits differ by |",
             "|---|---|---|---|---|---|---|---|"]
    for result in results:
        for engine, row in result["engines"].items():
            lines.append(f"| {result['model']} | {result['batch']} | {NAMES[engine]} | {row['median_ms']:.2f} | {row['min_ms']:.2f} "
                         f"| {row['percent_of_peak']:.0f} | {row['times_as_slow_as_archc']:.2f} | {row['difference']:.1e} |")
    return "\n".join(lines)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        name = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.processor())
    return f"{name}, {os.cpu_count()} CPUs"


def warn_when_busy():
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the load of this machine is {load:.1f} before anything was measured; engines with spinning threads suffer most",
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archc", type=pathlib.Path, default=SOURCE / "build/bin/archc")
    parser.add_argument("--output", type=pathlib.Path, default=SOURCE / "build/bench-peers")
    parser.add_argument("--models", nargs="+", default=list(BATCHES))
    parser.add_argument("--batches", nargs="+", type=int, help="default: 1 and 8; 1 alone for the largest model")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of calls per engine and round")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    if "eager" not in arguments.peers:
        parser.error("`eager` gives the logits that the others are compared with; expected it among the peers")
    warn_when_busy()
    archc, results, wrong = Archc(arguments.archc, arguments.output, arguments.threads), [], False
    for model in arguments.models:
        prepare_model(model, arguments.output)
        macs = archc.compile(model)
        for batch in arguments.batches or BATCHES.get(model, [1, 8]):
            rows = measure(model, batch, archc, arguments)
            finish_rows(rows, macs, batch)
            for engine, difference in compare(model, batch, rows, arguments).items():
                rows[engine]["difference"] = difference
                wrong |= not difference <= TOLERANCE
            results.append({"model": model, "batch": batch, "threads": arguments.threads, "macs": macs, "engines": rows})
            print(table(results[-1:]), flush=True)
    header = f"{machine()}; FMA peak {max(r['engines']['archc']['peak_gflops'] for r in results):.1f} GF/s on {arguments.threads} threads"
    (arguments.output / "results.json").write_text(json.dumps({"machine": header, "results": results}, indent=2) + "\n")
    (arguments.output / "table.md").write_text(f"{header}\n\n{table(results)}\n")
    print(f"\n{header}\n\n{table(results)}")
    return 3 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
