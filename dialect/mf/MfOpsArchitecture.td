//===- MfOpsArchitecture.td - A network as its spec says it ---------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSARCHITECTURE_TD
#define ARCHC_DIALECT_MF_MFOPSARCHITECTURE_TD

include "dialect/mf/MfAttributes.td"
include "dialect/mf/MfDialect.td"
include "mlir/IR/SymbolInterfaces.td"

def Mf_Architectural : NativeOpTrait<"Architectural"> { let cppNamespace = "::archc::mf"; }

/// An op that `expand` replaces by tensor ops. Its parameters are relative to `path`.
class Mf_PartOp<string mnemonic> : Mf_PureOp<mnemonic, [Mf_Architectural]>;

def Mf_ArchOp : Mf_Op<"arch", [IsolatedFromAbove, SingleBlock, Symbol, Mf_Architectural]> {
  let summary = "A whole network, stage by stage";
  let description = [{
    What import makes of a spec: inheritance, overrides and alternation are resolved, every default is filled in, but a
    mixer is still a word and its keys. Parts (`mf.embed`, `mf.block` ...) carry the components of the spec as
    dictionaries with `kind`; nothing here knows which kinds exist, so a new mixer does not touch the dialect. `expand`
    turns an `mf.arch` into the function `forward`.

    Constraints:
    1. (`arch_c1`) The region's one block takes the input [N,H,W,C], and its `mf.yield` returns one value.
    2. (`arch_c2`) With `classes` = 0 the result is the features.

    Example:
    ```mlir
    mf.arch @tiny classes 10 {
    ^bb0(%x: tensor<?x28x28x1xf32>):
      %0 = mf.stage 0 (%a = %x) : (tensor<?x28x28x1xf32>) -> tensor<?x7x7x32xf32> {
        %1 = mf.embed "stem" %a {component = {kind = "conv", kernel = array<i64: 7, 7>, stride = array<i64: 4, 4>,
            padding = array<i64: 2, 2>, bias = true, pre_norm = {kind = "none"}, post_norm = {kind = "none"}}, params = [
            #mf.param<"conv.weight", tensor<32x1x7x7xf32>, trainable, #mf.init<"trunc_normal", 0.0, 0.02>, decay = true>,
            #mf.param<"conv.bias", tensor<32xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
          : tensor<?x28x28x1xf32> -> tensor<?x7x7x32xf32>
        mf.yield %1 : tensor<?x7x7x32xf32>
      }
      %2 = mf.head "head" %0 {...} : tensor<?x7x7x32xf32> -> tensor<?x10xf32>
      mf.yield %2 : tensor<?x10xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$classes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `classes` $classes attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Mf_StageOp : Mf_Op<"stage", [
    IsolatedFromAbove, RecursiveMemoryEffects, SingleBlock, Mf_Architectural]> {
  let summary = "The parts that work on one map size";
  let description = [{
    An embedding that leads to the stage's size, perhaps a position embedding, then blocks. Stages have no meaning of
    their own beyond grouping: rules of passes and tables of `summary` speak of them. `index` counts from 0, as weight
    names do.

    Constraints: 1. (`stage_c1`) Block arguments and the operands of `mf.yield` have the types of operand and result.

    Example:
    ```mlir
    %y = mf.stage 2 (%a = %x) : (tensor<?x14x14x320xf32>) -> tensor<?x14x14x320xf32> {
      %0 = mf.block "stages.2.blocks.0" %a {...} : tensor<?x14x14x320xf32> -> tensor<?x14x14x320xf32>
      mf.yield %0 : tensor<?x14x14x320xf32>
    }
    ```
  }];
  let arguments = (ins I64Attr:$index, Variadic<Mf_Map>:$inputs);
  let results = (outs Variadic<Mf_Map>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Mf_EmbedOp : Mf_PartOp<"embed"> {
  let summary = "How a stage begins: stem or downsampling";
  let description = [{
    Leads to the stage's width and map size. `component` is the spec's `embed` table, `path` the place of its
    parameters in the state dict (`stem`, `stages.1.downsample`).

    Constraints: 1. (`component_c1`) `component` has a string `kind`.

    Example: `mf.arch` shows one.
  }];
  let arguments = (ins StrAttr:$path, Arg<Mf_Map, "the map before">:$x, DictionaryAttr:$component,
                       TypedArrayAttrBase<Mf_ParamAttr, "array of #mf.param">:$params);
  let results = (outs Res<Mf_Map, "the stage's map">:$y);
  let assemblyFormat = "$path $x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Mf_PositionOp : Mf_PartOp<"position"> {
  let summary = "A stage's position embedding";
  let description = [{
    Stands between a stage's embedding and its first block.

    Constraints: 1. (`component_c1`) `component` has a string `kind`.

    Example:
    ```mlir
    %y = mf.position "stages.3" %x {component = {kind = "learned"}, params = [
        #mf.param<"pos_embed", tensor<1x512x7x7xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
      : tensor<?x7x7x512xf32> -> tensor<?x7x7x512xf32>
    ```
  }];
  let arguments = (ins StrAttr:$path, Arg<Mf_Map, "the stage's map">:$x, DictionaryAttr:$component,
                       TypedArrayAttrBase<Mf_ParamAttr, "array of #mf.param">:$params);
  let results = (outs Res<Mf_Map, "the map with positions">:$y);
  let assemblyFormat = "$path $x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Mf_BlockOp : Mf_PartOp<"block"> {
  let summary = "Residual branches";
  let description = [{
    Each `#mf.branch` is x <- r * x + l * f(norm(x)), in the order given; with `arrangement` "parallel" every f reads
    the block's input. Typed in -> out, because a block may change shape.

    Constraints:
    1. (`block_c1`) `arrangement` is "sequential" or "parallel".
    2. (`block_c2`) Each branch's `order` is "pre_norm", "post_norm" or "res_post_norm".
    3. (`component_c1`) Each component has a string `kind`.

    Example:
    ```mlir
    %y = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [
        #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "pooling", size = 3}, norm = {kind = "none"},
                   scale = {kind = "none"}, names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>],
        params = []} : tensor<?x7x7x64xf32> -> tensor<?x7x7x64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$path, Arg<Mf_Map, "the block's input">:$x, StrAttr:$arrangement,
                       TypedArrayAttrBase<Mf_BranchAttr, "array of #mf.branch">:$branches,
                       TypedArrayAttrBase<Mf_ParamAttr, "array of #mf.param">:$params);
  let results = (outs Res<Mf_Map, "the block's output">:$y);
  let assemblyFormat = "$path $x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Mf_HeadOp : Mf_PartOp<"head"> {
  let summary = "From the last map to logits or features";
  let description = [{
    `order` says whether the norm stands before or after the pool. A `classifier` of kind "none" (classes = 0) leaves
    the features.

    Constraints:
    1. (`head_c1`) `order` is "norm_pool" or "pool_norm".
    2. (`head_c2`) `pool` is "avg".
    3. (`component_c1`) `norm` and `classifier` have a string `kind`.

    Example:
    ```mlir
    %y = mf.head "head" %x {order = "pool_norm", pool = "avg", norm = {kind = "none"}, classifier = {kind = "linear"},
        params = [#mf.param<"fc.weight", tensor<10x64xf32>, trainable, #mf.init<"trunc_normal", 0.0, 0.02>, decay = true>,
                  #mf.param<"fc.bias", tensor<10xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
      : tensor<?x7x7x64xf32> -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins StrAttr:$path, Arg<Mf_Map, "the last map">:$x, StrAttr:$order, StrAttr:$pool, DictionaryAttr:$norm,
                       DictionaryAttr:$classifier, TypedArrayAttrBase<Mf_ParamAttr, "array of #mf.param">:$params);
  let results = (outs Res<Mf_Features, "logits or features">:$y);
  let assemblyFormat = "$path $x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

#endif // ARCHC_DIALECT_MF_MFOPSARCHITECTURE_TD
