//===- DeviceCode.h - A module of kernels to GPU code ---------------------===//

#ifndef ARCHC_PASSES_EMIT_DEVICECODE_H
#define ARCHC_PASSES_EMIT_DEVICECODE_H

#include "passes/LowerCuda/GpuTarget.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace archc::cuda {

/// All kernels of one target, in the forms of abi::GpuCodeKind; those that were not asked for, or cannot be made here, are empty.
struct DeviceCode {
  std::string ptx, cubin, bitcode;
};

struct DeviceOptions {
  bool emulation = false; // keep the LLVM bitcode behind the PTX
  bool assemble = true;   // make a cubin where there is a `ptxas`
};

/// Lowers `module` in place and compiles it. Same input, same bytes, but for the cubin, which is the assembler's.
mlir::FailureOr<DeviceCode> compileDevice(mlir::ModuleOp module, const GpuTarget &target, const DeviceOptions &options);

/// The path of `ptxas`: on PATH, in CUDA_HOME, or in /usr/local/cuda; empty when it is nowhere.
std::string findAssembler();

/// Assembles `ptx` for `chip`. Failure leaves the assembler's words in `messages`; success what it says of registers and memory.
bool assemble(const std::string &ptx, const std::string &chip, std::string &cubin, std::string &messages);

} // namespace archc::cuda

#endif // ARCHC_PASSES_EMIT_DEVICECODE_H
