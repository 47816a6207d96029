"""The list of fixtures: which spec, which model, which seed."""

from dataclasses import dataclass
from typing import Callable

import fixture_models as models
import timm
from fixture_models import IdentityMixer, pooling_of, random_mixer_of


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


def real(name, origin, seed, build):
    family, size = name.split("_", 1)
    return Case(name, f"archs/{family}/{size}.toml", origin, seed, (3, 224, 224), build)


def of_timm(name, seed):
    return real(name, "timm", seed, lambda: timm.create_model(name))


# Sizes of the odd cases: input, then the map of every stage.
TALL, TALL_MAPS = (75, 59), ((19, 15), (10, 8), (5, 4), (3, 2))
WIDE, WIDE_MAPS = (64, 97), ((16, 24), (8, 12), (4, 6), (2, 3))
SHORT = (49, 83)  # three stages: 12x21, 6x11, 3x6

# Widths and depths that several families share.
ODD1, ODD2, ODD3 = ((21, 37, 45, 67), (1, 2, 3, 1)), ((19, 44, 53, 70), (2, 1, 1, 2)), ((19, 40, 71), (1, 1, 2))
S12 = ((64, 128, 320, 512), (2, 2, 6, 2))
S12_MAPS = ((56, 56), (28, 28), (14, 14), (7, 7))
IDENTITY = [IdentityMixer] * 4


def random_mixers(stages, *tokens):
    return [IdentityMixer] * (stages - len(tokens)) + [random_mixer_of(count) for count in tokens]


CASES = [
    of_timm("poolformer_s12", 1),
    odd("poolformer_odd1", "timm", 11, TALL, lambda: models.poolformer(*ODD1, 13)),
    odd("poolformer_odd2", "timm", 12, WIDE, lambda: models.poolformer((24, 33, 50, 66), (2, 1, 1, 2), 10, pool_size=5)),
    odd("poolformer_odd3", "timm", 13, SHORT, lambda: models.poolformer(*ODD3, 5)),
    real("poolformer_s12_sail", "paper", 2, lambda: models.poolformer(*S12, 1000, sail_head=True)),
    odd("poolformer_sail_odd1", "paper", 21, TALL, lambda: models.poolformer((23, 34, 45, 71), (1, 1, 2, 1), 9, sail_head=True)),

    of_timm("poolformerv2_s12", 3),
    odd("poolformerv2_odd1", "timm", 31, TALL, lambda: models.pool_v2(*ODD1, 13, pooling_of(3))),
    odd("poolformerv2_odd2", "timm", 32, WIDE, lambda: models.pool_v2((24, 33, 50, 66), (2, 1, 1, 2), 10, pooling_of(7))),
    odd("poolformerv2_odd3", "timm", 33, SHORT, lambda: models.pool_v2(*ODD3, 5, pooling_of(3))),

    real("identityformer_s12", "paper", 4, lambda: models.pool_v2(*S12, 1000, IDENTITY)),
    odd("identityformer_odd1", "paper", 41, TALL, lambda: models.pool_v2(*ODD1, 13, IDENTITY)),
    odd("identityformer_odd2", "paper", 42, WIDE, lambda: models.pool_v2(*ODD2, 7, IDENTITY)),
    odd("identityformer_odd3", "paper", 43, SHORT, lambda: models.pool_v2(*ODD3, 5, IDENTITY[:3])),

    real("randformer_s12", "paper", 5, lambda: models.pool_v2(*S12, 1000, random_mixers(4, 196, 49))),
    odd("randformer_odd1", "paper", 51, TALL, lambda: models.pool_v2(*ODD1, 13, random_mixers(4, 20, 6))),
    odd("randformer_odd2", "paper", 52, WIDE, lambda: models.pool_v2(*ODD2, 7, random_mixers(4, 24, 6))),
    odd("randformer_odd3", "paper", 53, SHORT, lambda: models.pool_v2(*ODD3, 5, random_mixers(3, 66, 18))),

    of_timm("convformer_s18", 6),
    odd("convformer_odd1", "timm", 101, TALL, lambda: models.convformer((36, 52, 71, 101), (1, 2, 3, 1), 11)),
    odd("convformer_odd2", "timm", 62, WIDE, lambda: models.convformer(*ODD2, 7)),
    odd("convformer_odd3", "timm", 63, SHORT, lambda: models.convformer(*ODD3, 5)),
    odd("convformer_sail_odd1", "paper", 64, TALL,
        lambda: models.with_head_of_paper(models.convformer((17, 35, 41, 59), (1, 1, 2, 1), 9))),

    of_timm("caformer_s18", 7),
    odd("caformer_odd1", "timm", 71, TALL, lambda: models.caformer((22, 38, 63, 84), (1, 2, 3, 1), 11, head_dim=21)),
    odd("caformer_odd2", "timm", 72, WIDE, lambda: models.caformer((19, 45, 51, 85), (2, 1, 1, 2), 7, head_dim=17)),
    odd("caformer_odd3", "timm", 73, SHORT, lambda: models.caformer((19, 33, 55), (1, 1, 2), 5, head_dim=11, conv_stages=1)),
    odd("caformer_sail_odd1", "paper", 74, TALL,
        lambda: models.with_head_of_paper(models.caformer((17, 35, 36, 60), (1, 1, 2, 1), 9, head_dim=12))),

    real("metaformer_pppa_s12", "paper", 8, lambda: models.metaformer(*S12, 1000, "pppa", maps=S12_MAPS)),
    odd("metaformer_odd1", "paper", 81, TALL,
        lambda: models.metaformer((22, 38, 45, 63), (1, 2, 3, 1), 11, "pppa", maps=TALL_MAPS, head_dim=21)),
    odd("metaformer_odd2", "paper", 82, WIDE,
        lambda: models.metaformer((19, 45, 51, 85), (2, 1, 1, 2), 7, "ppaa", maps=WIDE_MAPS, head_dim=17)),
    odd("metaformer_odd3", "paper", 83, TALL, lambda: models.metaformer((21, 37, 45, 67), (1, 2, 1, 1), 13, "iiii", maps=TALL_MAPS)),

    real("metaformer_ppff_s12", "paper", 9, lambda: models.metaformer(*S12, 1000, "ppff", maps=S12_MAPS)),
    odd("metaformer_odd4", "paper", 84, TALL, lambda: models.metaformer((21, 37, 45, 67), (1, 1, 2, 3), 9, "pppf", maps=TALL_MAPS)),
    odd("metaformer_odd5", "paper", 85, WIDE, lambda: models.metaformer((18, 35, 51, 70), (1, 2, 2, 1), 6, "ppff", maps=WIDE_MAPS)),
]
