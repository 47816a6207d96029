//===- Passes.td - Passes of the fuse phase -------------------------------===//

#ifndef ARCHC_PASSES_FUSE_PASSES_TD
#define ARCHC_PASSES_FUSE_PASSES_TD

include "mlir/Pass/PassBase.td"

def SplitStatisticsPass : Pass<"mf-split-statistics", "mlir::func::FuncOp"> {
  let summary = "Take norms over images apart into statistics and their use";
  let description = [{
    Before: `%y = mf.group_norm %x`.
    After:  `%s = mf.image_stats %x`, `%y = mf.normalize %x, %s`.

    So that the statistics can ride on the kernel that computes the map, and their use on the kernel that reads it. Statistics of
    one map are taken once.

    Numerics: exact.
    Example: test/passes/Fuse/mf-split-statistics.mlir
  }];
  let dependentDialects = ["::archc::mf::MfDialect"];
}

def FusePass : Pass<"mf-fuse", "mlir::func::FuncOp"> {
  let summary = "Group ops into kernels";
  let description = [{
    Before: a list of ops.
    After:  a list of `mf.fused` ops, one per kernel.

    An op joins the kernel that computes its latest operand when each of its rows needs only the same row (elementwise ops, linear
    layers, norms over channels, statistics of a line), and when the cost model finds that a block of rows still pays for streaming
    the kernel's weights. Everything is decided by interfaces. Declines with a `missed` remark that says why.

    Numerics: exact.
    Example: test/passes/Fuse/mf-fuse.mlir
  }];
  let dependentDialects = ["::archc::mf::MfDialect"];
  let options = [
    Option<"enabled", "enabled", "bool", "true", "Whether more than one op may become one kernel">,
    Option<"scratchBudget", "scratch-budget", "int64_t", "262144", "Scratch per worker, in bytes">,
    Option<"minRows", "min-rows", "int64_t", "48", "Rows per block below which streaming weights dominates">,
    Option<"wholeLines", "whole-lines", "bool", "false", "Whether a line of an image whose statistics are taken must fit">,
    Option<"cachedWeights", "cached-weights", "int64_t", "524288", "Weights that stay in cache between row blocks, in bytes">];
}

#endif // ARCHC_PASSES_FUSE_PASSES_TD
