"""Writes a copy of a safetensors file with one tensor multiplied: scale_weights.py FROM TO NAME FACTOR."""

import json
import struct
import sys

source, target, name, factor = sys.argv[1:]
with open(source, "rb") as file:
    data = bytearray(file.read())
(size,) = struct.unpack_from("<Q", data)
begin, end = (8 + size + offset for offset in json.loads(data[8:8 + size])[name]["data_offsets"])
values = struct.unpack_from(f"<{(end - begin) // 4}f", data, begin)
struct.pack_into(f"<{len(values)}f", data, begin, *(float(factor) * value for value in values))
with open(target, "wb") as file:
    file.write(data)
