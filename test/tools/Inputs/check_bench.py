"""Whether the JSON of `archc bench` has what other programs rely on."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)
assert [row["batch"] for row in rows] == [1, 4]
for row in rows:
    assert row["threads"] == 2 and 0 < row["min_ms"] <= row["median_ms"] <= row["p95_ms"]
    assert row["images_per_s"] > 0 and 0 < row["percent_of_peak"] < 120 and row["peak_gflops"] > 1
    assert abs(sum(kernel["share"] for kernel in row["kernels"]) - 1) < 1e-6
