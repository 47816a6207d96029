//===- MfOpsConv.td - Ops with weights: convolutions and linear layers ----===//

#ifndef ARCHC_DIALECT_MF_MFOPSCONV_TD
#define ARCHC_DIALECT_MF_MFOPSCONV_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

def Mf_Conv2dOp : Mf_InferredOp<"conv2d", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>,
    OptionalTailOpInterface, ContractionOpInterface, DeclareOpInterfaceMethods<WeightedOpInterface, ["hasInputAxis", "padsInput"]>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed", "getHalo", "getStep"]>,
    DeclareOpInterfaceMethods<PlacedOpInterface, ["getParameterLayout"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Two-dimensional convolution over zero-padded positions";
  let description = [{
    Stems and downsampling. A 1x1 convolution without stride is an `mf.linear`; a depthwise one of stride 1 is an
    `mf.depthwise_conv2d`: both have kernels of their own, and keeping them apart makes this op rare.

    y[n,i,j,o] = bias[o] + sum over c, u, v of weight[o,c,u,v] * x[n, i*stride+u-padding, j*stride+v-padding, c], where
    group g of the output channels reads group g of the input channels. The result has
    floor((extent + 2*padding - k) / stride) + 1 rows and columns.

    Constraints:
    1. (`conv2d_c1`) `weight` is [O, I/groups, kh, kw] for I channels of `x`, and `groups` divides I and O.
    2. (`conv2d_c2`) `stride` is two positive, `padding` two non-negative numbers, {height, width}.
    3. (`conv2d_c3`) At least one window fits.
    4. (`conv2d_c4`) `bias` is [O].

    Numerics: the products of one output are added in any fixed order.

    Example:
    ```mlir
    %y = mf.conv2d %x, %w bias(%b : tensor<64xf32>) {stride = [4, 4], padding = [2, 2]}
       : tensor<?x224x224x3xf32>, tensor<64x3x7x7xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "the map">:$x,
    Arg<Mf_Kernel, "[O, I/groups, kh, kw]">:$weight,
    Arg<Optional<Mf_Vector>, "[O]">:$bias,
    DenseI64ArrayAttr:$stride,
    DenseI64ArrayAttr:$padding,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Res<Mf_Map, "the convolved map">:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `stride` `=` $stride `,` `padding` `=` $padding (`,` `groups` `=` $groups^)? `}` attr-dict
    `:` type($x) `,` type($weight)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned kOperandSlots = 3;
    bool isRowwise();
    int64_t getKernel(unsigned axis) { return getWeight().getType().getDimSize(2 + axis); }
  }];
}

def Mf_DepthwiseConv2dOp : Mf_InferredOp<"depthwise_conv2d", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>,
    OptionalTailOpInterface, DeclareOpInterfaceMethods<WeightedOpInterface, ["getInputAxis", "padsInput"]>,
    DeclareOpInterfaceMethods<FusableOpInterface, ["getNeed", "getHalo", "appliesTail"]>,
    DeclareOpInterfaceMethods<TokenMixerInterface, ["commutesWithScale"]>,
    DeclareOpInterfaceMethods<PlacedOpInterface, ["getBlockPadding", "getParameterLayout"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Convolution of each channel with its own kernel, stride 1";
  let description = [{
    The mixing step of separable convolutions: memory bound, so it wants other kernels and layouts than `mf.conv2d`.

    y[n,i,j,c] = bias[c] + sum over u, v of weight[c,0,u,v] * x[n, i+u-padding, j+v-padding, c].

    Constraints:
    1. (`depthwise_conv2d_c1`) `weight` is [C, 1, kh, kw] for C channels of `x`.
    2. (`depthwise_conv2d_c2`) `padding` is two non-negative numbers, and at least one window fits.
    3. (`depthwise_conv2d_c3`) `bias` is [C].

    Example:
    ```mlir
    %y = mf.depthwise_conv2d %x, %w {padding = [3, 3]} : tensor<?x56x56x128xf32>, tensor<128x1x7x7xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Map, "the map">:$x,
    Arg<Mf_Kernel, "[C, 1, kh, kw]">:$weight,
    Arg<Optional<Mf_Vector>, "[C]">:$bias,
    DenseI64ArrayAttr:$padding);
  let results = (outs Res<Mf_Map, "the convolved map">:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)? `{` `padding` `=` $padding `}` attr-dict
    `:` type($x) `,` type($weight)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned kOperandSlots = 3;
    int64_t getKernel(unsigned axis) { return getWeight().getType().getDimSize(2 + axis); }
  }];
}

def Mf_LinearOp : Mf_InferredOp<"linear", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>,
    OptionalTailOpInterface, WeightedOpInterface, ContractionOpInterface, FusableOpInterface,
    DeclareOpInterfaceMethods<PlacedOpInterface, ["getParameterLayout"]>, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "Linear layer over channels, the same at each position";
  let description = [{
    Every 1x1 convolution and every classifier: the bulk of the arithmetic. timm writes the weight as a matrix where
    it computes on tokens and as a 1x1 kernel where it computes on maps; both are accepted, so that parameters keep
    the shapes of their state dict.

    y[...,n] = bias[n] + sum over k of weight[n,k] * x[...,k].

    Constraints:
    1. (`linear_c1`) `weight` is [N, K] or [N, K, 1, 1] for K channels of `x`.
    2. (`linear_c2`) `bias` is [N].

    Numerics: the products of one output are added in one fixed order, whatever the tile.

    Example:
    ```mlir
    %y = mf.linear %x, %w bias(%b : tensor<256xf32>) : tensor<?x56x56x64xf32>, tensor<256x64x1x1xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Rows, "rows of K channels">:$x,
    Arg<Mf_Weight, "[N, K] or [N, K, 1, 1]">:$weight,
    Arg<Optional<Mf_Vector>, "[N]">:$bias);
  let results = (outs Res<Mf_Rows, "rows of N channels">:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)? attr-dict `:` type($x) `,` type($weight)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned kOperandSlots = 3;
    bool isRowwise() { return true; }
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
  }];
}

#endif // ARCHC_DIALECT_MF_MFOPSCONV_TD
