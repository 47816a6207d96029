//===- MfOpsNorm.td - Normalisations --------------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSNORM_TD
#define ARCHC_DIALECT_MF_MFOPSNORM_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

/// x keeps its type; weight and bias are each optional, so that "full", "scale" and "none" are one op.
/// Statistics over an image: the only position of [N,C] is its image.
class Mf_NormOp<string mnemonic, string need, string statistics, list<Trait> traits = []>
    : Mf_PureOp<mnemonic, !listconcat([
          DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, NormOpInterface,
          FusableOpInterface], traits)> {
  let hasVerifier = 1;
  code methods = [{
    ::archc::mf::Need getNeed() {
      return getX().getType().getRank() == 4 ? ::archc::mf::Need::}] # need # [{ : ::archc::mf::Need::Rows;
    }
    ::archc::mf::Statistics getStatistics() { return ::archc::mf::Statistics::}] # statistics # [{; }
  }];
  let extraClassDeclaration = methods;
}

/// A norm whose affine part is one number per channel.
class Mf_ChannelNormOp<string mnemonic, string need, string statistics, list<Trait> traits = []>
    : Mf_NormOp<mnemonic, need, statistics, !listconcat([AttrSizedOperandSegments, AffineTailOpInterface], traits)> {
  let extraClassDeclaration = methods # [{
    ::mlir::Value getTailScale() { return getWeight(); }
    ::mlir::Value getTailShift() { return getBias(); }
    ::mlir::Value createWithTail(::mlir::OpBuilder &builder, ::mlir::Value scale, ::mlir::Value shift);
  }];
}

def Mf_LayerNormOp : Mf_ChannelNormOp<"layer_norm", "Rows", "Position"> {
  let summary = "Normalise the channels of each position";
  let description = [{
    y = (x - mean) / sqrt(var + eps) * weight + bias; mean and (biased) variance over the C channels of one position.

    Constraints: 1. (`norm_c1`) `weight` and `bias`, where given, are [C]. 2. (`norm_c2`) `eps` is not negative.

    Numerics: the variance is that of the centred values (two passes, or mean and sum of squared deviations combined
    in a fixed order), never E[x^2] - E[x]^2.

    Example:
    ```mlir
    %y = mf.layer_norm %x weight(%w : tensor<64xf32>) {eps = 1.0e-6} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Rows, "rows of C channels">:$x, Arg<Optional<Mf_Vector>, "[C]">:$weight,
    Arg<Optional<Mf_Vector>, "[C]">:$bias, F64Attr:$eps);
  let results = (outs Res<Mf_Rows, "the normalised rows">:$y);
  let assemblyFormat = [{
    $x (`weight` `(` $weight^ `:` type($weight) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
}

def Mf_LayerNormChwOp : Mf_NormOp<"layer_norm_chw", "Image", "Image", [AttrSizedOperandSegments]> {
  let summary = "Normalise a whole image, with an affine part per channel and position";
  let description = [{
    PyTorch's `LayerNorm([C, H, W])`: y = (x - mean) / sqrt(var + eps) * weight + bias; mean and variance over all
    elements of one image. The affine part ties the network to one resolution.

    Constraints: 1. (`layer_norm_chw_c1`) `weight` and `bias`, where given, are [C, H, W]; [C, 1, 1] for [N, C]. 2. (`norm_c2`) `eps` is not
    negative.

    Numerics: as `mf.layer_norm`.

    Example:
    ```mlir
    %y = mf.layer_norm_chw %x weight(%w : tensor<64x7x7xf32>) {eps = 1.0e-5} : tensor<?x7x7x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Images, "the map, or [N, C]">:$x, Arg<Optional<Mf_Parameter>, "[C, H, W]">:$weight,
    Arg<Optional<Mf_Parameter>, "[C, H, W]">:$bias, F64Attr:$eps);
  let results = (outs Res<Mf_Images, "the normalised map">:$y);
  let assemblyFormat = [{
    $x (`weight` `(` $weight^ `:` type($weight) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
}

def Mf_GroupNormOp : Mf_ChannelNormOp<"group_norm", "Image", "Group"> {
  let summary = "Normalise groups of channels over a whole image";
  let description = [{
    y = (x - mean) / sqrt(var + eps) * weight + bias; mean and variance over all positions of C/groups neighbouring
    channels of one image. With one group it is the modified layer norm (MLN) of PoolFormer.

    Constraints: 1. (`norm_c1`) `weight` and `bias`, where given, are [C]. 2. (`norm_c2`) `eps` is not negative.
    3. (`group_norm_c1`) `groups` is positive and divides C.

    Numerics: as `mf.layer_norm`.

    Example:
    ```mlir
    %y = mf.group_norm %x weight(%w : tensor<64xf32>) bias(%b : tensor<64xf32>) {groups = 1, eps = 1.0e-5}
       : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Images, "the map, or [N, C]">:$x, Arg<Optional<Mf_Vector>, "[C]">:$weight, Arg<Optional<Mf_Vector>, "[C]">:$bias,
    I64Attr:$groups, F64Attr:$eps);
  let results = (outs Res<Mf_Images, "the normalised map">:$y);
  let assemblyFormat = [{
    $x (`weight` `(` $weight^ `:` type($weight) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `groups` `=` $groups `,` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
}

def Mf_BatchNormOp : Mf_ChannelNormOp<"batch_norm", "Rows", "Running"> {
  let summary = "Normalise each channel with running statistics";
  let description = [{
    Batch norm at inference: y = (x - mean) / sqrt(var + eps) * weight + bias with stored `mean` and `var` per channel,
    so the whole op is one multiply-add per element, and its statistics fold into neighbouring weights.

    Constraints: 1. (`norm_c1`) `weight` and `bias`, where given, are [C]. 2. (`norm_c2`) `eps` is not negative.
    3. (`batch_norm_c1`) `mean` and `var` are [C].

    Example:
    ```mlir
    %y = mf.batch_norm %x, %mean, %var weight(%w : tensor<64xf32>) {eps = 1.0e-5}
       : tensor<?x56x56x64xf32>, tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Mf_Rows, "rows of C channels">:$x, Arg<Mf_Vector, "[C]">:$mean, Arg<Mf_Vector, "[C]">:$var,
    Arg<Optional<Mf_Vector>, "[C]">:$weight, Arg<Optional<Mf_Vector>, "[C]">:$bias, F64Attr:$eps);
  let results = (outs Res<Mf_Rows, "the normalised rows">:$y);
  let assemblyFormat = [{
    $x `,` $mean `,` $var (`weight` `(` $weight^ `:` type($weight) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x) `,` type($mean) `,` type($var)
  }];
}

def Mf_RmsNormOp : Mf_NormOp<"rms_norm", "Rows", "Position", [OptionalTailOpInterface, AffineTailOpInterface]> {
  let summary = "Divide the channels of each position by their root mean square";
  let description = [{
    y = x / sqrt(mean(x^2) + eps) * weight; the mean over the C channels of one position. There is no bias.

    Constraints: 1. (`norm_c1`) `weight`, where given, is [C]. 2. (`norm_c2`) `eps` is not negative.

    Example:
    ```mlir
    %y = mf.rms_norm %x weight(%w : tensor<64xf32>) {eps = 1.0e-6} : tensor<?x56x56x64xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "rows of C channels">:$x, Arg<Optional<Mf_Vector>, "[C]">:$weight, F64Attr:$eps);
  let results = (outs Res<Mf_Rows, "the normalised rows">:$y);
  let assemblyFormat = [{
    $x (`weight` `(` $weight^ `:` type($weight) `)`)? `{` `eps` `=` custom<Real>($eps) `}` attr-dict `:` type($x)
  }];
  let extraClassDeclaration = methods # [{
    static constexpr unsigned kOperandSlots = 2;
    ::mlir::Value getBiasOrNull() { return {}; }
    bool subtractsMean() { return false; }
    ::mlir::Value getTailScale() { return getWeight(); }
    ::mlir::Value getTailShift() { return {}; }
    ::mlir::Value createWithTail(::mlir::OpBuilder &builder, ::mlir::Value scale, ::mlir::Value shift);
  }];
}

#endif // ARCHC_DIALECT_MF_MFOPSNORM_TD
