//===- MfOpsStatistics.td - Norms over images, taken apart ----------------===//
//
// A norm over a whole image is two kernels: one that reads the image, one that uses what it found. These are the halves.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSSTATISTICS_TD
#define ARCHC_DIALECT_MF_MFOPSSTATISTICS_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

def Mf_ImageStatsOp : Mf_Op<"image_stats", [Pure, FusableOpInterface, PlacedOpInterface]> {
  let summary = "Mean and squared deviations of each line of an image";
  let description = [{
    lines[n,h,g] = (mean, sum of squared deviations from it) of the W * C/groups elements of line h in channel group g.
    Lines are what a kernel has at hand when it has computed them, so the statistics of a map can ride on its producer; the
    consumer combines the H pairs in the order of lines, so the outcome never depends on how lines were spread over threads.

    Constraints: 1. (`image_stats_c1`) `groups` divides C, and the result is [N, H, groups, 2]; H is 1 for
    [N, C].

    Numerics: two passes over a line in a fixed order.

    Example: `%s = mf.image_stats %x {groups = 1} : tensor<?x56x56x64xf32> -> tensor<?x56x1x2xf32>`
  }];
  let arguments = (ins Arg<Mf_Images, "the map, or [N, C]">:$x, I64Attr:$groups);
  let results = (outs Res<Mf_Map, "[N, H, groups, 2]">:$lines);
  let assemblyFormat = "$x ` ` `{` `groups` `=` $groups `}` attr-dict `:` type($x) `->` type($lines)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
    bool ridesOnMap() { return true; }
    ::archc::mf::Placement getPlacement() { return ::archc::mf::Placement::Lines; }
  }];
}

def Mf_NormalizeOp : Mf_Op<"normalize", [Pure, AllTypesMatch<["x", "y"]>, AttrSizedOperandSegments, FusableOpInterface]> {
  let summary = "Apply the statistics of an image";
  let description = [{
    y = (x - mean) * rstd * weight + bias, with mean and rstd = 1 / sqrt(var + eps) of the image and channel group that `lines`
    amounts to. Without `center` the mean is not subtracted. weight and bias are [C], or [C,H,W] for a norm over C, H, W.
    `lines` may be statistics of another map than `x`.

    Constraints: 1. (`normalize_c1`) `lines` is [N, H, groups, 2], and `groups` divides C. 2. (`normalize_c2`) `weight` and
    `bias`, where given, are [C] or [C, H, W]. 3. (`norm_c2`) `eps` is not negative.

    Example: `%y = mf.normalize %x, %s {groups = 1, eps = 1.0e-5, center = true} : tensor<?x7x7x64xf32>, tensor<?x7x1x2xf32>`
  }];
  let arguments = (ins Arg<Mf_Images, "the map, or [N, C]">:$x, Arg<Mf_Map, "[N, H, groups, 2]">:$lines,
                       Arg<Optional<Mf_Parameter>, "[C] or [C,H,W]">:$weight, Arg<Optional<Mf_Parameter>, "[C] or [C,H,W]">:$bias,
                       I64Attr:$groups, F64Attr:$eps, BoolAttr:$center);
  let results = (outs Res<Mf_Images, "the normalised map">:$y);
  let assemblyFormat = [{
    $x `,` $lines (`weight` `(` $weight^ `:` type($weight) `)`)? (`bias` `(` $bias^ `:` type($bias) `)`)?
    `{` `groups` `=` $groups `,` `eps` `=` custom<Real>($eps) `,` `center` `=` $center `}` attr-dict `:` type($x) `,` type($lines)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{ ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; } }];
}

def Mf_LineSumsOp : Mf_Op<"line_sums", [Pure, OptionalTailOpInterface, FusableOpInterface]> {
  let summary = "Sum of each line of an image, per channel";
  let description = [{
    sums[n,h,0,c] = sum over w of x[n,h,w,c] * other[n,h,w,c] (without `other`, of x[n,h,w,c]): the first half of an
    `mf.channel_sum`, which can ride on the kernel that computes x. The second half adds the lines in their order.

    Constraints: 1. (`line_sums_c1`) `other`, where given, has the type of `x`. 2. (`line_sums_c2`) The result is [N, H, 1, C].

    Numerics: the positions of a line are added in order.

    Example: `%s = mf.line_sums %dy times(%x : tensor<?x56x56x64xf32>) : tensor<?x56x56x64xf32> -> tensor<?x56x1x64xf32>`
  }];
  let arguments = (ins Arg<Mf_Map, "rows of C channels">:$x, Arg<Optional<Mf_Map>, "rows of the same type">:$other);
  let results = (outs Res<Mf_Map, "[N, H, 1, C]">:$sums);
  let assemblyFormat = "$x (`times` `(` $other^ `:` type($other) `)`)? attr-dict `:` type($x) `->` type($sums)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned kOperandSlots = 2;
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
    bool ridesOnMap() { return true; }
  }];
}

#endif // ARCHC_DIALECT_MF_MFOPSSTATISTICS_TD
