//===- MfOpsMixer.td - Ops that mix the positions of an image -------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSMIXER_TD
#define ARCHC_DIALECT_MF_MFOPSMIXER_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

def Mf_PoolMixOp : Mf_PureOp<"pool_mix", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, DeclareOpInterfaceMethods<TokenMixerInterface, ["commutesWithScale", "cancelsShift"]>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed", "getHalo", "appliesTail"]>]> {
  let summary = "Average over a window minus the centre";
  let description = [{
    PoolFormer's token mixer: y = avg(x over a size x size window, stride 1) - x, where a window at the border averages
    the positions inside the map only. One op rather than pool and subtraction, because the difference is what has
    algebra: a map that is constant per image and channel gives exactly zero, so means and biases before it cancel.

    Constraints: 1. (`pool_mix_c1`) `size` is odd and positive.

    Numerics: sum of the window, one division by the count (multiplication by its reciprocal), then the subtraction.

    Example:
    ```mlir
    %y = mf.pool_mix %x {size = 3} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "the map">:$x, I64Attr:$size);
  let results = (outs Res<Mf_Map, "the mixed map">:$y);
  let assemblyFormat = "$x ` ` `{` `size` `=` $size `}` attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Mf_NormScaleOp : Mf_PureOp<"norm_scale", [
    AllTypesMatch<["x", "source", "y"]>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed"]>]> {
  let summary = "Multiply a map by another map's reciprocal standard deviation";
  let description = [{
    What is left of a norm over whole images once its mean and bias have cancelled in a mixer:
    y = weight * x / sqrt(var(source) + eps) with the variance over all elements of one image of `source`. `simplify`
    turns `pool_mix(group_norm(x))` into `norm_scale(pool_mix(x), x)`, so that no normalised map exists: the statistics
    of x are one pass over data that the pool reads anyway.

    Constraints: 1. (`norm_scale_c1`) `x` and `source` have one type. 2. (`norm_c1`) `weight`, where given, is [C].
    3. (`norm_c2`) `eps` is not negative.

    Numerics: the variance as in `mf.layer_norm`; the factor is one number per image times the weight.

    Example:
    ```mlir
    %p = mf.pool_mix %x {size = 3} : tensor<?x56x56x64xf32>
    %y = mf.norm_scale %p by %x weight(%w : tensor<64xf32>) {eps = 1.0e-6} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "the map to scale">:$x, Arg<Mf_Map, "the map whose statistics count">:$source,
    Arg<Optional<Mf_Vector>, "[C]">:$weight, F64Attr:$eps);
  let results = (outs Res<Mf_Map, "the scaled map">:$y);
  let assemblyFormat = [{
    $x `by` $source (`weight` `(` $weight^ `:` type($weight) `)`)? `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
  let hasVerifier = 1;
}

def Mf_SpatialMatmulOp : Mf_PureOp<"spatial_matmul", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, OptionalTailOpInterface,
    DeclareOpInterfaceMethods<TokenMixerInterface, ["commutesWithScale"]>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed", "appliesTail"]>,
    DeclareOpInterfaceMethods<PlacedOpInterface, ["getParameterLayout"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "One matrix over positions, the same for all channels";
  let description = [{
    Random mixing and spatial fully connected layers: y[n,t,c] = bias[t] + sum over s of matrix[t,s] * x[n,s,c] for the
    T = H * W positions of an image in row-major order. The matrix ties the network to one resolution.

    Constraints: 1. (`spatial_matmul_c1`) `matrix` is [T, T]. 2. (`spatial_matmul_c2`) `bias`, where given, is [T].

    Numerics: as `mf.linear`.

    Example:
    ```mlir
    %y = mf.spatial_matmul %x, %r : tensor<?x7x7x512xf32>, tensor<49x49xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "the map">:$x, Arg<Mf_Matrix, "[T, T]">:$matrix, Arg<Optional<Mf_Vector>, "[T]">:$bias);
  let results = (outs Res<Mf_Map, "the mixed map">:$y);
  let assemblyFormat = [{
    $x `,` $matrix (`bias` `(` $bias^ `:` type($bias) `)`)? attr-dict `:` type($x) `,` type($matrix)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned kOperandSlots = 3;
  }];
}

def Mf_AttentionOp : Mf_InferredOp<"attention", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, TokenMixerInterface,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed"]>,
    DeclareOpInterfaceMethods<PlacedOpInterface, ["getPlacement"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Multi-head self-attention over the positions of an image";
  let description = [{
    softmax(scale * q k^T) v for each image and head, over T = H * W positions. One operand holds q, k and v as a
    linear layer leaves them: channel (j * heads + h) * head_dim + d is component d of head h of q (j = 0), k (1) or
    v (2). The layers around it are `mf.linear` ops of their own, so that they fuse and fold like any other.

    Constraints: 1. (`attention_c1`) `heads` and `head_dim` are positive, and `qkv` has 3 * heads * head_dim channels.

    Numerics: the softmax subtracts a running or total maximum; sums in a fixed order.

    Example:
    ```mlir
    %y = mf.attention %qkv {heads = 10, head_dim = 32, scale = 0.17677669529663687} : tensor<?x14x14x960xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "[N, H, W, 3 * heads * head_dim]">:$qkv, I64Attr:$heads, I64Attr:$head_dim, F64Attr:$scale);
  let results = (outs Res<Mf_Map, "[N, H, W, heads * head_dim]">:$y);
  let assemblyFormat = [{
    $qkv ` ` `{` `heads` `=` $heads `,` `head_dim` `=` $head_dim `,` `scale` `=` custom<Real>($scale) `}` attr-dict `:` type($qkv)
  }];
}

def Mf_GlobalAvgPoolOp : Mf_InferredOp<"global_avg_pool", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed"]>]> {
  let summary = "Mean over all positions";
  let description = [{
    y[n,c] = mean over h, w of x[n,h,w,c]: the end of the feature maps.

    Numerics: partial sums over fixed chunks of positions, combined in a fixed order.

    Example:
    ```mlir
    %y = mf.global_avg_pool %x : tensor<?x7x7x512xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "the map">:$x);
  let results = (outs Res<Mf_Features, "one vector per image">:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif // ARCHC_DIALECT_MF_MFOPSMIXER_TD
