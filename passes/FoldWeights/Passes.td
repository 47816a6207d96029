//===- Passes.td - Passes of the fold-weights phase -----------------------===//

#ifndef ARCHC_PASSES_FOLDWEIGHTS_PASSES_TD
#define ARCHC_PASSES_FOLDWEIGHTS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldAffinePass : Pass<"mf-fold-affine", "mlir::func::FuncOp"> {
  let summary = "Move scales and shifts per channel into the weights beside them";
  let description = [{
    Before: `%n = mf.layer_norm %x weight(%g)`, `%y = mf.linear %n, %w`.
    After:  `%v = mf.fold_weight %w in_scale(%g)`, `%n = mf.layer_norm %x`, `%y = mf.linear %n, %v`.

    The affine part of a norm, StarReLU's scale and bias and batch norm with running statistics move forward into every consumer
    with weights; layer scales move back into the producer. Declines, with a `missed` remark, when a consumer has no weights, when
    its weights do not run over input channels, or when a shift would meet zero padding.

    The training step, a function `grad`, stays as it is: gradients are those of the parameters, not of folded weights.

    Batch norm becomes one multiply-add per channel in any case: no kernel reads running statistics. With `into-weights` off
    that is all.

    Numerics: the folded weights are computed in f64 and rounded once.
    Example: test/passes/FoldWeights/mf-fold-affine.mlir
  }];
  let options = [Option<"intoWeights", "into-weights", "bool", "true", "Whether scales and shifts move into weights">];
  let dependentDialects = ["::archc::mf::MfDialect"];
}

def SplitPreparePass : Pass<"mf-split-prepare", "mlir::ModuleOp"> {
  let summary = "Split off everything that depends on parameters alone";
  let description = [{
    Before: `@forward(%x)` with `mf.param` and `mf.fold_weight` ops.
    After:  `@prepare()` that returns the values `@forward` needs of them, and `@forward(%x, %values...)`.

    Assumes a function `forward` whose first argument is the input. A training step, a function `grad`, is split likewise into
    `@prepare_grad` and `@grad`.
    Numerics: exact.
    Example: test/passes/FoldWeights/mf-split-prepare.mlir
  }];
}

#endif // ARCHC_PASSES_FOLDWEIGHTS_PASSES_TD
