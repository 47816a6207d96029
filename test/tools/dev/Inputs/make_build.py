"""Writes a build folder with a few tests of known outcome for the test of run_tests.py: make_build.py FOLDER KIND.

KIND is "good" (passes, and skips for allowed reasons) or "bad" (one test for each way to fail).
"""

import json
import pathlib
import sys

CONFIG = """import lit.formats
config.name = "sample"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
"""
FILES = {
    "good": {"pass": "# RUN: true\n", "isa": "# REQUIRES: avx512\n# RUN: true\n", "gpu": "# REQUIRES: gpu, ptxas\n# RUN: true\n"},
    "bad": {"fail": "# RUN: false\n", "skip": "# REQUIRES: moonlight\n# RUN: true\n", "mixed": "# REQUIRES: gpu, moonlight\n",
            "off": "# UNSUPPORTED: true\n# RUN: true\n", "xfail": "# XFAIL: *\n# RUN: false\n"},
}
# Programs that speak as GoogleTest does: (case, status, result, failure, skip message); None ends without a report.
UNITS = {
    "good": {"unit-good": [("Passes", "RUN", "COMPLETED", "", ""), ("Skips", "RUN", "SKIPPED", "", "ISA: needs AVX-512")]},
    "bad": {"unit-bad": [("Fails", "RUN", "COMPLETED", "1 is not 2", ""), ("Skips", "RUN", "SKIPPED", "", "too slow today"),
                         ("Off", "NOTRUN", "SUPPRESSED", "", "")],
            "unit-crash": None},
}
PROGRAM = """#!/usr/bin/env python3
import json, sys
cases, status = json.loads({cases!r}), {status}
if "--gtest_list_tests" in sys.argv and cases:
    print("Suite.", *["  " + case[0] for case in cases], sep="\\n")
    sys.exit(0)
suite = {{"name": "Suite", "testsuite": []}}
for name, state, result, failure, message in cases or []:
    print(f"[ RUN      ] Suite.{{name}}")
    if message:
        print(f"SuiteTest.cpp:1: Skipped\\n{{message}}\\n\\n[  SKIPPED ] Suite.{{name}} (0 ms)")
    suite["testsuite"].append({{"name": name, "status": state, "result": result, **({{"failures": [{{"failure": failure}}]}} if failure else {{}})}})
if cases is not None:
    json.dump({{"testsuites": [suite]}}, open(sys.argv[1].split("json:")[1], "w"))
sys.exit(status)
"""


def main(folder, kind):
    for name in ("test", "unit"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "test" / "lit.cfg.py").write_text(CONFIG)
    for name, text in FILES[kind].items():
        (folder / "test" / f"{name}.test").write_text(text)
    for name, cases in UNITS[kind].items():
        program = folder / "unit" / name
        program.write_text(PROGRAM.format(cases=json.dumps(cases), status=int(kind == "bad")))
        program.chmod(0o755)
    (folder / "unit" / "programs.txt").write_text("\n".join(UNITS[kind]) + "\n")


main(pathlib.Path(sys.argv[1]), sys.argv[2])
