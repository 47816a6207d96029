"""How far the tensors of two safetensors files are apart.

    compare_weights.py A B differ PATTERN     exactly the tensors that match have other bits
    compare_weights.py A B moved FACTOR ...   NAME=X: the largest change of NAME is FACTOR times X, to a hundredth
"""

import fnmatch
import json
import struct
import sys


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack_from("<Q", data)
    header, body = json.loads(data[8:8 + size]), data[8 + size:]
    return {name: body[slice(*entry["data_offsets"])] for name, entry in header.items() if name != "__metadata__"}


def largest_change(a, b):
    count = len(a) // 4
    return max(abs(x - y) for x, y in zip(struct.unpack(f"<{count}f", a), struct.unpack(f"<{count}f", b)))


one, other = tensors(sys.argv[1]), tensors(sys.argv[2])
assert one.keys() == other.keys()
if sys.argv[3] == "differ":
    differing = {name for name in one if one[name] != other[name]}
    expected = {name for name in one if fnmatch.fnmatchcase(name, sys.argv[4])}
    assert differing == expected, (sorted(differing - expected), sorted(expected - differing))
else:
    for word in sys.argv[5:]:
        name, share = word.split("=")
        change, wanted = largest_change(one[name], other[name]), float(sys.argv[4]) * float(share)
        print(f"{name} moved by {change}, expected {wanted}")
        assert abs(change - wanted) <= 0.01 * wanted
