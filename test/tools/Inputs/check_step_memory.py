"""Trains a few updates with each choice of checkpoints and compares the memory it reports with what `archc summary --train` plans."""

import json
import re
import subprocess
import sys

BATCH = 48
archc, folder, model, recipe = sys.argv[1:]


def output(*words):
    return subprocess.run([archc, *words], capture_output=True, text=True, check=True).stdout


rows = json.loads(output("summary", model, "--train", "--json", "--batch", str(BATCH)))["training_step"]
planned = {row["checkpoint_activations"]: row for row in rows}
assert list(planned) == ["none", "block", "stage"]
losses = set()
for choice, row in planned.items():
    said = output("train", model, "--recipe", recipe, "--data", "fashion-mnist", "--out", f"{folder}/{choice}",
                  "--checkpoint-activations", choice, "--epochs", "1", "--threads", "1", "--set", f"data.batch={BATCH}",
                  "--set", "schedule.warmup_epochs=0", "--set", f"data.limit={4 * BATCH}", "--set", "data.eval_limit=100")
    held = re.search(r"a step of (\d+) images holds ([0-9]+) bytes of activations, ([0-9]+) of prepared weights", said)
    assert held, said
    print(f"{choice}: {int(held[2]) / 2**20:.2f} MiB of activations")
    assert int(held[1]) == BATCH
    assert int(held[2]) == row["activation_bytes"], (held[2], row)
    assert int(held[3]) == row["prepared_weight_bytes"], (held[3], row)
    losses.add(re.search(r"epoch 1/1  loss ([0-9.]+)", said)[1])
assert len(losses) == 1, losses
# What a stage computes again is as much as two blocks of this model would keep, so that cutting at stages saves nothing here.
assert planned["block"]["activation_bytes"] < planned["none"]["activation_bytes"]
