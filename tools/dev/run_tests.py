#!/usr/bin/env python3
"""Runs every test of a build: the file tests through lit, then the GoogleTest programs; sums up.

Lists each failure with its output and each skip with its reason, and prints `N passed, N failed, N skipped` last. A test may be
skipped only because this machine lacks an instruction set, a GPU or ptxas; any other skip counts as a failure. So does a
test that is expected to fail: what is known to be wrong has an issue, not a passing test.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIT = "/usr/lib/llvm-22/bin/lit"

# lit features that stand for something a machine may lack, and the reason they name.
FEATURE_REASONS = {"avx2": "ISA", "avx512": "ISA", "avx512bf16": "ISA", "gpu": "GPU", "ptxas": "ptxas"}
ALLOWED_REASONS = ("ISA", "GPU", "ptxas")
UNIT_TIME_LIMIT = 1800


@dataclass
class Outcome:
    name: str
    code: str  # "pass", "fail" or "skip"
    text: str = ""  # the output of a failure, the reason of a skip


def lit_skip_reason(output):
    """`ISA: avx512` for a test whose missing features are all the machine's; None when another feature is missing."""
    match = re.search(r"requires the following unavailable features: (.*)", output)
    features = re.findall(r"[a-z0-9_-]+", match.group(1) if match else "")
    reasons = {FEATURE_REASONS.get(feature) for feature in features}
    if not reasons or None in reasons:
        return None
    return f"{'/'.join(sorted(reasons))}: {' '.join(features)}"


def lit_outcome(test):
    name, code, output = test["name"], test["code"], test["output"]
    if code in ("PASS", "FLAKYPASS"):
        return Outcome(name, "pass")
    if code == "UNSUPPORTED":
        reason = lit_skip_reason(output)
        if reason:
            return Outcome(name, "skip", reason)
        return Outcome(name, "fail", f"skipped for a reason that is not allowed: {output.strip() or 'none given'}")
    if code == "XFAIL":
        return Outcome(name, "fail", "expected to fail; only tests that should pass are kept")
    return Outcome(name, "fail", output)


def run_lit(build, jobs, selection):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        paths = selection or [str(build / "test")]
        command = [sys.executable, LIT, "-s", f"-j{jobs}", f"-Dbuild={build}", "--output", report.name, *paths]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            tests = json.load(open(report.name, encoding="utf-8"))["tests"]
        except (ValueError, KeyError):
            return [Outcome("lit", "fail", run.stdout)]
    # lit exits 0 or 1 for tests; more means that it could not run.
    if run.returncode > 1 or not tests:
        return [Outcome("lit", "fail", run.stdout or "found no test")]
    return [lit_outcome(test) for test in tests]


def unit_skip_reason(output, full_name):
    """The message of GTEST_SKIP, which gtest 1.12 prints but leaves out of its JSON."""
    section = output.partition(f"[ RUN      ] {full_name}\n")[2].partition(f"[  SKIPPED ] {full_name}")[0]
    return " ".join(line for line in section.splitlines() if line.strip() and ": Skipped" not in line).strip()


def unit_outcome(program, suite, case, output):
    full_name = f"{suite}.{case['name']}"
    name = f"{program} :: {full_name}"
    if case.get("failures"):
        return Outcome(name, "fail", "\n".join(failure["failure"] for failure in case["failures"]))
    if case["status"] == "NOTRUN":
        return Outcome(name, "fail", "disabled; a test runs or does not exist")
    if case["result"] == "SKIPPED":
        reason = unit_skip_reason(output, full_name)
        allowed = reason.startswith(tuple(f"{word}:" for word in ALLOWED_REASONS))
        return Outcome(name, "skip", reason) if allowed else Outcome(
            name, "fail", f"skipped for a reason that is not allowed: {reason or 'none given'}")
    return Outcome(name, "pass")


def suites_of(path):
    """The suites of a program with their numbers of tests; everything at once where it lists none."""
    try:
        run = subprocess.run([path, "--gtest_list_tests"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=path.parent,
                             text=True, errors="replace", timeout=UNIT_TIME_LIMIT)
    except (OSError, subprocess.TimeoutExpired):
        return {"*": 0}
    counts = {}
    for line in run.stdout.splitlines() if run.returncode == 0 else []:
        if line.startswith("  ") and counts:
            counts[suite] += 1
        elif match := re.match(r"(\S+\.)(\s+#.*)?$", line):
            suite = match.group(1) + "*"
            counts[suite] = 0
    return counts or {"*": 0}


def run_unit(path, suite):
    with tempfile.NamedTemporaryFile(suffix=".json") as report, tempfile.TemporaryDirectory() as folder:
        try:
            run = subprocess.run([path, f"--gtest_output=json:{report.name}", f"--gtest_filter={suite}"], stdout=subprocess.PIPE,
                                 cwd=path.parent, stderr=subprocess.STDOUT, text=True, errors="replace",
                                 timeout=UNIT_TIME_LIMIT, env={**os.environ, "TEST_TMPDIR": folder})
        except (OSError, subprocess.TimeoutExpired) as error:
            return [Outcome(f"{path.name} :: {suite}", "fail", str(error))]
        try:
            suites = json.load(open(report.name, encoding="utf-8"))["testsuites"]
        except ValueError:  # a crash leaves no report
            text = f"ended with {run.returncode} and no report\n{run.stdout[-4000:]}"
            return [Outcome(f"{path.name} :: {suite}", "fail", text)]
    outcomes = [unit_outcome(path.name, suite["name"], case, run.stdout) for suite in suites for case in suite["testsuite"]]
    if run.returncode and all(outcome.code != "fail" for outcome in outcomes):
        outcomes.append(Outcome(f"{path.name} :: {suite}", "fail", f"ended with {run.returncode}\n{run.stdout[-4000:]}"))
    return outcomes


def run_units(build, jobs):
    """Each suite by itself: the longest program would otherwise keep one processor busy when the others are done."""
    names = (build / "unit" / "programs.txt").read_text(encoding="utf-8").split()
    programs = [build / "unit" / name for name in names]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        suites = [(path, suite, count) for path, suites in zip(programs, pool.map(suites_of, programs))
                  for suite, count in suites.items()]
        suites.sort(key=lambda entry: -entry[2])  # the large ones first, so that the last to end are small
        results = pool.map(lambda entry: run_unit(entry[0], entry[1]), suites)
        return [outcome for outcomes in results for outcome in outcomes]


def summarise(outcomes, seconds):
    for outcome in outcomes:
        if outcome.code == "fail":
            print(f"FAILED {outcome.name}")
            print("\n".join("  " + line for line in outcome.text.strip().splitlines()))
    for outcome in outcomes:
        if outcome.code == "skip":
            print(f"skipped {outcome.name}: {outcome.text}")
    count = {code: sum(outcome.code == code for outcome in outcomes) for code in ("pass", "fail", "skip")}
    print(f"tests took {seconds:.0f} s")
    print(f"{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped", flush=True)
    return 1 if count["fail"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", choices=["lit", "unit"], help="one half of the tests")
    parser.add_argument("paths", nargs="*", help="file tests or folders to run instead of all; implies `--only lit`")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    started = time.monotonic()
    outcomes = []
    if arguments.only != "unit":
        outcomes += run_lit(build, arguments.jobs, arguments.paths)
    if arguments.only != "lit" and not arguments.paths:
        outcomes += run_units(build, arguments.jobs)
    return summarise(outcomes, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
