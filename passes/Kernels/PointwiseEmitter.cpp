//===- PointwiseEmitter.cpp - Elementwise steps register themselves -------===//

#include "passes/Kernels/PointwiseEmitter.h"

#include <map>

namespace archc::kernels {

static std::map<std::string, PointwiseEmitter> &registry() {
  static std::map<std::string, PointwiseEmitter> table;
  return table;
}

bool registerPointwise(const std::string &op, unsigned operands,
                       std::function<Value(Code &code, llvm::ArrayRef<Value> operands)> emit) {
  return registry().insert({op, {operands, std::move(emit)}}).second;
}

const PointwiseEmitter *findPointwise(const std::string &op) {
  auto found = registry().find(op);
  return found == registry().end() ? nullptr : &found->second;
}

} // namespace archc::kernels
