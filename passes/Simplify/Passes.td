//===- Passes.td - Phase `simplify`: exact algebra on tensor ops ----------===//

#ifndef ARCHC_PASSES_SIMPLIFY_PASSES_TD
#define ARCHC_PASSES_SIMPLIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

def CancelNormShiftPass : Pass<"mf-cancel-norm-shift", "::mlir::func::FuncOp"> {
  let summary = "Move a norm over whole images behind a mixer that cancels shifts";
  let description = [{
    Before: `%n = mf.group_norm %x weight(%g) bias(%b) {groups = 1}`, `%y = mf.pool_mix %n`.
    After:  `%p = mf.pool_mix %x {mf.partial}`, `%y = mf.norm_scale %p by %x weight(%g)`.

    The norm is g * (x - mean) * rstd + b with mean and rstd per image and g, b per channel. A mixer that cancels what is
    added per image and channel and commutes with what is multiplied per image and channel (`TokenMixerInterface`) gives
    mix(norm(x)) = g * rstd * mix(x): mean and bias are gone and no normalised map exists. All parameters stay trainable;
    the bias's gradient is zero, as it was.

    Assumes nothing. Preserves the names in locations: `%y` has the mixer's, then the norm's; `%p` is no value of the graph
    any more, so that no tap finds it. Declines, with a `missed` remark, when the norm's statistics are not over whole images
    (other groups, positions), when its affine part varies over positions, and when another op also reads the normalised
    map or it is observed, so that it has to exist anyway.
    Numerics: exact in real arithmetic. In f32 more accurate: mix(x) of the input is rounded once, and mean and bias, which
    had to cancel up to rounding, are not there.
    Example: test/passes/Simplify/mf-cancel-norm-shift.mlir
  }];
  let dependentDialects = ["::archc::mf::MfDialect"];
}

#endif // ARCHC_PASSES_SIMPLIFY_PASSES_TD
