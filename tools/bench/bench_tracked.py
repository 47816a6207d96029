#!/usr/bin/env python3
"""Times the models that are tracked over the project's life and appends one row per model and batch size to a CSV file.

Each model is compiled for this machine and measured with `archc bench` on initial weights (the speed of f32 kernels does not depend
on the numbers). A row says when, on which CPU, for which target and by which version, so that one file can hold many machines.
"""

import argparse
import csv
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TRACKED = {"caformer_s18": [1, 8], "convformer_s18": [1, 8], "poolformerv2_s12": [1, 8], "poolformer_s12": [1, 8],
           "caformer_small28": [1, 128]}
MEASURED = ["cpu", "target", "threads", "model", "batch", "min_ms", "median_ms", "p95_ms", "images_per_s", "percent_of_peak",
            "peak_gflops"]
COLUMNS = ["date", "version", "commit"] + MEASURED


def output_of(command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def commit():
    """Of the source tree; empty where it is no git repository, or there is no git."""
    if not shutil.which("git"):
        return ""
    result = subprocess.run(["git", "-C", str(SOURCE), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else ""


def measure(model, batches, arguments, folder):
    artifact = pathlib.Path(folder) / f"{model}.archx"
    output_of([arguments.archc, "compile", model, "-o", artifact])
    command = [arguments.archc, "bench", artifact, "--batch", ",".join(map(str, batches)), "--seconds", arguments.seconds,
               "--threads", arguments.threads, "--json"]
    return json.loads(output_of(command))


def append(path, rows):
    """Adds rows to a file of the same columns, or starts one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size:
        with open(path, newline="", encoding="utf-8") as file:
            header = next(csv.reader(file))
        if header != COLUMNS:
            sys.exit(f"`{path}` has the columns {', '.join(header)}; expected {', '.join(COLUMNS)}; name another file with RESULTS=")
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if file.tell() == 0:
            writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archc", type=pathlib.Path, default=SOURCE / "build/bin/archc")
    parser.add_argument("--results", type=pathlib.Path, default=SOURCE / "build/bench.csv")
    parser.add_argument("--models", nargs="+", default=list(TRACKED))
    parser.add_argument("--batches", nargs="+", type=int, help="instead of the tracked ones")
    parser.add_argument("--threads", type=int, default=0, help="0: all CPUs given to this process")
    parser.add_argument("--seconds", type=float, default=3, help="for each batch size")
    arguments = parser.parse_args()
    about = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "version": output_of([arguments.archc, "--version"]).splitlines()[0], "commit": commit()}
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            batches = arguments.batches or TRACKED.get(model, [1])
            rows = [about | {name: row[name] for name in MEASURED} for row in measure(model, batches, arguments, folder)]
            append(arguments.results, rows)
            for row in rows:
                print(f"{model:18} batch {row['batch']:4}  min {row['min_ms']:9.3f} ms  median {row['median_ms']:9.3f} ms  "
                      f"{row['percent_of_peak']:5.1f} % of {row['peak_gflops']:.1f} GFLOP/s", flush=True)
    print(f"appended to {arguments.results}: {row['cpu']}, {row['target']}, {row['threads']} threads, {about['version']}")


if __name__ == "__main__":
    main()
