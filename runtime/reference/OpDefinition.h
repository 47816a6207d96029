//===- OpDefinition.h - The registry of op definitions --------------------===//
//
// A file of this folder defines one op, or a few that differ in one expression, as a struct with a static member template
//
//   template <typename T> static void evaluate(OpCall<T> &call);
//
// and registers it by name. T = double is the oracle of every lowering. T = float is the yardstick of rounding: every op rounds its
// result to f32; a dot product adds its terms one after the other, as a tile of a matrix kernel does; statistics and means add
// pairwise, as PyTorch does. Adding an op edits no other file; the library is linked whole.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REFERENCE_OPDEFINITION_H
#define ARCHRT_REFERENCE_OPDEFINITION_H

#include "runtime/reference/OpCall.h"

namespace archrt::reference {

struct OpDefinition {
  void (*f32)(OpCall<float> &call) = nullptr;
  void (*f64)(OpCall<double> &call) = nullptr;

  void operator()(OpCall<float> &call) const { f32(call); }
  void operator()(OpCall<double> &call) const { f64(call); }
};

/// Returns true so that it can initialise a static.
bool registerDefinition(const std::string &name, OpDefinition definition);

template <typename Op> bool registerOp(const std::string &name) {
  return registerDefinition(name, {&Op::template evaluate<float>, &Op::template evaluate<double>});
}

/// Null when no such op is defined.
const OpDefinition *findDefinition(const std::string &name);

/// Sorted.
std::vector<std::string> definedOps();

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_OPDEFINITION_H
