//===- MfOpsStructure.td - Parameters, fused groups, prepared weights -----===//

#ifndef ARCHC_DIALECT_MF_MFOPSSTRUCTURE_TD
#define ARCHC_DIALECT_MF_MFOPSSTRUCTURE_TD

include "dialect/mf/MfAttributes.td"
include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

def Mf_ParamOp : Mf_PureOp<"param"> {
  let summary = "A parameter of the state dict";
  let description = [{
    Parameters enter by name rather than as function arguments, so that inserting a layer renumbers nothing and a name
    in an error is the name in the weight file. What else is known of it (role, initialiser) stands in the module's
    `mf.params`.

    Constraints: 1. (`param_c1`) `name` is not empty.

    Example:
    ```mlir
    %w = mf.param "stages.2.blocks.3.mlp.fc1.weight" : tensor<1280x320xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Res<Mf_Parameter, "the parameter in its state dict's layout">:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Mf_FusedOp : Mf_Op<"fused", [
    IsolatedFromAbove, RecursiveMemoryEffects, SingleBlock, RecursivelySpeculatable]> {
  let summary = "Ops that become one kernel";
  let description = [{
    A group found by `fuse`. Everything it reads is an operand and a block argument, so that equal groups compare equal
    and a group can be outlined as it stands. Inside are the same ops as outside: the group changes when things are
    computed, never what.

    Constraints:
    1. (`fused_c1`) Block arguments have the types of the operands.
    2. (`fused_c2`) The `mf.yield` has the types of the results.

    Example:
    ```mlir
    %y = mf.fused(%a = %x, %v = %w) : (tensor<?x7x7x64xf32>, tensor<64x64xf32>) -> tensor<?x7x7x64xf32> {
      %0 = mf.linear %a, %v : tensor<?x7x7x64xf32>, tensor<64x64xf32>
      %1 = mf.gelu %0 : tensor<?x7x7x64xf32>
      mf.yield %1 : tensor<?x7x7x64xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Mf_YieldOp : Mf_Op<"yield", [Pure, Terminator]> {
  let summary = "Ends the region of an mf op";
  let description = [{
    Its operands are the results of the op around it.

    Example: `mf.yield %y : tensor<?x7x7x64xf32>`
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

// --- prepare: parameters -> weights that kernels read ------------------------
//
// Values are f64 between these ops: a parameter is read as it is, everything is computed in f64, and `mf.pack` rounds
// once. Vectors are [1] or [C]; [1] stands for that number at every channel.

def Mf_FoldWeightOp : Mf_InferredOp<"fold_weight", [AttrSizedOperandSegments]> {
  let summary = "A weight with scales on its input and output channels folded in";
  let description = [{
    result[o, ..., i, ...] = out_scale[o] * weight[o, ..., i, ...] * in_scale[i], where `input_axis` is the axis of i
    (1 for linear layers and convolutions, 0 for depthwise ones).

    Constraints:
    1. (`fold_weight_c1`) `in_scale` has one number or as many as `input_axis`, `out_scale` one or as many as axis 0.
    2. (`fold_weight_c2`) `input_axis` is 0 or 1.

    Numerics: f64.

    Example:
    ```mlir
    %v = mf.fold_weight %w in_scale(%s : tensor<64xf32>) {input_axis = 1} : tensor<256x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Weight, "weight">:$weight, Arg<Optional<Mf_Vector>, "factor per input channel">:$in_scale,
    Arg<Optional<Mf_Vector>, "factor per output channel">:$out_scale, I64Attr:$input_axis);
  let results = (outs Res<Mf_Parameter, "the folded weight">:$folded);
  let assemblyFormat = [{
    $weight (`in_scale` `(` $in_scale^ `:` type($in_scale) `)`)? (`out_scale` `(` $out_scale^ `:` type($out_scale) `)`)?
    `{` `input_axis` `=` $input_axis `}` attr-dict `:` type($weight)
  }];
  let hasVerifier = 1;
}

def Mf_AdjointWeightOp : Mf_InferredOp<"adjoint_weight"> {
  let summary = "The weight with which a layer's input gradient is a layer of the same kind";
  let description = [{
    result[i, o, u, v] = weight[o, i, kh-1-u, kw-1-v] for [O,I,kh,kw]; result[i,o] = weight[o,i] for a matrix. With groups, o
    and i count inside a group: the weight is [O, I/groups, kh, kw] and the result [I, O/groups, kh, kw]; a depthwise one only
    has its axes turned around.

    Constraints: 1. (`adjoint_weight_c1`) `groups` is positive and divides O; it is 1 for a matrix.

    Numerics: exact.

    Example:
    ```mlir
    %a = mf.adjoint_weight %w : tensor<256x64xf32>
    %d = mf.adjoint_weight %k {groups = 128} : tensor<128x1x7x7xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Weight, "[O,I] or [O,I/groups,kh,kw]">:$weight, DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Res<Mf_Parameter, "[I,O] or [I,O/groups,kh,kw]">:$adjoint);
  let assemblyFormat = "$weight (` ` `{` `groups` `=` $groups^ `}`)? attr-dict `:` type($weight)";
}

def Mf_FoldBiasOp : Mf_InferredOp<"fold_bias", [AttrSizedOperandSegments]> {
  let summary = "A bias with a shift of the input and a scale of the output folded in";
  let description = [{
    result[o] = out_scale[o] * (bias[o] + sum over i and taps of weight[o, i, ...] * in_shift[i]); absent operands are
    0, 0 and 1. `weight` is the one that meets the shifted input, before `out_scale`. Right only where no window
    reaches over the border: a zero-padded consumer sees no shift there.

    Constraints:
    1. (`fold_bias_c1`) `bias` is [O]; `in_shift` has one number or as many as `input_axis`, `out_scale` one or O.
    2. (`fold_bias_c2`) `input_axis` is 0 or 1.

    Numerics: f64.

    Example:
    ```mlir
    %c = mf.fold_bias %w bias(%b : tensor<256xf32>) in_shift(%s : tensor<64xf32>) {input_axis = 1} : tensor<256x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Weight, "weight">:$weight, Arg<Optional<Mf_Vector>, "[O]">:$bias,
    Arg<Optional<Mf_Vector>, "summand per input channel">:$in_shift,
    Arg<Optional<Mf_Vector>, "factor per output channel">:$out_scale, I64Attr:$input_axis);
  let results = (outs Res<Mf_Vector, "[O]">:$folded);
  let assemblyFormat = [{
    $weight (`bias` `(` $bias^ `:` type($bias) `)`)? (`in_shift` `(` $in_shift^ `:` type($in_shift) `)`)?
    (`out_scale` `(` $out_scale^ `:` type($out_scale) `)`)? `{` `input_axis` `=` $input_axis `}` attr-dict
    `:` type($weight)
  }];
  let hasVerifier = 1;
}

def Mf_NormStatsScaleOp : Mf_InferredOp<"norm_stats_scale"> {
  let summary = "The scale that running statistics amount to";
  let description = [{
    scale = weight / sqrt(var + eps), per channel; without `weight`, 1 / sqrt(var + eps).

    Constraints: 1. (`norm_stats_c1`) The operands are [C].

    Numerics: f64.

    Example:
    ```mlir
    %a = mf.norm_stats_scale %var weight(%w : tensor<64xf32>) {eps = 1.0e-5} : tensor<64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Vector, "[C]">:$var, Arg<Optional<Mf_Vector>, "[C]">:$weight, F64Attr:$eps);
  let results = (outs Res<Mf_Vector, "[C]">:$scale);
  let assemblyFormat = [{
    $var (`weight` `(` $weight^ `:` type($weight) `)`)? `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($var)
  }];
  let hasVerifier = 1;
}

def Mf_NormStatsShiftOp : Mf_InferredOp<"norm_stats_shift"> {
  let summary = "The shift that running statistics amount to";
  let description = [{
    shift = bias - mean * scale, per channel; without `bias`, -mean * scale.

    Constraints: 1. (`norm_stats_c1`) The operands are [C].

    Numerics: f64.

    Example:
    ```mlir
    %b = mf.norm_stats_shift %mean, %a bias(%c : tensor<64xf32>) : tensor<64xf32>, tensor<64xf64>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Vector, "[C]">:$mean, Arg<Mf_Vector, "[C]">:$scale, Arg<Optional<Mf_Vector>, "[C]">:$bias);
  let results = (outs Res<Mf_Vector, "[C]">:$shift);
  let assemblyFormat = [{
    $mean `,` $scale (`bias` `(` $bias^ `:` type($bias) `)`)? attr-dict `:` type($mean) `,` type($scale)
  }];
  let hasVerifier = 1;
}

class Mf_VectorArithmeticOp<string mnemonic, string symbol> : Mf_InferredOp<mnemonic> {
  let description = "result[c] = a[c] " # symbol # [{ b[c]; an operand of one number counts for every channel.

    Constraints: 1. (`vector_arithmetic_c1`) The operands have one number or equally many.

    Numerics: f64.

    Example:
    ```mlir
    %c = mf.}] # mnemonic # [{ %a, %b : tensor<64xf32>, tensor<1xf64>
    ```
  }];
  let arguments = (ins Arg<Mf_Vector, "[1] or [C]">:$a, Arg<Mf_Vector, "[1] or [C]">:$b);
  let results = (outs Res<Mf_Vector, "[C]">:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a) `,` type($b)";
}

def Mf_MultiplyOp : Mf_VectorArithmeticOp<"multiply", "*"> { let summary = "Product of two prepared vectors"; }
def Mf_DivideOp : Mf_VectorArithmeticOp<"divide", "/"> {
  let summary = "Quotient of two prepared vectors";
}
def Mf_SumOp : Mf_VectorArithmeticOp<"sum", "+"> { let summary = "Sum of two prepared vectors"; }

def Mf_PackOp : Mf_InferredOp<"pack"> {
  let summary = "Round a parameter to f32 and lay it out for kernels";
  let description = [{
    The last op of `prepare`. The result's type keeps the logical shape; `layout` says how a kernel finds the elements
    (vector: padded [C]; panels: [N, K] in panels of columns; conv_panels: the same with taps outside channels; taps:
    [kh, kw, C]; position: [H, W, C]; matrix: padded rows). Panel widths belong to the target, not to the op.

    Constraints: 1. (`pack_c1`) The rank fits the layout: 1 for vector, 2 or 4 for panels, 4 for conv_panels and
    taps, 3 or 4 for position, 2 for matrix.

    Numerics: one rounding to nearest.

    Example:
    ```mlir
    %p = mf.pack %w {layout = #mf.layout<panels>} : tensor<256x64xf64>
    ```
  }];
  let arguments = (ins Arg<Mf_Parameter, "parameter or folded value">:$x, Mf_LayoutAttr:$layout);
  let results = (outs Res<Mf_Parameter, "the same shape in f32">:$packed);
  let assemblyFormat = "$x ` ` `{` `layout` `=` $layout `}` attr-dict `:` type($x)";
  let hasVerifier = 1;
}

#endif // ARCHC_DIALECT_MF_MFOPSSTRUCTURE_TD
