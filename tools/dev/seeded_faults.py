#!/usr/bin/env python3
"""Puts one fault after the other into the GPU kernels of an artifact and counts those that `archc verify --device=emu` notices.

The artifact has to hold emulation code (`archc compile --target=cuda:sm_80 --emu-code`). Kind and place of a fault are drawn from its
seed (tools/emu/Mutate.h). A fault is noticed when the emulator finds something or a tensor is over its budget: exit code 3. Those that
are not noticed are printed: each either changes nothing that a run can show, or is a hole in the checks; a crash or a run without end
is no notice either. Ends with 1 when fewer than `--at-least` percent are noticed.

    python tools/dev/seeded_faults.py build/bin/archc m.archx --seeds 1:100
"""

import argparse
import collections
import re
import subprocess
import sys

NOTICED = 3


def verify(arguments, seed):
    """The exit code, what the fault was, and the first line that says what was found."""
    command = [arguments.archc, "verify", arguments.artifact, "--device=emu", f"--emu-fault={seed}", f"--batch={arguments.batch}"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=arguments.timeout)
    except subprocess.TimeoutExpired:
        return None, f"of seed {seed}", f"no end within {arguments.timeout} s"
    fault = re.search(r"^emulator: fault: (.*)$", run.stderr, re.MULTILINE)
    finding = re.search(r"(?:emulator: kernel|error: ).*", run.stderr)
    over = "numbers over budget" if "OVER BUDGET" in run.stdout else ""
    return run.returncode, fault.group(1) if fault else "none", finding.group(0) if finding else over


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archc")
    parser.add_argument("artifact")
    parser.add_argument("--seeds", default="1:100", help="first:last")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one fault")
    parser.add_argument("--verbose", action="store_true", help="print every fault and what was found")
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split(":"))
    seen, missed, kinds = set(), [], collections.Counter()
    for seed in range(first, last + 1):
        code, fault, finding = verify(arguments, seed)
        if fault in seen:
            continue
        seen.add(fault)
        kinds[fault.split(" (place")[0]] += 1
        if code != NOTICED:
            missed.append((seed, fault, code, finding))
        if arguments.verbose:
            print(f"seed {seed}: {fault}: {finding or 'not noticed'}", flush=True)
    for seed, fault, code, finding in missed:
        print(f"not noticed: seed {seed}: {fault}" + (f": exit code {code}: {finding}" if code != 0 else ""))
    percent = 100 * (len(seen) - len(missed)) / len(seen)
    print(f"{len(seen)} faults, {len(seen) - len(missed)} noticed ({percent:.0f} %): "
          + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return 0 if percent >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
