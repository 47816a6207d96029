//===- MfOpsInput.td - Images as they come -------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSINPUT_TD
#define ARCHC_DIALECT_MF_MFOPSINPUT_TD

include "dialect/mf/MfDialect.td"

def Mf_NormalizeImageOp : Mf_Op<"normalize_image", [Pure]> {
  let summary = "Bytes to normalised numbers";
  let description = [{
    y = (x / 255 - mean[c]) / std[c], timm's eval transform after resizing.

    Example: `%y = mf.normalize_image %x {mean = [0.485], std = [0.229]} : tensor<?x28x28x1xui8> -> tensor<?x28x28x1xf32>`
  }];
  let arguments = (ins Arg<TensorRankOf<[UI8], [4]>, "pixels [N,H,W,C]">:$x, DenseF64ArrayAttr:$mean, DenseF64ArrayAttr:$std);
  let results = (outs Res<Mf_Map, "the normalised image">:$y);
  let assemblyFormat = "$x ` ` `{` `mean` `=` $mean `,` `std` `=` $std `}` attr-dict `:` type($x) `->` type($y)";
}

#endif // ARCHC_DIALECT_MF_MFOPSINPUT_TD
