//===- MfDialect.td - The mf dialect, its types and enums -----------------===//

#ifndef ARCHC_DIALECT_MF_MFDIALECT_TD
#define ARCHC_DIALECT_MF_MFDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Mf_Dialect : Dialect {
  let name = "mf";
  let cppNamespace = "::archc::mf";
  let summary = "What a MetaFormer-style network means";
  let description = [{
    `mf` exists at two levels. At the *architecture* level a network is a list of stages and blocks whose parts are
    named components, exactly as the spec says them, every default filled in. At the *tensor* level it is a function
    over feature maps made of the ops below. `expand` goes from the first to the second; everything after it works on
    tensors only.

    Feature maps are `tensor<?xHxWxCxf32>`: the batch is dynamic, one program serves every batch size; all other
    extents are static. After the global pool a batch of vectors is `tensor<?xCxf32>`. Parameters keep the layout of
    their state dict ([out, in, kh, kw]); repacking them is a matter of later phases and never changes what an op means.

    Every op is free of side effects and defined by its reference implementation in `runtime/reference`, in real
    arithmetic. `Numerics` sections say what a lowering has to respect beyond that.

    The module attribute `mf.params` is an array of `#mf.param`: the state dict in order, including entries that no op
    reads.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

// --- Types -------------------------------------------------------------------

/// A feature map [N,H,W,C].
def Mf_Map : TensorRankOf<[F32], [4]> { let summary = "feature map [N,H,W,C]"; }

/// A feature map or a batch of vectors: channels are the last extent.
def Mf_Rows : TensorRankOf<[F32], [2, 3, 4]> { let summary = "rows of channels [...,C]"; }

def Mf_Features : TensorRankOf<[F32], [2]> { let summary = "batch of vectors [N,C]"; }

/// Whole images: [N,H,W,C], or [N,C] where the only position is the image.
def Mf_Images : TensorRankOf<[F32], [2, 4]> { let summary = "images [N,H,W,C] or [N,C]"; }

/// Parameters are f32 in the state dict and f64 between the ops of `prepare`.
def Mf_Vector : TensorRankOf<[F32, F64], [1]> { let summary = "one number per channel, [C] or [1]"; }
def Mf_Matrix : TensorRankOf<[F32, F64], [2]> { let summary = "matrix"; }
def Mf_Weight : TensorRankOf<[F32, F64], [2, 4]> { let summary = "weight [O,I] or [O,I,kh,kw]"; }
def Mf_Kernel : TensorRankOf<[F32, F64], [4]> { let summary = "convolution weight [O,I,kh,kw]"; }
def Mf_Parameter : RankedTensorOf<[F32, F64]> { let summary = "parameter or a value computed from parameters"; }

// --- Op classes --------------------------------------------------------------

class Mf_Op<string mnemonic, list<Trait> traits = []> : Op<Mf_Dialect, mnemonic, traits>;

/// A value computed from operands alone.
class Mf_PureOp<string mnemonic, list<Trait> traits = []> : Mf_Op<mnemonic, !listconcat([Pure], traits)>;

/// The result's type follows from operands and attributes by `inferReturnTypes` in C++.
class Mf_InferredOp<string mnemonic, list<Trait> traits = []>
    : Mf_PureOp<mnemonic, !listconcat([InferTypeOpAdaptor], traits)>;

#endif // ARCHC_DIALECT_MF_MFDIALECT_TD
