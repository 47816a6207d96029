//===- NativeCode.h - A module of kernels to one blob of machine code -----===//

#ifndef ARCHC_PASSES_EMIT_NATIVECODE_H
#define ARCHC_PASSES_EMIT_NATIVECODE_H

#include "passes/LowerCpu/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace archc::cpu {

struct CodeSymbol {
  uint64_t offset = 0, size = 0;
};

/// Position-independent code and constants without relocations or undefined symbols; to be mapped at a 64-byte aligned address.
struct NativeCode {
  std::vector<char> bytes;
  std::map<std::string, CodeSymbol> symbols; // the public functions
};

struct NativeOptions {
  std::string dumpLlvmFile, dumpAssemblyFile; // written when not empty
};

/// Lowers `module` (func, scf, arith, vector, llvm) in place and compiles it. Same input, same bytes.
mlir::FailureOr<NativeCode> compileNative(mlir::ModuleOp module, const CpuTarget &target, const NativeOptions &options = {});

} // namespace archc::cpu

#endif // ARCHC_PASSES_EMIT_NATIVECODE_H
