#include "tools/driver/Verification.h"

#include "runtime/graph/Describe.h"
#include "runtime/graph/PlanSteps.h"
#include "runtime/reference/Interpreter.h"
#include "runtime/reference/RandomTensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace archrt;

namespace archc::driver {

static reference::Shape shapeOf(const abi::Param &param) {
  reference::Shape shape;
  for (size_t d = 0; d < sizeOf(param.shape()); ++d)
    shape.push_back(param.shape()->Get(d));
  return shape;
}

Result<std::shared_ptr<ParamStore>> randomParams(const abi::Model &model, uint64_t seed) {
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> store, ParamStore::allocate(model));
  for (size_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    if (param.dtype() != abi::DType::F32)
      continue;
    std::vector<float> values = reference::randomParameter(seed, std::string(textOf(param.name())), shapeOf(param));
    std::memcpy(store->mutableData(i), values.data(), values.size() * sizeof(float));
  }
  return store;
}

namespace {

/// A graph value that one step leaves in memory.
struct Checkpoint {
  uint32_t value = 0;
  std::string kernels;
  std::vector<float> computed;
};

class Verifier {
public:
  explicit Verifier(const VerifyRequest &request)
      : request(request), artifact(request.model->artifact()), forward(artifact.forward()) {}
  Result<std::vector<VerifiedTensor>> run();

private:
  Status listCheckpoints();
  Status runCompiled();
  template <typename T> Result<reference::Interpreter<T>> makeInterpreter() const;
  template <typename T> Status bindParams(reference::Interpreter<T> &interpreter) const;
  Result<VerifiedTensor> compare(const Checkpoint &checkpoint, reference::Interpreter<double> &exact,
                                 reference::Interpreter<float> &yardstick) const;
  void locate(uint32_t value, VerifiedTensor &row) const;
  reference::Shape shapeOfValue(uint32_t value) const;

  const VerifyRequest &request;
  const Artifact &artifact;
  const abi::Function &forward;
  std::vector<float> input;
  std::vector<Checkpoint> checkpoints; // the last is the output
};

reference::Shape Verifier::shapeOfValue(uint32_t value) const {
  reference::Shape shape;
  const auto *extents = forward.values()->Get(value)->shape();
  for (size_t i = 0; i < sizeOf(extents); ++i)
    shape.push_back(evaluate(extents->Get(i), request.batch));
  return shape;
}

Status Verifier::listCheckpoints() {
  const abi::TargetPlan *plan = request.model->device().plan();
  if (!plan)
    return invalid("`", request.model->device().target(), "` has no compiled plan to verify");
  ARCHRT_ASSIGN(std::vector<const abi::Step *> steps, flattenSteps(*plan, *findFunction(*plan, "forward_f32")));
  std::string kernels;
  uint32_t output = forward.outputs()->Get(0);
  for (const abi::Step *step : steps) {
    kernels += (kernels.empty() ? "" : " ") + std::string(textOf(plan->kernels()->Get(step->kernel())->name()));
    for (size_t i = 0; i < sizeOf(step->taps()); ++i)
      if (step->taps()->Get(i) != output)
        checkpoints.push_back({step->taps()->Get(i), kernels, {}});
    if (sizeOf(step->taps()) > 0)
      kernels.clear();
  }
  checkpoints.push_back({output, kernels, {}});
  return {};
}

Status Verifier::runCompiled() {
  ARCHRT_ASSIGN(std::unique_ptr<DeviceSession> session, request.model->device().createSession());
  std::vector<uint32_t> taps;
  std::vector<float *> pointers;
  for (Checkpoint &checkpoint : checkpoints) {
    checkpoint.computed.resize(static_cast<size_t>(reference::elementCount(shapeOfValue(checkpoint.value))));
    taps.push_back(checkpoint.value);
    pointers.push_back(checkpoint.computed.data());
  }
  taps.pop_back(); // the output is not a tap
  ARCHRT_TRY(session->reserve(request.batch));
  ARCHRT_TRY(session->setTaps(taps));
  DeviceRun run;
  run.input = input.data();
  run.batch = request.batch;
  run.output = checkpoints.back().computed.data();
  run.taps = pointers.data();
  return session->run(run);
}

template <typename T> Status Verifier::bindParams(reference::Interpreter<T> &interpreter) const {
  std::vector<std::string> wanted = interpreter.parameterNames();
  const auto *params = artifact.model().params();
  for (size_t i = 0; i < sizeOf(params); ++i) {
    std::string name(textOf(params->Get(i)->name()));
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end())
      ARCHRT_TRY(interpreter.bindParameter(name, shapeOf(*params->Get(i)), static_cast<const float *>(request.params->data(i))));
  }
  return interpreter.setInput(input.data(), request.batch);
}

template <typename T> Result<reference::Interpreter<T>> Verifier::makeInterpreter() const {
  ARCHRT_ASSIGN(reference::Interpreter<T> interpreter, reference::Interpreter<T>::create(forward));
  ARCHRT_TRY(bindParams(interpreter));
  return interpreter;
}

/// The largest difference; infinite where one is not a number.
template <typename T> double largestError(const std::vector<T> &values, const std::vector<double> &exact) {
  double largest = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    double error = std::abs(static_cast<double>(values[i]) - exact[i]);
    largest = error <= largest ? largest : std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
  }
  return largest;
}

void Verifier::locate(uint32_t value, VerifiedTensor &row) const {
  const auto *locations = artifact.model().locations();
  for (size_t i = 0; i < sizeOf(forward.ops()); ++i) {
    const abi::Op &op = *forward.ops()->Get(i);
    if (sizeOf(op.results()) == 0 || op.results()->Get(0) != value || op.location() >= sizeOf(locations))
      continue;
    const abi::Location &location = *locations->Get(op.location());
    row.path = textOf(location.path());
    if (sizeOf(location.lines()) > 0)
      row.line = concat(textOf(location.lines()->Get(0)->file()), ":", location.lines()->Get(0)->line());
  }
}

Result<VerifiedTensor> Verifier::compare(const Checkpoint &checkpoint, reference::Interpreter<double> &exact,
                                         reference::Interpreter<float> &yardstick) const {
  ARCHRT_TRY(exact.evaluate({checkpoint.value}));
  ARCHRT_TRY(yardstick.evaluate({checkpoint.value}));
  const std::vector<double> &truth = exact.value(checkpoint.value)->data;
  if (truth.size() != checkpoint.computed.size())
    return invalid("the graph gives ", truth.size(), " numbers where the plan gives ", checkpoint.computed.size());
  VerifiedTensor row;
  row.kernels = checkpoint.kernels;
  locate(checkpoint.value, row);
  for (double value : truth)
    row.largest = std::max(row.largest, std::abs(value));
  row.error = largestError(checkpoint.computed, truth);
  row.yardstick = largestError(yardstick.value(checkpoint.value)->data, truth);
  auto top = static_cast<float>(row.largest);
  row.allowed = 2 * row.yardstick + (std::nextafter(top, std::numeric_limits<float>::infinity()) - top);
  return row;
}

Result<std::vector<VerifiedTensor>> Verifier::run() {
  const abi::InputInfo &info = *artifact.model().input();
  input = reference::randomImages(request.seed, 0, {request.batch, info.height(), info.width(), info.channels()});
  ARCHRT_TRY(listCheckpoints());
  ARCHRT_TRY(runCompiled());
  ARCHRT_ASSIGN(reference::Interpreter<double> exact, makeInterpreter<double>());
  ARCHRT_ASSIGN(reference::Interpreter<float> yardstick, makeInterpreter<float>());
  std::vector<VerifiedTensor> rows;
  for (const Checkpoint &checkpoint : checkpoints) {
    ARCHRT_ASSIGN(VerifiedTensor row, compare(checkpoint, exact, yardstick));
    rows.push_back(std::move(row));
    // What follows starts from what this kernel wrote, in both references.
    reference::Tensor<double> wide(shapeOfValue(checkpoint.value));
    reference::Tensor<float> narrow(shapeOfValue(checkpoint.value));
    std::copy(checkpoint.computed.begin(), checkpoint.computed.end(), wide.data.begin());
    narrow.data = checkpoint.computed;
    ARCHRT_TRY(exact.setValue(checkpoint.value, std::move(wide)));
    ARCHRT_TRY(yardstick.setValue(checkpoint.value, std::move(narrow)));
  }
  ARCHRT_TRY(exact.setInput(input.data(), request.batch));
  ARCHRT_TRY(yardstick.setInput(input.data(), request.batch));
  ARCHRT_ASSIGN(VerifiedTensor whole, compare(checkpoints.back(), exact, yardstick));
  whole.path = "(whole network)";
  whole.kernels.clear();
  rows.push_back(std::move(whole));
  return rows;
}

} // namespace

Result<std::vector<VerifiedTensor>> verifyModel(const VerifyRequest &request) { return Verifier(request).run(); }

} // namespace archc::driver
