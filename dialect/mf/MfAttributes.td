//===- MfAttributes.td - Attributes of the mf dialect ---------------------===//

#ifndef ARCHC_DIALECT_MF_MFATTRIBUTES_TD
#define ARCHC_DIALECT_MF_MFATTRIBUTES_TD

include "dialect/mf/MfDialect.td"

def Mf_Role : I32EnumAttr<"Role", "what training may do to a parameter", [
    I32EnumAttrCase<"Trainable", 0, "trainable">, I32EnumAttrCase<"Frozen", 1, "frozen">,
    I32EnumAttrCase<"Buffer", 2, "buffer">]> {
  let cppNamespace = "::archc::mf";
  let genSpecializedAttr = 0;
}

def Mf_Layout : I32EnumAttr<"Layout", "how a packed parameter lies in memory", [
    I32EnumAttrCase<"Vector", 0, "vector">,          // [C], padded to the vector width
    I32EnumAttrCase<"Panels", 1, "panels">,          // [N,K] in panels of columns, K outside
    I32EnumAttrCase<"ConvPanels", 2, "conv_panels">, // [O,I,kh,kw] likewise, taps outside channels
    I32EnumAttrCase<"Taps", 3, "taps">,              // [C,1,kh,kw] as [kh,kw,C]
    I32EnumAttrCase<"Position", 4, "position">,      // [C,H,W] or [1,C,H,W] as [H,W,C]
    I32EnumAttrCase<"Matrix", 5, "matrix">,          // [T,T], rows padded
    I32EnumAttrCase<"TapPanels", 6, "tap_panels">]> { // [O,I,kh,kw], the panels of one tap behind those of another
  let cppNamespace = "::archc::mf";
  let genSpecializedAttr = 0;
}

class Mf_Attr<string name, string attrMnemonic> : AttrDef<Mf_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Mf_InitAttr : Mf_Attr<"Init", "init"> {
  let summary = "How a parameter is initialised";
  let description = [{
    `kind` is `zeros`, `ones`, `constant`, `trunc_normal`, `uniform`, `softmax_uniform` or `kaiming_uniform`; `a` and
    `b` are its numbers (constant: a; trunc_normal: mean a, deviation b; uniform: from a to b).
  }];
  let parameters = (ins StringRefParameter<"kind">:$kind, "::mlir::FloatAttr":$a, "::mlir::FloatAttr":$b);
  let builders = [AttrBuilder<(ins "::llvm::StringRef":$kind, "double":$a, "double":$b), [{
    auto f64 = ::mlir::Float64Type::get($_ctxt);
    return $_get($_ctxt, kind, ::mlir::FloatAttr::get(f64, a), ::mlir::FloatAttr::get(f64, b));
  }]>];
  let assemblyFormat = "`<` $kind `,` $a `,` $b `>`";
}

def Mf_ParamAttr : Mf_Attr<"Param", "param"> {
  let summary = "One tensor of the state dict";
  let description = [{
    `name` is timm's, inside a component relative to it; `shape` is empty for a scalar; the element type is `f32`, or
    `i64` for counters. `decay` says whether weight decay applies.

    Example: `#mf.param<"mlp.fc1.weight", tensor<256x64x1x1xf32>, trainable, #mf.init<"trunc_normal", 0.0, 0.02>, decay = true>`
  }];
  let parameters = (ins
    StringRefParameter<"name">:$name, "::mlir::RankedTensorType":$type, EnumParameter<Mf_Role>:$role, "InitAttr":$init,
    "bool":$decay);
  let assemblyFormat = "`<` $name `,` $type `,` $role `,` $init `,` `decay` `=` $decay `>`";
}

def Mf_NamesAttr : Mf_Attr<"Names", "names"> {
  let summary = "What the parts of a branch are called in the state dict, relative to the block";
  let parameters = (ins StringRefParameter<"of f">:$function, StringRefParameter<"of the norm">:$norm,
                        StringRefParameter<"of l">:$layerScale, StringRefParameter<"of r">:$resScale);
  let assemblyFormat = "`<` $function `,` $norm `,` $layerScale `,` $resScale `>`";
}

def Mf_BranchAttr : Mf_Attr<"Branch", "branch"> {
  let summary = "One residual branch of a block";
  let description = [{
    x <- r * x + l * f(norm(x)) for `order` "pre_norm"; norm(r * x + l * f(x)) for "post_norm"; r * x + l * norm(f(x)) for
    "res_post_norm". `function` is f, a component of `slot` "mixer" or "channel"; `scale` says whether l and r exist.
  }];
  let parameters = (ins StringRefParameter<"order">:$order, StringRefParameter<"slot">:$slot,
                        "::mlir::DictionaryAttr":$function, "::mlir::DictionaryAttr":$norm,
                        "::mlir::DictionaryAttr":$scale, "NamesAttr":$names);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Mf_LayoutAttr : EnumAttr<Mf_Dialect, Mf_Layout, "layout"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // ARCHC_DIALECT_MF_MFATTRIBUTES_TD
