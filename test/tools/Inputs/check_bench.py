"""Whether the JSON of `archc bench --per-kernel` has what other programs rely on, and the picture is well-formed."""

import json
import sys
import xml.etree.ElementTree

with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)
assert [row["batch"] for row in rows] == [1, 4]
for row in rows:
    assert row["threads"] == 2 and 0 < row["min_ms"] <= row["median_ms"] <= row["p95_ms"]
    assert row["images_per_s"] > 0 and row["percent_of_peak"] > 0 and row["peak_gflops"] > 1
    assert abs(sum(kernel["share"] for kernel in row["kernels"]) - 1) < 1e-6
    assert row["read_gb_s"]["L2"] > 0 and row["read_gb_s"]["L3"] > 0 and row["read_gb_s"]["memory"] > 0
    for kernel in row["kernels"]:
        assert kernel["bound"] in ("fma", "L2", "L3", "memory") and 0 < kernel["percent_of_bound"]
        assert kernel["bytes"] >= kernel["bytes_beyond_l2"] >= kernel["bytes_memory"] >= 0
        assert abs(kernel["percent_of_bound"] - 100 * kernel["bound_ms"] / kernel["min_ms"]) < 1e-6
    assert all(".toml:" in line for kernel in row["kernels"] for line in kernel["spec_lines"]) and row["kernels"][0]["spec_lines"]

picture = xml.etree.ElementTree.parse(sys.argv[2]).getroot()
dots = [dot for dot in picture.iter("{http://www.w3.org/2000/svg}circle") if len(dot)]
assert len(dots) == sum(kernel["gflops"] > 0 for row in rows for kernel in row["kernels"])
