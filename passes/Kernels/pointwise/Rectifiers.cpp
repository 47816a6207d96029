//===- Rectifiers.cpp - Activations made of max, min and products ---------===//

#include "passes/Kernels/PointwiseEmitter.h"

using namespace archc::kernels;
using Operands = llvm::ArrayRef<Value>;

/// 0 > x ? 0 : x, so that a NaN passes.
static Value relu(Code &code, Value x) { return code.maximumF(code.likeVector(x, 0), x); }

static Value squaredRelu(Code &code, Operands operands) {
  Value positive = relu(code, operands[0]);
  return code.multiplyF(positive, positive);
}

static Value starRelu(Code &code, Operands operands) { return code.fma(squaredRelu(code, operands), operands[1], operands[2]); }

/// x * clamp(x + 3, 0, 6) / 6
static Value hardswish(Code &code, Operands operands) {
  Value x = operands[0];
  Value gate = relu(code, code.addF(x, code.likeVector(x, 3)));
  gate = code.minimumF(code.likeVector(x, 6), gate);
  return code.divideF(code.multiplyF(x, gate), code.likeVector(x, 6));
}

static const bool registered[] = {
    registerPointwise("mf.relu", 1, [](Code &code, Operands x) { return relu(code, x[0]); }),
    registerPointwise("mf.squared_relu", 1, squaredRelu),
    registerPointwise("mf.star_relu", 3, starRelu),
    registerPointwise("mf.hardswish", 1, hardswish),
};
