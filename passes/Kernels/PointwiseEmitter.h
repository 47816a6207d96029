//===- PointwiseEmitter.h - Elementwise steps register themselves ---------===//
//
// A file of pointwise/ defines the steps of one family. All work on f32 vectors (or scalars) of any length.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_POINTWISEEMITTER_H
#define ARCHC_PASSES_KERNELS_POINTWISEEMITTER_H

#include "passes/Kernels/Code.h"

#include <functional>

namespace archc::kernels {

struct PointwiseEmitter {
  unsigned operands = 1;
  std::function<Value(Code &code, llvm::ArrayRef<Value> operands)> emit;
};

/// Call it from a file-scope initialiser; true, so that there is something to initialise.
bool registerPointwise(const std::string &op, unsigned operands,
                       std::function<Value(Code &code, llvm::ArrayRef<Value> operands)> emit);

/// Null when no file of pointwise/ knows `op`.
const PointwiseEmitter *findPointwise(const std::string &op);

/// exp(x): relative error below 2e-7 for -87.3 < x < 88.3; clamped to the values at these ends beyond.
Value emitExp(Code &code, Value x);
/// exp(scale * x) for x <= 0 and scale > 0: relative error below 2e-7, the product being taken exactly; 2^-126 below that.
Value emitScaledExp(Code &code, Value x, double scale);
/// 1 / (1 + exp(-x))
Value emitSigmoid(Code &code, Value x);
/// log(x) for a positive normal x: absolute error below 1e-7 for 1 <= x <= 2, relative below 2e-7.
Value emitLog(Code &code, Value x);
/// log(1 + exp(-t)) for t >= 0: relative error below 5e-7.
Value emitSoftplusTail(Code &code, Value t);
/// erf(x): absolute error below 1e-7, relative below 2e-7.
Value emitErf(Code &code, Value x);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_POINTWISEEMITTER_H
