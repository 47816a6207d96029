//===- Passes.td - Passes of the layout and plan phases -------------------===//

#ifndef ARCHC_PASSES_PLAN_PASSES_TD
#define ARCHC_PASSES_PLAN_PASSES_TD

include "mlir/Pass/PassBase.td"

def PackWeightsPass : Pass<"mf-pack-weights", "mlir::ModuleOp"> {
  let summary = "Say how kernels want their parameters laid out";
  let description = [{
    Before: `@prepare` returns parameters and folded values.
    After:  each is an `mf.pack` with the layout that the op reading it in `@forward` wants. `@prepare_grad` and `@grad` likewise,
            where they exist: a value that several ops want in different layouts is packed once for each.

    Numerics: one rounding to f32 per value.
    Example: test/passes/Plan/mf-pack-weights.mlir
  }];
  let dependentDialects = ["::archc::mf::MfDialect"];
}

def PlanProgramPass : Pass<"mf-plan", "mlir::ModuleOp"> {
  let summary = "Turn fused groups into a program of steps over buffers";
  let description = [{
    Before: `@prepare` and `@forward` of `mf.fused` ops.
    After:  beside them a `plan.program` with functions `prepare`, `forward_f32` and `forward_u8`, kernels (equal groups are one)
            and buffers with places in one arena.

    A training step, `@prepare_grad` and `@grad`, becomes functions of these names with an arena and packed weights of their own;
    results of `@grad` with `mf.gradient_of` are bound by parameter.

    Numerics: exact.
    Example: test/passes/Plan/mf-plan.mlir
  }];
  let dependentDialects = ["::archc::mf::MfDialect", "::archc::plan::PlanDialect"];
  let options = [
    Option<"target", "target", "std::string", "\"cpu:x86-64-v3\"", "The target planned for">,
    ListOption<"mean", "mean", "double", "Mean of each input channel, for u8 input">,
    ListOption<"deviation", "std", "double", "Standard deviation of each input channel, for u8 input">];
}

#endif // ARCHC_PASSES_PLAN_PASSES_TD
