"""Parameters and inputs made from a counter: the twin of runtime/reference/RandomTensor.h, which explains the numbers."""

import math

import numpy as np

ONE = 1 << 20
GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def _mix(x):
    """The finaliser of SplitMix64, on an array or a number of uint64."""
    x = np.asarray(x, dtype=np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def name_hash(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def _weight_rule(shape, gain1024):
    fan_in = math.prod(shape) // shape[0]
    return 0, math.isqrt(3 * gain1024 * (1 << 30) // fan_in)


def parameter_rule(name, shape):
    """(center, width), in units of 2^-20."""
    path, _, last = name.rpartition(".")
    owner = path.rpartition(".")[2]
    if last == "running_mean":
        return 0, ONE // 4
    if last == "running_var":
        return ONE, ONE // 2
    if "norm" in owner and last == "weight":
        return ONE * 5 // 8, ONE * 5 // 16
    if "norm" in owner and last == "bias":
        return ONE // 8, ONE // 4
    if "act" in owner and last == "bias":
        return -ONE * 3 // 16, ONE // 16
    if last == "bias":
        return 0, ONE // 4
    if last == "scale":
        return ONE * 5 // 8, ONE // 4
    if owner == "qkv" and last == "weight":
        return _weight_rule(shape, 10 * 1024)
    if owner == "proj" and last == "weight":
        return _weight_rule(shape, 1)
    if last in ("weight", "random_matrix") and len(shape) >= 2:
        return _weight_rule(shape, 1024)
    return 0, 2 * ONE


def values(seed, name, first, count, rule):
    """Elements first ... first + count - 1 of the tensor `name`, float32."""
    center, width = rule
    with np.errstate(over="ignore"):
        key = _mix(np.uint64((seed + GOLDEN) & MASK)) ^ np.uint64(name_hash(name))
        index = np.arange(first + 1, first + count + 1, dtype=np.uint64)
        bits = _mix(key + index * np.uint64(GOLDEN)) >> np.uint64(32)
        r = (bits * np.uint64(2 * width + 1) >> np.uint64(32)).astype(np.int64) - width
    return ((center + r) / ONE).astype(np.float32)


def parameter(seed, name, shape):
    return values(seed, name, 0, math.prod(shape), parameter_rule(name, shape)).reshape(shape)


def images(seed, first, shape):
    """Images [batch, channels, height, width] from image number `first` on."""
    image = math.prod(shape[1:])
    return values(seed, "input", first * image, math.prod(shape), (0, 2 * ONE)).reshape(shape)
