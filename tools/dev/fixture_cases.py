"""The list of fixtures: which spec, which model, which seed."""

from dataclasses import dataclass
from typing import Callable

import fixture_models as models


@dataclass
class Case:
    name: str
    spec: str  # a spec of this repository, relative to its root
    origin: str  # "timm", or "paper" where timm has no such model
    seed: int
    input: tuple  # channels, height, width
    build: Callable


def odd(name, origin, seed, size, build):
    return Case(name, f"test/e2e/specs/{name}.toml", origin, seed, (3, *size), build)


CASES = [
    odd("convformer_odd1", "timm", 101, (75, 59), lambda: models.convformer((36, 52, 71, 101), (1, 2, 3, 1), 11)),
]
