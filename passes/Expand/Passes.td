//===- Passes.td - Phase `expand`: architecture -> tensor ops -------------===//

#ifndef ARCHC_PASSES_EXPAND_PASSES_TD
#define ARCHC_PASSES_EXPAND_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandArchitecturePass : Pass<"mf-expand-architecture", "::mlir::ModuleOp"> {
  let summary = "Write each part of an architecture as tensor ops";
  let description = [{
    Before: `mf.arch @net` with `mf.stage`, `mf.embed`, `mf.position`, `mf.block` and `mf.head`, each with its components.
    After:  `func.func @forward` on feature maps, made of `mf.param` and tensor ops.

    What a kind of component expands to is registered beside its expander (`passes/Expand/mixers` and `parts`), found by
    slot and kind; this pass knows no kind. Locations gain the name of the layer: `stages.2.blocks.3.mlp.fc1`.

    Assumes a checked spec: shapes fit and every parameter is declared. Preserves the module's `mf.params`. Fails with a
    diagnostic at the part when its kind has no expander, a parameter is not declared, or the expanded map has another
    type than the part says.
    Numerics: exact by definition, this is what the parts mean.
    Example: test/passes/Expand/mf-expand-architecture.mlir
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::archc::mf::MfDialect"];
}

def VerifyExpandedPass : Pass<"verify-expanded", "::mlir::ModuleOp"> {
  let summary = "Check that no architecture is left and that parameters agree with the state dict";
  let description = [{
    The fence behind `expand`: fails when an op of the architecture level is left, when the module has no function
    `forward`, or when an `mf.param` is missing from `mf.params` or has another type there.
    Numerics: changes nothing.
    Example: test/passes/Expand/verify-expanded-invalid.mlir
  }];
}

#endif // ARCHC_PASSES_EXPAND_PASSES_TD
