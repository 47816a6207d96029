//===- MfOpsGradient.td - What gradients need beyond the forward ops ------===//
//
// `dy` is the gradient of the loss with respect to a result y. A rule of differentiation writes the gradients of the operands
// with forward ops where it can (a depthwise convolution's input gradient is a depthwise convolution); these are the rest.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSGRADIENT_TD
#define ARCHC_DIALECT_MF_MFOPSGRADIENT_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"
include "dialect/mf/MfOpsActivation.td"

/// Gradients of parameters: static shapes, f32.
def Mf_Gradient : RankedTensorOf<[F32]> { let summary = "gradient of a parameter"; }

// --- Activations -------------------------------------------------------------

/// dx = dy * f'(x)
class Mf_ActivationGradOp<string function, string formula> : Mf_PointwiseOp<function # "_grad", [AllTypesMatch<["x", "dy"]>]> {
  let summary = "Gradient of `mf." # function # "`";
  let description = "dx = dy * f'(x) with f'(x) = " # formula # [{.

    Example:
    ```mlir
    %dx = mf.}] # mnemonic # [{ %x, %dy : tensor<?x56x56x256xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "what the activation read">:$x, Arg<Mf_Rows, "gradient of what it gave">:$dy);
  let results = (outs Res<Mf_Rows, "gradient of x">:$y);
  let assemblyFormat = "$x `,` $dy attr-dict `:` type($x)";
}

def Mf_GeluGradOp : Mf_ActivationGradOp<"gelu", "(1 + erf(x / sqrt(2))) / 2 + x * exp(-x^2 / 2) / sqrt(2 * pi)">;
def Mf_GeluTanhGradOp : Mf_ActivationGradOp<"gelu_tanh",
    "(1 + t) / 2 + x / 2 * (1 - t^2) * u', where t = tanh(u), u = sqrt(2 / pi) * (x + 0.044715 * x^3)">;
def Mf_SiluGradOp : Mf_ActivationGradOp<"silu", "s * (1 + x * (1 - s)), where s = 1 / (1 + exp(-x))">;
def Mf_HardswishGradOp : Mf_ActivationGradOp<"hardswish", "0 for x <= -3, 1 for x >= 3, else (2 * x + 3) / 6">;

// --- Weights -----------------------------------------------------------------

def Mf_Conv2dTransposedOp : Mf_InferredOp<"conv2d_transposed", [
    FusableOpInterface, DeclareOpInterfaceMethods<PlacedOpInterface, ["getParameterLayout"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Input gradient of a convolution with stride";
  let description = [{
    y[n,h,w,i] = sum over o, u, v of weight[i, o, kh-1-u, kw-1-v] * x[n,p,q,o], over the positions (p, q) of x with
    p * stride + u - padding = h and q * stride + v - padding = w. `weight` is what `mf.adjoint_weight` makes of the
    convolution's own. A convolution of stride 1 needs no op of its own here: its input gradient is an `mf.conv2d`.

    `height` and `width` say which of the extents that a strided convolution maps to one the input had.

    Constraints:
    1. (`conv2d_transposed_c1`) `weight` is [I, O/groups, kh, kw] for O channels of `x`, and `groups` divides I and O.
    2. (`conv2d_transposed_c2`) `stride` is two positive, `padding` two non-negative numbers, {height, width}.
    3. (`conv2d_transposed_c3`) A convolution of [height, width] with this kernel, stride and padding has the extents of `x`.

    Numerics: the products of one output are added in any fixed order.

    Example:
    ```mlir
    %dx = mf.conv2d_transposed %dy, %a {stride = [2, 2], padding = [1, 1], height = 56, width = 56}
       : tensor<?x28x28x128xf32>, tensor<64x128x3x3xf64>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "gradient of the convolution's result">:$x, Arg<Mf_Kernel, "[I, O/groups, kh, kw]">:$weight,
    DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding, I64Attr:$height, I64Attr:$width,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Res<Mf_Map, "[N, height, width, I]">:$y);
  let assemblyFormat = [{
    $x `,` $weight ` ` `{` `stride` `=` $stride `,` `padding` `=` $padding `,` `height` `=` $height `,` `width` `=` $width
    (`,` `groups` `=` $groups^)? `}` attr-dict `:` type($x) `,` type($weight)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Stencil; }
    int64_t getKernel(unsigned axis) { return getWeight().getType().getDimSize(2 + axis); }
  }];
}

def Mf_LinearWeightGradOp : Mf_PureOp<"linear_weight_grad", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Weight gradient of a linear layer";
  let description = [{
    result[o,i] = sum over all rows r of all images of dy[r,o] * x[r,i].

    Constraints: 1. (`linear_weight_grad_c1`) `x` and `dy` have the same positions. 2. (`linear_weight_grad_c2`) The result is
    [O, I] or [O, I, 1, 1].

    Numerics: rows are added in segments whose bounds follow from the number of rows alone, so that the sum does not depend on
    threads and rounding grows with the segment and the number of segments, not with their product.

    Example:
    ```mlir
    %dw = mf.linear_weight_grad %x, %dy : tensor<?x7x7x64xf32>, tensor<?x7x7x256xf32> -> tensor<256x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "what the layer read, I channels">:$x, Arg<Mf_Rows, "gradient of what it gave">:$dy);
  let results = (outs Res<Mf_Gradient, "gradient of the weight">:$gradient);
  let assemblyFormat = "$x `,` $dy attr-dict `:` type($x) `,` type($dy) `->` type($gradient)";
  let hasVerifier = 1;
}

def Mf_Conv2dWeightGradOp : Mf_InferredOp<"conv2d_weight_grad", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Weight gradient of a convolution";
  let description = [{
    result[o,i,u,v] = sum over n, p, q of dy[n,p,q,o] * x[n, p*stride+u-padding, q*stride+v-padding, i], positions outside x
    being zero; i counts inside the group of o.

    Constraints: 1. (`conv2d_weight_grad_c1`) `kernel` and `stride` are two positive, `padding` two non-negative numbers,
    {height, width}. 2. (`conv2d_weight_grad_c2`) A convolution of `x` with these has the extents of `dy`.
    3. (`conv2d_weight_grad_c3`) `groups` divides the channels of `x` and `dy`.

    Numerics: as `mf.linear_weight_grad`.

    Example:
    ```mlir
    %dw = mf.conv2d_weight_grad %x, %dy {kernel = [7, 7], stride = [4, 4], padding = [2, 2]}
       : tensor<?x224x224x3xf32>, tensor<?x55x55x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "what the convolution read">:$x, Arg<Mf_Map, "gradient of what it gave">:$dy,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Res<Mf_Gradient, "[O, I/groups, kh, kw]">:$gradient);
  let assemblyFormat = [{
    $x `,` $dy ` ` `{` `kernel` `=` $kernel `,` `stride` `=` $stride `,` `padding` `=` $padding (`,` `groups` `=` $groups^)? `}`
    attr-dict `:` type($x) `,` type($dy)
  }];
  let hasVerifier = 1;
}

def Mf_DepthwiseWeightGradOp : Mf_InferredOp<"depthwise_weight_grad", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, DeclareOpInterfaceMethods<PlacedOpInterface, ["getBlockPadding"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Weight gradient of a depthwise convolution";
  let description = [{
    result[c,0,u,v] = sum over n, p, q of dy[n,p,q,c] * x[n, p+u-padding, q+v-padding, c], positions outside x being zero.

    Constraints: 1. (`depthwise_weight_grad_c1`) `kernel` is two positive, `padding` two non-negative numbers.
    2. (`depthwise_weight_grad_c2`) A convolution of `x` with these has the shape of `dy`.

    Numerics: as `mf.linear_weight_grad`.

    Example:
    ```mlir
    %dw = mf.depthwise_weight_grad %x, %dy {kernel = [7, 7], padding = [3, 3]}
       : tensor<?x56x56x128xf32>, tensor<?x56x56x128xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "what the convolution read">:$x, Arg<Mf_Map, "gradient of what it gave">:$dy,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$padding);
  let results = (outs Res<Mf_Gradient, "[C, 1, kh, kw]">:$gradient);
  let assemblyFormat = [{
    $x `,` $dy ` ` `{` `kernel` `=` $kernel `,` `padding` `=` $padding `}` attr-dict `:` type($x) `,` type($dy)
  }];
  let hasVerifier = 1;
}

def Mf_SpatialWeightGradOp : Mf_InferredOp<"spatial_weight_grad", [
    AllTypesMatch<["x", "dy"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Gradient of the matrix of a spatial product";
  let description = [{
    result[t,s] = sum over n, c of dy[n,t,c] * x[n,s,c], for the T = H * W positions of an image.

    Numerics: as `mf.linear_weight_grad`, over images and channels.

    Example:
    ```mlir
    %dm = mf.spatial_weight_grad %x, %dy : tensor<?x7x7x512xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "what the product read">:$x, Arg<Mf_Map, "gradient of what it gave">:$dy);
  let results = (outs Res<Mf_Gradient, "[T, T]">:$gradient);
  let assemblyFormat = "$x `,` $dy attr-dict `:` type($x)";
}

// --- Sums --------------------------------------------------------------------

def Mf_ChannelSumOp : Mf_PureOp<"channel_sum", [OptionalTailOpInterface]> {
  let summary = "Sum over all rows, per channel or of everything";
  let description = [{
    result[c] = sum over all rows r of all images of x[r,c] * other[r,c] (without `other`, of x[r,c]); a result of one number
    also sums over the channels. Gradients of biases, of norms' affine parts and of scales.

    Constraints: 1. (`channel_sum_c1`) `other`, where given, has the type of `x`. 2. (`channel_sum_c2`) The result is [C] or [1].

    Numerics: as `mf.linear_weight_grad`.

    Example:
    ```mlir
    %db = mf.channel_sum %dy : tensor<?x7x7x64xf32> -> tensor<64xf32>
    %ds = mf.channel_sum %dy times(%x : tensor<?x7x7x64xf32>) : tensor<?x7x7x64xf32> -> tensor<1xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "rows of C channels">:$x, Arg<Optional<Mf_Rows>, "rows of the same type">:$other);
  let results = (outs Res<Mf_Gradient, "[C] or [1]">:$sum);
  let assemblyFormat = "$x (`times` `(` $other^ `:` type($other) `)`)? attr-dict `:` type($x) `->` type($sum)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{ static constexpr unsigned kOperandSlots = 2; }];
}

def Mf_BatchSumOp : Mf_PureOp<"batch_sum"> {
  let summary = "Sum over images, per position";
  let description = [{
    result[c,h,w] = sum over n of x[n,h,w,c]: gradients of position embeddings and of affine parts per position. A result of
    one number per position also sums over the channels: the gradient of a spatial product's bias.

    Constraints: 1. (`batch_sum_c1`) The result is [C, H, W], [1, C, H, W] or [H * W]; H and W are 1 for [N, C].

    Numerics: images are added in order.

    Example:
    ```mlir
    %dp = mf.batch_sum %dy : tensor<?x14x14x320xf32> -> tensor<1x320x14x14xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Images, "the map, or [N, C]">:$x);
  let results = (outs Res<Mf_Gradient, "[C, H, W], [1, C, H, W] or [H * W]">:$sum);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($sum)";
  let hasVerifier = 1;
}

// --- Norms -------------------------------------------------------------------

/// The gradient of a norm without its affine part. g is the gradient of the normalised map.
class Mf_NormGradOp<string function, dag rows, dag more, string need, string over, string formula>
    : Mf_PureOp<function # "_grad", [AllTypesMatch<["x", "g", "y"]>, FusableOpInterface]> {
  let summary = "Input gradient of `mf." # function # "`";
  let description = formula # " with means over " # over # [{, the statistics being those of x.

    `g` is the gradient of the normalised map before its affine part: `mf.scale` by the norm's weight comes first, and the
    gradient of that weight is a sum over dy times the normalised map, computed again from x.

    Constraints: 1. (`norm_c2`) `eps` is not negative.

    Numerics: the variance as in `mf.layer_norm`.}];
  let arguments = !con(rows, more, (ins F64Attr:$eps));
  let results = (outs Res<Mf_Rows, "gradient of x">:$y);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() {
      return getX().getType().getRank() == 4 ? ::archc::mf::Need::}] # need # [{ : ::archc::mf::Need::Rows;
    }
    bool sumsOverChannels() { return true; }
  }];
}

def Mf_LayerNormGradOp : Mf_NormGradOp<"layer_norm",
    (ins Arg<Mf_Rows, "what the norm read">:$x, Arg<Mf_Rows, "gradient of the normalised rows">:$g), (ins), "Rows",
    "the channels of a position", "y = rstd * (g - mean(g) - xhat * mean(g * xhat)), xhat = (x - mean(x)) * rstd,"> {
  let assemblyFormat = "$x `,` $g ` ` `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)";
}

def Mf_RmsNormGradOp : Mf_NormGradOp<"rms_norm",
    (ins Arg<Mf_Rows, "what the norm read">:$x, Arg<Mf_Rows, "gradient of the normalised rows">:$g), (ins), "Rows",
    "the channels of a position", "y = r * (g - xhat * mean(g * xhat)), r = 1 / sqrt(mean(x^2) + eps), xhat = r * x,"> {
  let assemblyFormat = "$x `,` $g ` ` `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)";
}

def Mf_GroupNormGradOp : Mf_NormGradOp<"group_norm",
    (ins Arg<Mf_Images, "what the norm read">:$x, Arg<Mf_Images, "gradient of the normalised map">:$g), (ins I64Attr:$groups),
    "Image", "all positions of C/groups neighbouring channels of one image",
    "y = rstd * (g - mean(g) - xhat * mean(g * xhat)), xhat = (x - mean(x)) * rstd,"> {
  let results = (outs Res<Mf_Images, "gradient of x">:$y);
  let assemblyFormat = [{
    $x `,` $g ` ` `{` `groups` `=` $groups `,` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
}

// --- Mixers ------------------------------------------------------------------

def Mf_PoolMixGradOp : Mf_PureOp<"pool_mix_grad", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["dy", "y"]>, FusableOpInterface]> {
  let summary = "Input gradient of `mf.pool_mix`";
  let description = [{
    y = sum over the windows that hold a position of dy at the window's centre / positions of the window inside the map,
    minus dy. It differs from `mf.pool_mix` at the border, where windows have fewer positions.

    Constraints: 1. (`pool_mix_c1`) `size` is odd and positive.

    Example:
    ```mlir
    %dx = mf.pool_mix_grad %dy {size = 3} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "gradient of the mixed map">:$dy, I64Attr:$size);
  let results = (outs Res<Mf_Map, "gradient of the map">:$y);
  let assemblyFormat = "$dy ` ` `{` `size` `=` $size `}` attr-dict `:` type($dy)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Stencil; }
    ::std::pair<int64_t, int64_t> getHalo() {
      int64_t reach = getSizeAttr().getInt() / 2;
      return {reach, reach};
    }
  }];
}

def Mf_GlobalAvgPoolGradOp : Mf_InferredOp<"global_avg_pool_grad", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, FusableOpInterface]> {
  let summary = "Input gradient of `mf.global_avg_pool`";
  let description = [{
    y[n,h,w,c] = dy[n,c] / (height * width).

    Constraints: 1. (`global_avg_pool_grad_c1`) `height` and `width` are positive.

    Example:
    ```mlir
    %dx = mf.global_avg_pool_grad %dy {height = 7, width = 7} : tensor<?x512xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Features, "gradient of the means">:$dy, I64Attr:$height, I64Attr:$width);
  let results = (outs Res<Mf_Map, "[N, height, width, C]">:$y);
  let assemblyFormat = "$dy ` ` `{` `height` `=` $height `,` `width` `=` $width `}` attr-dict `:` type($dy)";
  let extraClassDeclaration = [{ ::archc::mf::Need getNeed() { return ::archc::mf::Need::Image; } }];
}

def Mf_AttentionGradOp : Mf_InferredOp<"attention_grad", [
    FusableOpInterface, DeclareOpInterfaceMethods<PlacedOpInterface, ["getPlacement"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Gradient of `mf.attention`";
  let description = [{
    For each image and head, with p = softmax(scale * q k^T), computed again, and o = p v: dv = p^T dout,
    ds = p * (dout v^T - rowsum(dout * o)), dq = scale * ds k, dk = scale * ds^T q; laid out like `qkv`.

    Constraints: 1. (`attention_c1`) `heads` and `head_dim` are positive, and `qkv` has 3 * heads * head_dim channels.
    2. (`attention_grad_c1`) `dout` is [N, H, W, heads * head_dim].

    Example:
    ```mlir
    %dqkv = mf.attention_grad %qkv, %dout {heads = 10, head_dim = 32, scale = 0.17677669529663687}
       : tensor<?x14x14x960xf32>, tensor<?x14x14x320xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "what attention read">:$qkv, Arg<Mf_Map, "gradient of what it gave">:$dout, I64Attr:$heads, I64Attr:$head_dim,
    F64Attr:$scale);
  let results = (outs Res<Mf_Map, "gradient of qkv">:$y);
  let assemblyFormat = [{
    $qkv `,` $dout ` ` `{` `heads` `=` $heads `,` `head_dim` `=` $head_dim `,` `scale` `=` custom<Real>($scale) `}` attr-dict
    `:` type($qkv) `,` type($dout)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{ ::archc::mf::Need getNeed() { return ::archc::mf::Need::Image; } }];
}

#endif // ARCHC_DIALECT_MF_MFOPSGRADIENT_TD
