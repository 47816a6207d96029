// mf.linear: a matrix product over the last dimension.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

struct Linear {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &weight = call.required(1);
    const Tensor<T> *bias = call.optional(2);
    if (!call.ok() ||
        !call.expect(weight.rank() >= 2 && weight.size() == weight.shape[0] * x.channels(),
                     "weight has shape " + toString(weight.shape) + "; expected [N, " + std::to_string(x.channels()) + "]"))
      return;
    int64_t outputs = weight.shape[0], inputs = x.channels();
    Shape shape = x.shape;
    shape.back() = outputs;
    if (!call.expectSize(bias, outputs) || !call.allocate(shape))
      return;
    TransposedMatrix<T> matrix(weight.data.data(), outputs, inputs);
    T *y = call.result.data.data();
    parallelFor(x.positions(), [&](int64_t begin, int64_t end) {
      matrix.multiply(x.data.data() + begin * inputs, end - begin, bias ? bias->data.data() : nullptr, y + begin * outputs);
    });
  }
};

const bool registered = registerOp<Linear>("mf.linear");

} // namespace
} // namespace archrt::reference
