//===- LowerToLlvm.h - A module of kernels to LLVM IR ---------------------===//

#ifndef ARCHC_PASSES_EMIT_LOWERTOLLVM_H
#define ARCHC_PASSES_EMIT_LOWERTOLLVM_H

#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <set>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace archc {

/// Names of the public functions of `module`.
std::set<std::string> exportedFunctions(mlir::ModuleOp module);

/// Lowers `module` (func, scf, arith, vector, llvm) in place and translates it; null, with an error, when it cannot. `lines`: keep the
/// lines of the spec that code comes from as debug locations.
std::unique_ptr<llvm::Module> lowerToLlvm(mlir::ModuleOp module, llvm::LLVMContext &context, bool lines = false);

/// Scalar cleanup and address arithmetic; unrolling and vector shapes are the generator's. `inferSpaces`: whether generic pointers of a
/// GPU become pointers of the memory they point to.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, bool inferSpaces = false);

} // namespace archc

#endif // ARCHC_PASSES_EMIT_LOWERTOLLVM_H
