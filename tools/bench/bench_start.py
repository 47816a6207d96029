#!/usr/bin/env python3
"""Times whole processes: from the start of `archc run` to its end, with the weights in the page cache, and their peak memory.

Three ways: weights packed at every start, packed and written to a cache, and mapped from the cache. Each is compared with one
inference as `archc bench` measures it, and the peak memory with what must be in memory: packed weights and the planned activations.
The weights are initial values, written to a scratch folder.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def output_of(command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def run_once(command, log):
    """Seconds of wall clock and peak resident bytes of one process."""
    with open(log, "w", encoding="utf-8") as file:
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=file, stderr=file)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {process.returncode}\n{pathlib.Path(log).read_text(encoding='utf-8')}")
    return seconds, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="caformer_s18")
    parser.add_argument("--archc", type=pathlib.Path, default=SOURCE / "build/bin/archc")
    parser.add_argument("--threads", type=int, default=0, help="0: all CPUs given to this process")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--timings", action="store_true", help="also show where the time of the last start went")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        artifact, weights, cache, log = folder / "m.archx", folder / "w.safetensors", folder / "cache", folder / "log.txt"
        output_of([arguments.archc, "compile", arguments.model, "-o", artifact])
        output_of([arguments.archc, "weights", "init", arguments.model, "--seed", 1, "-o", weights])
        plan = json.loads(output_of([arguments.archc, "explain", artifact, "--json"]))[0]
        bench = json.loads(output_of([arguments.archc, "bench", artifact, "--threads", arguments.threads, "--json"]))[0]
        image = SOURCE / "docs/images/ankle_boot.png"
        run = [arguments.archc, "run", artifact, "--weights", weights, "--input", image, "--threads", arguments.threads, "--timings"]
        needed = plan["packed_bytes"] + plan["arena_bytes_per_image"]
        print(f"{arguments.model}: one inference {bench['median_ms']:.1f} ms on {bench['threads']} threads, "
              f"{needed / 1e6:.1f} MB of packed weights and activations")
        time.sleep(2.1)  # a weights file that has just been written is read to be sure of it
        for title, extra in [("packed", []), ("packed and cached", ["--cache-dir", cache]), ("from the cache", ["--cache-dir", cache])]:
            runs = []
            for _ in range(arguments.rounds):
                if title == "packed and cached":
                    shutil.rmtree(cache, ignore_errors=True)
                runs.append(run_once(run + extra, log))
            milliseconds = 1e3 * statistics.median(seconds for seconds, _ in runs)
            memory = max(peak for _, peak in runs)
            print(f"  {title:18} {milliseconds:7.1f} ms, {milliseconds / bench['median_ms']:.2f} inferences; "
                  f"peak memory {memory / 1e6:.1f} MB, {memory / needed:.2f} of what is needed")
            if arguments.timings:
                print(log.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
