//===- ConformanceTest.cpp - Each op, compiled, against its definition ----===//

#include "test/passes/ConformanceCases.h"

#include "dialect/mf/MfOps.h"
#include "passes/Pipelines/Compile.h"
#include "passes/Pipelines/Register.h"
#include "runtime/api/Session.h"
#include "runtime/device/cpu/HostIsa.h"
#include "runtime/reference/Interpreter.h"
#include "runtime/reference/OpDefinition.h"
#include "runtime/reference/RandomTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringRef.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

using namespace archc;
using namespace archc::conformance;
using archrt::reference::Interpreter;
using archrt::reference::Shape;

namespace {

const int64_t kBatch = 3;
const uint64_t kSeed = 7;

mlir::MLIRContext &context() {
  static mlir::MLIRContext *context = [] {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    auto *made = new mlir::MLIRContext(registry, mlir::MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *context;
}

std::string mapType(llvm::StringRef shape) { return "tensor<?x" + shape.str() + "xf32>"; }

/// The case as a module. A map is tapped as "y"; the function then returns its mean, which keeps it in memory.
std::string moduleOf(const Case &test) {
  const bool isMap = llvm::StringRef(test.result).contains('x');
  std::string aliases, params, list;
  aliases += "!x = " + mapType(test.input) + "\n!y = " + mapType(test.result) + "\n";
  llvm::SmallVector<llvm::StringRef> entries;
  llvm::StringRef(test.params).split(entries, ", ", -1, /*KeepEmpty=*/false);
  for (llvm::StringRef entry : entries) {
    llvm::SmallVector<llvm::StringRef> words;
    entry.split(words, ' ');
    std::string ssa = words[0].str(), name = "\"" + words[1].str() + "\"", type = "tensor<" + words[2].str() + "xf32>";
    aliases += "!" + ssa + " = " + type + "\n";
    params += "  %" + ssa + " = mf.param " + name + " : " + type + "\n";
    list += (list.empty() ? "" : ", ") + ("#mf.param<" + name + ", " + type) +
            ", trainable, #mf.init<\"zeros\", 0.0, 0.0>, decay = false>";
  }
  std::string result = test.result;
  std::string returned = mapType(isMap ? result.substr(result.rfind('x') + 1) : result);
  std::string text = aliases + "module attributes {mf.params = [" + list + "]} {\nfunc.func @forward(%x: !x) -> " + returned +
                     " {\n" + params + test.body + " loc(\"y\")\n";
  if (isMap)
    text += "%mean = mf.global_avg_pool %y : !y loc(\"mean\")\n";
  return text + "return " + (isMap ? "%mean" : "%y") + " : " + returned + "\n}\n}\n";
}

mlir::OwningOpRef<mlir::ModuleOp> parse(const Case &test) {
  return mlir::parseSourceString<mlir::ModuleOp>(moduleOf(test), mlir::ParserConfig(&context()), test.name);
}

bool hostRuns(const std::string &target) {
  auto level = archrt::isaLevelOf(target);
  return level && archrt::runsOn(*level, archrt::hostIsaLevel());
}

const char *const gpuTarget = "cuda:sm_80";
const std::vector<std::string> allTargets = {"cpu:x86-64-v3", "cpu:x86-64-v4"};

std::vector<std::string> hostTargets() {
  std::vector<std::string> targets;
  for (const std::string &target : allTargets)
    if (hostRuns(target))
      targets.push_back(target);
  return targets;
}

std::shared_ptr<archrt::Runtime> runtimeOf(int threads) {
  static std::map<int, std::shared_ptr<archrt::Runtime>> runtimes;
  auto &runtime = runtimes[threads];
  if (!runtime)
    runtime = *archrt::Runtime::create(threads);
  return runtime;
}

/// What one image or batch gives: the mapped value, where there is one, and the function's result.
struct Outcome {
  std::vector<float> tap, result;
  bool operator==(const Outcome &other) const { return tap == other.tap && result == other.result; }
};

template <typename T> std::vector<T> slice(const std::vector<T> &all, int64_t index, int64_t count) {
  auto each = static_cast<int64_t>(all.size()) / count;
  return {all.begin() + index * each, all.begin() + (index + 1) * each};
}

/// An artifact with parameters and inputs, and what its graph means.
class Model {
public:
  Model(const Case &test, const std::vector<std::string> &targets, bool fuse, bool fold) {
    tapped = llvm::StringRef(test.result).contains('x');
    compile(test, targets, fuse, fold);
  }

  bool ok() const { return params != nullptr; }

private:
  void compile(const Case &test, const std::vector<std::string> &targets, bool fuse, bool fold) {
    auto module = parse(test);
    ASSERT_TRUE(module && mlir::succeeded(mlir::verify(*module))) << moduleOf(test);
    CompileOptions options;
    options.targets = targets;
    options.fuse = fuse;
    options.fold = fold;
    options.verifyEach = true;
    options.emulationCode = true;
    options.assemble = false;
    options.info.name = test.name;
    auto input = mlir::cast<mlir::RankedTensorType>(module->lookupSymbol<mlir::func::FuncOp>("forward").getArgumentTypes()[0]);
    options.info.mean.assign(input.getShape().back(), 0.5);
    options.info.std.assign(input.getShape().back(), 0.25);
    CompileResult result;
    ASSERT_TRUE(mlir::succeeded(compileModule(*module, options, result)));
    auto opened = archrt::Artifact::fromBytes(archrt::ByteView(std::string_view(result.artifact)));
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    artifact = opened.take();
    images = archrt::reference::randomImages(kSeed, 0, {kBatch, input.getDimSize(1), input.getDimSize(2), input.getDimSize(3)});
    for (float &value : images)
      value = static_cast<float>(value * test.inputScale);
    fillParameters();
  }

public:
  /// Images [first, first + count) on a target with some threads.
  Outcome run(const std::string &target, int threads, int64_t first, int64_t count) const {
    auto model = load("cpu", target, threads);
    return model ? runOn(model, first, count) : Outcome();
  }

  std::shared_ptr<archrt::Model> load(const std::string &device, const std::string &target, int threads) const {
    archrt::ModelOptions options{device, target};
    auto model = archrt::Model::load(runtimeOf(threads), artifact, options);
    EXPECT_TRUE(model.ok()) << model.status().message();
    if (!model.ok())
      return nullptr;
    archrt::Status status = (*model)->setWeights(params);
    EXPECT_TRUE(status.ok()) << status.message();
    return status.ok() ? *model : nullptr;
  }

  Outcome runOn(const std::shared_ptr<archrt::Model> &model, int64_t first, int64_t count) const {
    Outcome outcome;
    auto session = archrt::Session::create(model).take();
    if (tapped) {
      archrt::Status status = session->addTap("y");
      EXPECT_TRUE(status.ok()) << status.message();
    }
    outcome.result.resize(count * model->outputWidth());
    const float *data = images.data() + first * model->inputElements();
    archrt::Status status = session->run({data, archrt::InputKind::F32, archrt::Layout::NHWC, count}, outcome.result.data());
    EXPECT_TRUE(status.ok()) << status.message();
    if (session->tapCount()) {
      archrt::TapValue value = session->tap(0);
      outcome.tap.assign(value.data, value.data + archrt::reference::elementCount(value.shape));
    }
    return outcome;
  }

  /// All images by the definitions, in T.
  template <typename T> std::pair<std::vector<T>, std::vector<T>> evaluate() const {
    const auto &function = artifact->forward();
    auto interpreter = Interpreter<T>::create(function).take();
    for (const auto &[name, tensor] : tensors)
      EXPECT_TRUE(interpreter.bindParameter(name, tensor.shape, tensor.data.data()).ok()) << name;
    EXPECT_TRUE(interpreter.setInput(images.data(), kBatch).ok());
    uint32_t output = function.outputs()->Get(0), inner = output;
    for (const auto *op : *function.ops())
      if (tapped && op->results()->Get(0) == output)
        inner = op->operands()->Get(0);
    archrt::Status status = interpreter.evaluate({inner, output});
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok())
      return {};
    return {interpreter.value(inner)->data, interpreter.value(output)->data};
  }

  bool hasTap() const { return tapped; }

private:
  void fillParameters() {
    auto store = archrt::ParamStore::allocate(artifact->model()).take();
    for (size_t i = 0; i < archrt::sizeOf(artifact->model().params()); ++i) {
      const auto *param = artifact->model().params()->Get(i);
      archrt::reference::Tensor<float> tensor(Shape(param->shape()->begin(), param->shape()->end()));
      tensor.data = archrt::reference::randomParameter(kSeed, param->name()->str(), tensor.shape);
      std::copy(tensor.data.begin(), tensor.data.end(), static_cast<float *>(store->mutableData(i)));
      tensors[param->name()->str()] = std::move(tensor);
    }
    params = store;
  }

  std::shared_ptr<const archrt::Artifact> artifact;
  std::map<std::string, archrt::reference::Tensor<float>> tensors;
  std::shared_ptr<const archrt::ParamStore> params;
  std::vector<float> images;
  bool tapped = false;
};

template <typename T> double largestError(const std::vector<T> &values, const std::vector<double> &truth) {
  double largest = values.size() == truth.size() ? 0 : INFINITY;
  for (size_t i = 0; i < values.size() && i < truth.size(); ++i)
    largest = std::isfinite(values[i]) ? std::max(largest, std::fabs(values[i] - truth[i])) : INFINITY;
  return largest;
}

/// Twice what f32 op by op is off, and one unit in the last place of the largest value.
double budgetOf(const std::vector<float> &yardstick, const std::vector<double> &truth) {
  double largest = 0;
  for (double value : truth)
    largest = std::max(largest, std::fabs(value));
  return 2 * largestError(yardstick, truth) + std::ldexp(1.0, std::ilogb(std::max(largest, 1e-30)) - 23);
}

/// What the graph means, and what evaluating it op by op in f32 gives: of the mapped value and of the result.
struct Meaning {
  explicit Meaning(const Model &model)
      : truth(model.evaluate<double>()), yardstick(model.evaluate<float>()), hasTap(model.hasTap()) {}
  bool ok() const { return !truth.second.empty() && !yardstick.second.empty(); }

  std::pair<std::vector<double>, std::vector<double>> truth;
  std::pair<std::vector<float>, std::vector<float>> yardstick;
  bool hasTap;
};

class Conformance : public testing::TestWithParam<Case> {
protected:
  /// Every target, batches of 1 and of 3.
  static void expectAccuracy(const Model &model, const std::vector<std::string> &targets, const std::string &how) {
    Meaning meaning(model);
    ASSERT_TRUE(meaning.ok()) << "no reference";
    for (const std::string &target : targets)
      for (int64_t batch : {kBatch, int64_t(1)})
        expectAccurate(meaning, model.run(target, 1, 0, batch), batch, target + how + ", batch of " + std::to_string(batch));
  }

  /// The first `batch` images.
  static void expectAccurate(const Meaning &meaning, const Outcome &outcome, int64_t batch, const std::string &where) {
    const auto &[innerTruth, truth] = meaning.truth;
    std::vector<double> part(truth.begin(), truth.begin() + outcome.result.size());
    EXPECT_LE(largestError(outcome.result, part), budgetOf(meaning.yardstick.second, truth)) << where;
    if (!meaning.hasTap)
      return;
    ASSERT_EQ(outcome.tap.size() * kBatch, innerTruth.size() * batch) << where;
    part.assign(innerTruth.begin(), innerTruth.begin() + outcome.tap.size());
    EXPECT_LE(largestError(outcome.tap, part), budgetOf(meaning.yardstick.first, innerTruth)) << where << ", the map";
  }

  /// The same bits with any number of threads, and whether an image is alone or in a batch.
  static void expectSameBits(const Model &model, const std::string &target) {
    Outcome whole = model.run(target, 1, 0, kBatch);
    for (int threads : {2, 3, 8})
      EXPECT_TRUE(model.run(target, threads, 0, kBatch) == whole) << target << ", " << threads << " threads";
    for (int64_t image = 0; image < kBatch; ++image) {
      Outcome alone = model.run(target, 2, image, 1);
      EXPECT_EQ(alone.result, slice(whole.result, image, kBatch)) << target << ", image " << image;
      EXPECT_EQ(alone.tap, slice(whole.tap, image, kBatch)) << target << ", image " << image;
    }
  }
};

TEST_P(Conformance, CompiledCodeKeepsTheBudget) {
  std::vector<std::string> targets = hostTargets();
  if (targets.empty())
    GTEST_SKIP() << "ISA: needs x86-64-v3";
  Model model(GetParam(), targets, /*fuse=*/true, /*fold=*/true);
  ASSERT_TRUE(model.ok());
  expectAccuracy(model, targets, "");
  for (const std::string &target : targets)
    expectSameBits(model, target);
}

TEST_P(Conformance, SoItDoesUnfusedAndUnfolded) {
  if (!hostRuns(allTargets.front()))
    GTEST_SKIP() << "ISA: needs x86-64-v3";
  const std::vector<std::string> target = {allTargets.front()};
  const bool single = !llvm::StringRef(GetParam().body).contains('\n');
  for (auto [fuse, fold] : {std::pair(false, false), std::pair(true, false), std::pair(false, true)}) {
    if (single && (fuse || fold)) // one op: nothing to fold, and nothing to fuse it with but the pool
      continue;
    Model model(GetParam(), target, fuse, fold);
    ASSERT_TRUE(model.ok());
    expectAccuracy(model, target, std::string(fuse ? "" : ", unfused") + (fold ? "" : ", unfolded"));
  }
}

/// GPU code on the emulator, whose checks find nothing; an image alone gives the bits that it gives in a batch.
TEST_P(Conformance, EmulatedGpuKeepsTheBudget) {
  Model compiled(GetParam(), {gpuTarget}, /*fuse=*/true, /*fold=*/true);
  ASSERT_TRUE(compiled.ok());
  auto model = compiled.load("emu", gpuTarget, 1);
  ASSERT_TRUE(model);
  Outcome whole = compiled.runOn(model, 0, kBatch), alone = compiled.runOn(model, 1, 1);
  Meaning meaning(compiled);
  ASSERT_TRUE(meaning.ok()) << "no reference";
  expectAccurate(meaning, whole, kBatch, gpuTarget);
  EXPECT_EQ(alone.result, slice(whole.result, 1, kBatch));
  EXPECT_EQ(alone.tap, slice(whole.tap, 1, kBatch));
}

INSTANTIATE_TEST_SUITE_P(Ops, Conformance, testing::ValuesIn(cases),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(ConformanceSuite, RunsEachTarget) {
  for (const std::string &target : allTargets)
    if (!hostRuns(target))
      GTEST_SKIP() << "ISA: needs " << target;
}

/// An op that a network may hold has a definition and a case; all others are named here, with where they are tested.
TEST(ConformanceSuite, HasACaseForEachOp) {
  const std::set<std::string> elsewhere = {
      "mf.param",
      "mf.yield",
      "mf.fused", // structure
      "mf.arch",
      "mf.stage",
      "mf.embed",
      "mf.position",
      "mf.block",
      "mf.head", // architecture level: Expand
      "mf.fold_weight",
      "mf.fold_bias",
      "mf.norm_stats_scale",
      "mf.norm_stats_shift", // of `prepare`: FoldWeights
      "mf.multiply",
      "mf.divide",
      "mf.sum",
      "mf.pack", //
      "mf.affine",
      "mf.norm_scale",
      "mf.image_stats",
      "mf.line_sums",
      "mf.normalize",       // what passes make of others
      "mf.normalize_image", // bytes: LowerCpu/ImagesTest
      "mf.adjoint_weight",
      "mf.batch_sum",
      "mf.bce",
      "mf.channel_sum",
      "mf.conv2d_transposed",
      "mf.cross_entropy",
      "mf.drop_path",
      "mf.mul",
      "mf.scale_position",
      "mf.step", // of training, like every gradient: Differentiate/GradientTest
  };
  std::set<std::string> covered;
  for (const Case &test : cases) {
    auto module = parse(test);
    ASSERT_TRUE(module) << test.name;
    module->walk([&](mlir::Operation *op) { covered.insert(op->getName().getStringRef().str()); });
  }
  for (mlir::RegisteredOperationName op : context().getRegisteredOperationsByDialect("mf")) {
    std::string name = op.getStringRef().str();
    if (elsewhere.count(name) || op.getStringRef().ends_with("_grad"))
      continue;
    EXPECT_TRUE(archrt::reference::findDefinition(name)) << name << " has no definition in runtime/reference";
    EXPECT_TRUE(covered.count(name)) << name << " has no case in ConformanceCases.h";
  }
}

} // namespace
