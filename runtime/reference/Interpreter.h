//===- Interpreter.h - Executes an op graph with obvious definitions ------===//
//
// The oracle of the compiled kernels: it runs the unsimplified graph of an artifact, in f64 (the truth) or in f32 op by op (the
// yardstick of rounding). Values are computed on demand: what is already there, computed or set, is not computed again, so that a
// part of the graph can be run on given inputs.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REFERENCE_INTERPRETER_H
#define ARCHRT_REFERENCE_INTERPRETER_H

#include "runtime/core/Status.h"
#include "runtime/reference/Tensor.h"

#include <map>
#include <memory>

namespace archrt::abi {
struct Function;
struct Op;
struct TensorType;
} // namespace archrt::abi

namespace archrt::reference {

template <typename T> class OpCall;

/// Which values stay in memory after an evaluation, besides those asked for.
enum class Keep { Wanted, All };

/// For T = float and T = double. Not safe for use by several threads at once; uses several threads itself.
template <typename T> class Interpreter {
public:
  /// `function` (verified FlatBuffers) must outlive the interpreter. Fails on an op that is unknown or refers to missing values.
  static Result<Interpreter> create(const abi::Function &function);

  /// Copies a parameter in canonical layout; every `mf.param` of this name gets it.
  Status bindParameter(const std::string &name, const Shape &shape, const float *data);
  /// Names of the parameters that the graph reads, in its order.
  std::vector<std::string> parameterNames() const;

  /// Sets the function's first input, [batch, ...] as declared, and forgets every computed value.
  Status setInput(const float *data, int64_t batch);
  /// Puts a value in place of what its op would compute. Its first dimension need not match the input's batch.
  Status setValue(uint32_t index, Tensor<T> tensor);
  /// Forgets all values except parameters.
  void clear() { values.clear(); }

  /// Computes the wanted values and what they need.
  Status evaluate(const std::vector<uint32_t> &wanted, Keep keep = Keep::Wanted);
  /// Sets the input, computes the outputs and returns the first.
  Result<Tensor<T>> run(const float *data, int64_t batch);

  /// Null when it is not in memory.
  const Tensor<T> *value(uint32_t index) const;

private:
  explicit Interpreter(const abi::Function &function) : function(&function) {}

  /// Ops to run, in order, for the wanted values, given those in memory.
  Result<std::vector<uint32_t>> schedule(const std::vector<uint32_t> &wanted) const;
  Status execute(const abi::Op &op);
  Status executeParameter(const abi::Op &op);
  std::vector<const Tensor<T> *> formalOperands(const abi::Op &op) const;
  Status checkResult(const abi::Op &op, const Tensor<T> &tensor) const;

  const abi::Function *function;
  std::map<std::string, std::shared_ptr<const Tensor<T>>> parameters;
  std::map<uint32_t, std::shared_ptr<const Tensor<T>>> values;
};

extern template class Interpreter<float>;
extern template class Interpreter<double>;

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_INTERPRETER_H
