//===- Passes.td - Phase `differentiate`: loss and gradients --------------===//

#ifndef ARCHC_PASSES_DIFFERENTIATE_PASSES_TD
#define ARCHC_PASSES_DIFFERENTIATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def DifferentiatePass : Pass<"mf-differentiate", "::mlir::ModuleOp"> {
  let summary = "Build the function that gives the loss and its gradients";
  let description = [{
    Before: `func @forward(%x) -> logits`.
    After:  `@forward` as it was, and `func @grad(%x, %targets[, %factors][, %kept]) -> (loss, logits, gradients)`.

    Reverse mode: the ops of `@forward`, a loss on its result, then for each op in reverse order what its
    `DifferentiableOpInterface` builds. A gradient is that of the sum over images of the loss with respect to one trainable
    parameter and stands in the order of `mf.params`, named by the result attribute `mf.gradient_of`. Frozen parameters and
    buffers get none, and nothing is computed on the way to them. With `drop-path` the branch of the i-th residual sum is
    multiplied by column i of `%factors`. With `head-dropout` what the last linear layer reads is multiplied by `%kept`, which has
    a factor per image and feature. The host draws both kinds of factors.

    With `checkpoint-activations` the network is cut behind each block or stage. Of what lies before the last cut only the values
    at cuts are kept; a copy of each part, marked `mf.recomputed`, computes the others again when the pass back comes to it.

    Assumes that all rules exist in terms of ops whose extents but the batch are static. Preserves `@forward`. Fails with an
    error at the op that has no rule, at a norm that cannot be trained, and at a parameter that several ops read.
    Numerics: exact in real arithmetic.
    Example: test/passes/Differentiate/mf-differentiate.mlir
  }];
  let options = [
    Option<"loss", "loss", "std::string", "\"cross_entropy\"", "What to minimise: cross_entropy or bce">,
    Option<"checkpoints", "checkpoint-activations", "std::string", "\"none\"",
           "Behind what only the output is kept for the pass back: none, block or stage">,
    Option<"dropPath", "drop-path", "bool", "false", "Whether residual branches may be dropped, image by image">,
    Option<"headDropout", "head-dropout", "bool", "false", "Whether inputs of the last linear layer may be dropped, one by one">,
  ];
  let dependentDialects = ["::archc::mf::MfDialect", "::mlir::func::FuncDialect"];
}

#endif // ARCHC_PASSES_DIFFERENTIATE_PASSES_TD
