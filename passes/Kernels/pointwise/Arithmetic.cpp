//===- Arithmetic.cpp - Sums, products and affine steps -------------------===//

#include "passes/Kernels/PointwiseEmitter.h"

using namespace archc::kernels;
using Operands = llvm::ArrayRef<Value>;

static const bool registered[] = {
    registerPointwise("mf.add", 2, [](Code &code, Operands x) { return code.addF(x[0], x[1]); }),
    registerPointwise("mf.sub", 2, [](Code &code, Operands x) { return code.subtractF(x[0], x[1]); }),
    registerPointwise("mf.scale", 2, [](Code &code, Operands x) { return code.multiplyF(x[0], x[1]); }),
    registerPointwise("mf.fma", 3, [](Code &code, Operands x) { return code.fma(x[0], x[1], x[2]); }),
    registerPointwise("mf.normalize", 3, [](Code &code, Operands x) { return code.multiplyF(code.subtractF(x[0], x[1]), x[2]); }),
};
