//===- GpuCode.h - The vocabulary of GPU kernels --------------------------===//
//
// What Code has, and what only the threads of a block have. Integers stay i64; values are scalars, one element per thread.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_GPUCODE_H
#define ARCHC_PASSES_LOWERCUDA_GPUCODE_H

#include "passes/Kernels/Code.h"
#include "passes/LowerCuda/GpuTarget.h"

namespace archc::cuda {

/// The name of dynamic shared memory in the module.
inline constexpr char kSharedName[] = "archc_shared";

class Code : public kernels::Code {
public:
  Code(mlir::ModuleOp module, const GpuTarget &target, mlir::Location location);

  /// At the start of a kernel: its threads find out who they are.
  void enterKernel();
  Value thread() const { return threadValue; } // in the block
  Value warp() const { return warpValue; }
  Value lane() const { return laneValue; }
  Value block() const { return blockValue; }

  /// All threads of the block get here before any goes on, and see what the others wrote.
  void barrier();
  /// The address of byte `offset` of the block's shared memory.
  Value shared(int64_t offset);
  /// The value of the lane whose number differs by `bits`; of lane `source`.
  Value fromNeighbour(Value value, int bits);
  Value fromLane(Value value, int source);
  /// Over the lanes of a warp, as a fixed tree; every lane gets it.
  Value sumOfWarp(Value value);
  Value maximumOfWarp(Value value);

  /// Four floats at a 16-byte boundary.
  Values loadFour(Value pointer);
  void storeFour(const Values &values, Value pointer);

  Value element(Value base, Value index) { return advance(base, multiply(index, 4)); }
  Value loadElement(Value base, Value index) { return loadScalar(element(base, index)); }

private:
  Value special(llvm::StringRef name);
  Value integer32(int64_t value);

  Value threadValue, warpValue, laneValue, blockValue, sharedValue;
};

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_GPUCODE_H
