"""Whether the planned arena of each model is at most a tenth larger than the order of its steps needs."""

import json
import subprocess
import sys

archc, models = sys.argv[1], sys.argv[2:]
for model in models:
    summary = json.loads(subprocess.run([archc, "summary", model, "--json"], capture_output=True, text=True, check=True).stdout)
    planned, bound = summary["peak_memory_bytes"], summary["peak_memory_lower_bound"]
    print(f"{model}: {planned} planned, {bound} needed")
    assert 0 < bound <= planned <= 1.1 * bound, model
