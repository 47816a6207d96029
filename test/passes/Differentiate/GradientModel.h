//===- GradientModel.h - The function `grad` in the reference interpreter -===//

#ifndef ARCHC_TEST_PASSES_DIFFERENTIATE_GRADIENTMODEL_H
#define ARCHC_TEST_PASSES_DIFFERENTIATE_GRADIENTMODEL_H

#include "dialect/mf/MfDialect.h"
#include "passes/Emit/GraphWriter.h"
#include "runtime/core/CounterRandom.h"
#include "runtime/reference/Interpreter.h"
#include "runtime/reference/OpCall.h"
#include "runtime/reference/RandomTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <cmath>
#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>

namespace archc::test {

namespace abi = archrt::abi;
using archrt::reference::Shape;

/// Losses, logits and gradients by the parameter's name.
template <typename T> struct StepResult {
  std::vector<T> losses, logits;
  std::map<std::string, std::vector<T>> gradients;

  double loss() const {
    double sum = 0;
    for (T value : losses)
      sum += value;
    return sum;
  }
};

/// A number in (-1, 1) from a counter.
inline double symmetric(uint64_t seed, const std::string &name, uint64_t index) {
  return 2 * archrt::CounterRandom(seed, name).uniform(index) - 1;
}

/// Parameters are randomised by their names, images and targets from the seed; targets are soft and do not
/// sum to one, so that nothing may count on it.
class GradientModel {
public:
  /// `module` holds `forward` and, made by phase `differentiate`, `grad`.
  GradientModel(mlir::ModuleOp module, uint64_t seed, int64_t batch) : seed(seed), batch(batch) {
    auto grad = module.lookupSymbol<mlir::func::FuncOp>("grad");
    for (unsigned i = 2; i < grad.getNumResults(); ++i)
      gradientOf.push_back(grad.getResultAttrOfType<mlir::StringAttr>(i, "mf.gradient_of").str());
    LocationTable locations;
    auto written = writeGraph(grad, locations);
    buffer.Finish(abi::Function::Pack(buffer, written.function.get()));
    for (auto param : module->getAttrOfType<mlir::ArrayAttr>(mf::kParamsAttrName).getAsRange<mf::ParamAttr>())
      if (param.getType().getElementType().isF32())
        addParameter(param.getName().str(), {param.getType().getShape().begin(), param.getType().getShape().end()});
    fillInputs();
  }

  const std::vector<std::string> &trained() const { return gradientOf; }
  std::vector<double> &parameter(const std::string &name) { return parameters.at(name).data; }
  /// For seeded bugs: runs this graph from now on, which has the same inputs and outputs.
  void replaceGraph(const abi::FunctionT &graph) {
    buffer.Clear();
    buffer.Finish(abi::Function::Pack(buffer, &graph));
  }
  const abi::Function &graph() const { return *flatbuffers::GetRoot<abi::Function>(buffer.GetBufferPointer()); }

  /// The whole step, or its losses alone.
  template <typename T> StepResult<T> run(bool lossOnly = false) const {
    StepResult<T> result;
    auto interpreter = archrt::reference::Interpreter<T>::create(graph());
    EXPECT_TRUE(interpreter.ok()) << interpreter.status().message();
    if (!interpreter.ok())
      return result;
    set(*interpreter);
    std::vector<uint32_t> outputs(graph().outputs()->begin(), graph().outputs()->end());
    if (lossOnly)
      outputs.resize(1);
    archrt::Status status = interpreter->evaluate(outputs);
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok())
      return result;
    result.losses = interpreter->value(outputs[0])->data;
    for (size_t i = 1; i < outputs.size(); ++i)
      (i == 1 ? result.logits : result.gradients[gradientOf[i - 2]]) = interpreter->value(outputs[i])->data;
    return result;
  }

  /// [batch, H, W, C], [batch, K], what the third input is ([batch, sites] or [batch, features]), and the fourth
  std::vector<float> images;
  std::vector<double> targets, factors, kept;

private:
  template <typename T> static archrt::reference::Tensor<T> tensorOf(const Shape &shape, const std::vector<double> &data) {
    archrt::reference::Tensor<T> tensor(shape);
    std::copy(data.begin(), data.end(), tensor.data.begin());
    return tensor;
  }

  Shape inputShape(unsigned index) const {
    Shape shape = {batch};
    const auto &declared = *graph().values()->Get(graph().inputs()->Get(index))->shape();
    for (unsigned i = 1; i < declared.size(); ++i)
      shape.push_back(declared.Get(i)->constant());
    return shape;
  }

  void addParameter(const std::string &name, const Shape &shape) {
    std::vector<float> numbers = archrt::reference::randomParameter(seed, name, shape);
    parameters[name] = tensorOf<double>(shape, {numbers.begin(), numbers.end()});
  }

  void fillInputs() {
    images = archrt::reference::randomImages(seed, 0, inputShape(0));
    for (int64_t i = 0; i < batch * inputShape(1)[1]; ++i)
      targets.push_back(archrt::reference::randomValue(seed, "targets", i, {210000, 200000}));
    for (unsigned input = 2; input < graph().inputs()->size(); ++input)
      for (int64_t i = 0; i < batch * inputShape(input)[1]; ++i)
        (input == 2 ? factors : kept).push_back(symmetric(seed, input == 2 ? "factors" : "kept", i) < -0.4 ? 0 : 1.25);
  }

  template <typename T> void set(archrt::reference::Interpreter<T> &interpreter) const {
    auto expectOk = [](const archrt::Status &status) { EXPECT_TRUE(status.ok()) << status.message(); };
    expectOk(interpreter.setInput(images.data(), batch));
    expectOk(interpreter.setValue(graph().inputs()->Get(1), tensorOf<T>(inputShape(1), targets)));
    if (!factors.empty())
      expectOk(interpreter.setValue(graph().inputs()->Get(2), tensorOf<T>(inputShape(2), factors)));
    if (!kept.empty())
      expectOk(interpreter.setValue(graph().inputs()->Get(3), tensorOf<T>(inputShape(3), kept)));
    for (const abi::Op *op : *graph().ops())
      if (op->name()->str() == "mf.param") {
        std::string name;
        archrt::reference::Attributes(*op).read("name", name);
        const auto &tensor = parameters.at(name);
        expectOk(interpreter.setValue(op->results()->Get(0), tensorOf<T>(tensor.shape, tensor.data)));
      }
  }

  uint64_t seed;
  int64_t batch;
  flatbuffers::FlatBufferBuilder buffer;
  std::vector<std::string> gradientOf;
  std::map<std::string, archrt::reference::Tensor<double>> parameters;
};

/// Directional derivatives of the summed loss by central differences, along random unit vectors for each parameter alone.
class FiniteDifferences {
public:
  FiniteDifferences(GradientModel &model, int directions) {
    for (const std::string &name : model.trained())
      for (int i = 0; i < directions; ++i)
        slopes.push_back(slopeOf(model, name, i));
    loss = std::abs(model.run<double>(/*lossOnly=*/true).loss());
  }

  /// How far the gradients are off, in tolerances: above 1 they are wrong. `where` gets the parameter that is worst.
  double disagreement(const StepResult<double> &result, double tolerance, std::string &where) const {
    double worst = 0;
    for (const Slope &slope : slopes) {
      const std::vector<double> &gradient = result.gradients.at(slope.parameter);
      double product = 0, square = 0;
      for (size_t i = 0; i < gradient.size(); ++i) {
        product += gradient[i] * slope.unit[i];
        square += gradient[i] * gradient[i];
      }
      double off = std::abs(product - slope.value) / (tolerance * std::sqrt(square) + 1e-9 * std::max(1.0, loss));
      if (!(off <= worst)) {
        worst = std::isnan(off) ? INFINITY : off;
        where = slope.parameter;
      }
    }
    return worst;
  }

private:
  struct Slope {
    std::string parameter;
    std::vector<double> unit;
    double value;
  };

  static Slope slopeOf(GradientModel &model, const std::string &name, int direction) {
    const double step = 1e-5;
    const std::vector<double> saved = model.parameter(name);
    Slope slope{name, std::vector<double>(saved.size()), 0};
    double square = 0;
    for (size_t i = 0; i < saved.size(); ++i) {
      slope.unit[i] = symmetric(direction, name + ".direction", i);
      square += slope.unit[i] * slope.unit[i];
    }
    for (double &part : slope.unit)
      part /= std::sqrt(square);
    auto lossAt = [&](double distance) {
      for (size_t i = 0; i < saved.size(); ++i)
        model.parameter(name)[i] = saved[i] + distance * slope.unit[i];
      return model.run<double>(/*lossOnly=*/true).loss();
    };
    slope.value = (lossAt(step) - lossAt(-step)) / (2 * step);
    model.parameter(name) = saved;
    return slope;
  }

  std::vector<Slope> slopes;
  double loss = 0;
};

inline void expectFiniteDifferences(GradientModel &model, int directions, double tolerance = 1e-6) {
  std::string where;
  EXPECT_LE(FiniteDifferences(model, directions).disagreement(model.run<double>(), tolerance, where), 1) << where;
}

} // namespace archc::test

#endif // ARCHC_TEST_PASSES_DIFFERENTIATE_GRADIENTMODEL_H
