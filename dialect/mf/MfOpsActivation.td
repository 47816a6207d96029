//===- MfOpsActivation.td - Elementwise ops -------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSACTIVATION_TD
#define ARCHC_DIALECT_MF_MFOPSACTIVATION_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

/// One result element per element of x.
class Mf_PointwiseOp<string mnemonic, list<Trait> traits = []>
    : Mf_PureOp<mnemonic, !listconcat([AllTypesMatch<["x", "y"]>, PointwiseOpInterface, FusableOpInterface], traits)> {
  code methods = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
  }];
  let extraClassDeclaration = methods;
}

/// An activation function without parameters.
class Mf_ActivationOp<string mnemonic, string formula, string numerics> : Mf_PointwiseOp<mnemonic, [DeclareOpInterfaceMethods<DifferentiableOpInterface>]> {
  let description = "y = " # formula # ".\n\n" # numerics # [{

    Example:
    ```mlir
    %y = mf.}] # mnemonic # [{ %x : tensor<?x56x56x256xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "any rows">:$x);
  let results = (outs Res<Mf_Rows, "the activated rows">:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Mf_ReluOp : Mf_ActivationOp<"relu", "max(x, 0)", "Numerics: exact; NaN stays NaN."> {
  let summary = "Rectified linear unit";
  let hasFolder = 1;
}

def Mf_SquaredReluOp : Mf_ActivationOp<"squared_relu", "max(x, 0)^2", "Numerics: one rounding; NaN stays NaN."> {
  let summary = "Square of the rectified linear unit";
}

def Mf_GeluOp : Mf_ActivationOp<"gelu", "x / 2 * (1 + erf(x / sqrt(2)))",
    "PyTorch's default, not its tanh approximation: the two differ by up to 5e-4.\n\n"
    "Numerics: relative error within a few ulp also where x is far below zero."> {
  let summary = "Gaussian error linear unit, exact";
}

def Mf_GeluTanhOp : Mf_ActivationOp<"gelu_tanh", "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))",
    "What JAX models mean by GELU."> {
  let summary = "Gaussian error linear unit, tanh form";
}

def Mf_SiluOp : Mf_ActivationOp<"silu", "x / (1 + exp(-x))", "Numerics: no overflow for large negative x."> {
  let summary = "Sigmoid linear unit (swish)";
}

def Mf_HardswishOp : Mf_ActivationOp<"hardswish", "x * min(max(x + 3, 0), 6) / 6", "Numerics: two roundings."> {
  let summary = "Piecewise quadratic form of swish";
}

def Mf_StepOp : Mf_ActivationOp<"step", "1 where x > 0, else 0", "The derivative of `mf.relu`. Numerics: exact."> {
  let summary = "Whether a number is positive";
}

def Mf_StarReluOp : Mf_PointwiseOp<"star_relu", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AttrSizedOperandSegments, AffineTailOpInterface]> {
  let summary = "Scaled and shifted squared ReLU";
  let description = [{
    y = scale * max(x, 0)^2 + bias, the activation of the MetaFormer baselines. Scale and bias are learned (operands,
    one number or one per channel) or fixed (attributes, used where the operand is absent). An affine tail: both fold
    into the next weights.

    Constraints: 1. (`star_relu_c1`) `scale` and `bias`, where given, are [1] or [C].

    Example:
    ```mlir
    %y = mf.star_relu %x scale(%s : tensor<1xf32>) bias(%b : tensor<1xf32>) : tensor<?x56x56x256xf32>
    %z = mf.star_relu %x {scale_value = 0.8944, bias_value = -0.4472} : tensor<?x56x56x256xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Rows, "rows of C channels">:$x,
    Arg<Optional<Mf_Vector>, "[1] or [C]">:$scale,
    Arg<Optional<Mf_Vector>, "[1] or [C]">:$bias,
    DefaultValuedAttr<F64Attr, "1.0">:$scale_value,
    DefaultValuedAttr<F64Attr, "0.0">:$bias_value);
  let results = (outs Res<Mf_Rows, "the activated rows">:$y);
  let assemblyFormat = [{
    $x (`scale` `(` $scale^ `:` type($scale) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`{` `scale_value` `=` $scale_value^ `,` `bias_value` `=` $bias_value `}`)? attr-dict `:` type($x)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = methods # [{
    ::mlir::Value getTailScale() { return getScale(); }
    ::mlir::Value getTailShift() { return getBias(); }
    double getTailScaleValue() { return getScaleValue().convertToDouble(); }
    double getTailShiftValue() { return getBiasValue().convertToDouble(); }
    ::mlir::Value createWithTail(::mlir::OpBuilder &builder, ::mlir::Value scale, ::mlir::Value shift);
  }];
}

def Mf_ScaleOp : Mf_PointwiseOp<"scale", [DeclareOpInterfaceMethods<DifferentiableOpInterface>, AffineTailOpInterface]> {
  let summary = "Multiply each channel by a number";
  let description = [{
    y = gamma * x: layer scale on a branch, residual scale on a shortcut.

    Constraints: 1. (`scale_c1`) `gamma` is [1] or [C].

    Example:
    ```mlir
    %y = mf.scale %x, %gamma : tensor<?x56x56x64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "rows of C channels">:$x, Arg<Mf_Vector, "[1] or [C]">:$gamma);
  let results = (outs Res<Mf_Rows, "the scaled rows">:$y);
  let assemblyFormat = "$x `,` $gamma attr-dict `:` type($x) `,` type($gamma)";
  let hasVerifier = 1;
  let extraClassDeclaration = methods # [{
    ::mlir::Value getTailScale() { return getGamma(); }
    ::mlir::Value getTailShift() { return {}; }
    ::mlir::Value createWithTail(::mlir::OpBuilder &builder, ::mlir::Value scale, ::mlir::Value shift);
  }];
}

def Mf_AffineOp : Mf_PointwiseOp<"affine", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AffineTailOpInterface, AttrSizedOperandSegments]> {
  let summary = "Multiply each channel by a number and add one";
  let description = [{
    y = scale * x + shift. No spec says this: `fold-weights` writes batch norm with it once the statistics have become
    a scale and a shift, and other tails that could not fold.

    Constraints: 1. (`affine_c1`) `scale` and `shift`, where given, are [1] or [C].

    Example:
    ```mlir
    %y = mf.affine %x scale(%a : tensor<64xf32>) shift(%b : tensor<64xf32>) : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Rows, "rows of C channels">:$x,
    Arg<Optional<Mf_Vector>, "[1] or [C]">:$scale,
    Arg<Optional<Mf_Vector>, "[1] or [C]">:$shift);
  let results = (outs Res<Mf_Rows, "the rows after the affine map">:$y);
  let assemblyFormat = [{
    $x (`scale` `(` $scale^ `:` type($scale) `)`)? (`shift` `(` $shift^ `:` type($shift) `)`)? attr-dict `:` type($x)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = methods # [{
    ::mlir::Value getTailScale() { return getScale(); }
    ::mlir::Value getTailShift() { return getShift(); }
    ::mlir::Value createWithTail(::mlir::OpBuilder &builder, ::mlir::Value scale, ::mlir::Value shift);
  }];
}

def Mf_AddOp : Mf_PointwiseOp<"add", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "other"]>, Commutative]> {
  let summary = "Sum of two maps";
  let description = [{
    y = x + other: the residual connection.

    Constraints: 1. (`add_c1`) Both operands and the result have one type.

    Example:
    ```mlir
    %z = mf.add %x, %y : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "any rows">:$x, Arg<Mf_Rows, "rows of the same type">:$other);
  let results = (outs Res<Mf_Rows, "the sum">:$y);
  let assemblyFormat = "$x `,` $other attr-dict `:` type($x)";
}

def Mf_MulOp : Mf_PointwiseOp<"mul", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "other"]>, Commutative]> {
  let summary = "Product of two maps";
  let description = [{
    y = factor * x * other: gradients of activations, gates. `factor` is a number that both rules and specs know beforehand, such
    as the 2 in the derivative of a square.

    Numerics: x * other is rounded first.

    Example:
    ```mlir
    %z = mf.mul %x, %y : tensor<?x56x56x64xf32>
    %d = mf.mul %x, %y {factor = 2.0} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "any rows">:$x, Arg<Mf_Rows, "rows of the same type">:$other,
                       DefaultValuedAttr<F64Attr, "1.0">:$factor);
  let results = (outs Res<Mf_Rows, "the product">:$y);
  let assemblyFormat = "$x `,` $other (` ` `{` `factor` `=` $factor^ `}`)? attr-dict `:` type($x)";
}

def Mf_AddPositionOp : Mf_PureOp<"add_position", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, FusableOpInterface]> {
  let summary = "Add a position embedding";
  let description = [{
    y[n,h,w,c] = x[n,h,w,c] + position[0,c,h,w]: a learned map, the same for every image.

    Constraints: 1. (`add_position_c1`) `position` is [1, C, H, W] for the map's extents.

    Example:
    ```mlir
    %y = mf.add_position %x, %p : tensor<?x14x14x320xf32>, tensor<1x320x14x14xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Map, "the map">:$x, Arg<Mf_Kernel, "[1, C, H, W]">:$position);
  let results = (outs Res<Mf_Map, "the sum">:$y);
  let assemblyFormat = "$x `,` $position attr-dict `:` type($x) `,` type($position)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
  }];
}

def Mf_ScalePositionOp : Mf_PureOp<"scale_position", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, FusableOpInterface]> {
  let summary = "Multiply by a number per channel and position";
  let description = [{
    y[n,h,w,c] = x[n,h,w,c] * position[c,h,w]: what the affine part of a norm over whole images does to gradients.

    Constraints: 1. (`scale_position_c1`) `position` is [C, H, W] for the map's extents; [C, 1, 1] for [N, C].

    Example:
    ```mlir
    %y = mf.scale_position %x, %p : tensor<?x14x14x320xf32>, tensor<320x14x14xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Images, "the map, or [N, C]">:$x, Arg<Mf_Parameter, "[C, H, W]">:$position);
  let results = (outs Res<Mf_Images, "the product">:$y);
  let assemblyFormat = "$x `,` $position attr-dict `:` type($x) `,` type($position)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
  }];
}

#endif // ARCHC_DIALECT_MF_MFOPSACTIVATION_TD
