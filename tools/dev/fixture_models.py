"""The models behind the fixtures: timm's MetaFormer with other sizes, and what timm lacks, written from the papers.

IdentityFormer and RandFormer follow arXiv:2210.13452, the hybrid stages and the head that normalises the map arXiv:2111.11418.
Parameter names are timm's; `token_mixer.random_matrix` and `stages.N.pos_embed` are those of our specs.
"""

import torch
from timm.layers import GroupNorm1, LayerNorm2d
from timm.models.metaformer import (Attention, GroupNorm1NoBias, LayerNorm2dNoBias, LayerNormNoBias, MetaFormer, Pooling, SepConv)
from torch import nn


def attention_of(head_dim, proj_bias=False):
    """timm asks the class whether a stage works on tokens, so that a partial does not do."""

    class SizedAttention(Attention):
        def __init__(self, dim, **kwargs):
            super().__init__(dim, head_dim=head_dim, proj_bias=proj_bias, **kwargs)

    return SizedAttention


def pooling_of(size):
    class SizedPooling(Pooling):
        def __init__(self, **kwargs):
            super().__init__(pool_size=size)

    return SizedPooling


class IdentityMixer(nn.Module):
    def __init__(self, dim, **kwargs):
        super().__init__()

    def forward(self, x):
        return x


def random_mixer_of(tokens):
    """One frozen matrix for all channels mixes the positions."""

    class RandomMixer(nn.Module):
        def __init__(self, dim, **kwargs):
            super().__init__()
            self.random_matrix = nn.Parameter(torch.softmax(torch.rand(tokens, tokens), dim=-1), requires_grad=False)

        def forward(self, x):
            return torch.einsum("ts,ncs->nct", self.random_matrix, x.flatten(2)).reshape(x.shape)

    return RandomMixer


def spatial_fc_of(tokens):
    """A learned linear layer over the positions, shared by all channels."""

    class SpatialFc(nn.Module):
        def __init__(self, dim, **kwargs):
            super().__init__()
            self.fc = nn.Linear(tokens, tokens, bias=False)

        def forward(self, x):
            return self.fc(x.flatten(2)).reshape(x.shape)

    return SpatialFc


class NormPoolMetaFormer(MetaFormer):
    """The paper's head: the map is normalised before it is pooled."""

    def forward_head(self, x, pre_logits=False):
        x = self.head.norm(x).mean((2, 3))
        return x if pre_logits else self.head.fc(x)


class PositionedStage(nn.Module):
    """A stage whose blocks see the map plus a learned one; keeps the names of the stage's own parameters."""

    def __init__(self, stage, channels, height, width):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, channels, height, width))
        self.downsample = stage.downsample
        self.blocks = stage.blocks
        self.use_nchw = stage.use_nchw

    def forward(self, x):
        x = self.downsample(x) + self.pos_embed
        shape = x.shape
        if self.use_nchw:
            return self.blocks(x)
        return self.blocks(x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(shape)


class LayerNormChannel(LayerNorm2d):
    """Over the channels of each position, with the paper's eps."""

    def __init__(self, channels, **kwargs):
        super().__init__(channels, eps=1e-5, **kwargs)


class TokenLayerNorm(nn.LayerNorm):
    """The same norm in a stage that works on tokens."""

    def __init__(self, channels, **kwargs):
        super().__init__(channels, eps=1e-5, **kwargs)


def poolformer(dims, depths, classes, pool_size=3, sail_head=False, **kwargs):
    settings = dict(token_mixers=pooling_of(pool_size), downsample_norm=None, mlp_act=nn.GELU, mlp_bias=True,
                    norm_layers=GroupNorm1, layer_scale_init_values=1e-5, res_scale_init_values=None, use_mlp_head=False)
    settings.update(kwargs)
    if sail_head:
        return NormPoolMetaFormer(dims=dims, depths=depths, num_classes=classes, output_norm=GroupNorm1, **settings)
    return MetaFormer(dims=dims, depths=depths, num_classes=classes, **settings)


def pool_v2(dims, depths, classes, token_mixers, **kwargs):
    """PoolFormerV2, and IdentityFormer and RandFormer, which differ in the mixers only."""
    return MetaFormer(dims=dims, depths=depths, num_classes=classes, token_mixers=token_mixers, norm_layers=GroupNorm1NoBias,
                      use_mlp_head=False, res_scale_init_values=kwargs.pop("res_scale", _res_scale(len(dims))), **kwargs)


def convformer(dims, depths, classes, **kwargs):
    return MetaFormer(dims=dims, depths=depths, num_classes=classes, token_mixers=SepConv, norm_layers=LayerNorm2dNoBias,
                      res_scale_init_values=_res_scale(len(dims)), **kwargs)


def caformer(dims, depths, classes, head_dim, conv_stages=2, **kwargs):
    attention_stages = len(dims) - conv_stages
    return MetaFormer(dims=dims, depths=depths, num_classes=classes,
                      token_mixers=[SepConv] * conv_stages + [attention_of(head_dim)] * attention_stages,
                      norm_layers=[LayerNorm2dNoBias] * conv_stages + [LayerNormNoBias] * attention_stages,
                      res_scale_init_values=_res_scale(len(dims)), **kwargs)


def with_head_of_paper(model):
    """The norm inside of the head of ConvFormer and CAFormer has PyTorch's eps there."""
    model.head.fc.norm.eps = 1e-5
    return model


def metaformer(dims, depths, classes, mixers, *, maps, head_dim=32):
    """The hybrid stages of the first paper: `mixers` is a letter per stage, p(ool), a(ttention), f(ully connected) or i(dentity);
    `maps` is (height, width) of each stage. The first attention stage adds a position."""
    kinds = {"p": lambda i: Pooling, "a": lambda i: attention_of(head_dim, proj_bias=True),
             "f": lambda i: spatial_fc_of(maps[i][0] * maps[i][1]), "i": lambda i: IdentityMixer}
    has_attention = "a" in mixers
    norms = [(TokenLayerNorm if mixer == "a" else LayerNormChannel) if has_attention else GroupNorm1 for mixer in mixers]
    model = poolformer(dims, depths, classes, sail_head=True, norm_layers=norms,
                       token_mixers=[kinds[mixer](i) for i, mixer in enumerate(mixers)])
    if has_attention:
        model.head.norm = LayerNormChannel(dims[-1])
        first = mixers.index("a")
        model.stages[first] = PositionedStage(model.stages[first], dims[first], *maps[first])
    return model


def _res_scale(stages):
    """ResScale stands in the last two stages."""
    return [None] * (stages - 2) + [1.0] * 2
