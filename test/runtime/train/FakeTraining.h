//===- FakeTraining.h - A model that trains in microseconds ---------------===//
//
// Logistic regression on 2x2 images of three classes with its gradient written by hand, and images drawn from a counter: all that a
// trainer needs, without a compiled artifact.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_RUNTIME_TRAIN_FAKETRAINING_H
#define ARCHC_TEST_RUNTIME_TRAIN_FAKETRAINING_H

#include "runtime/core/CounterRandom.h"
#include "runtime/train/Trainer.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <unistd.h>

namespace archrt::test {

constexpr int64_t kPixels = 4, kClasses = 3;

/// The tables of a model with the given parameters, kept alive.
class FakeModel {
public:
  struct Param {
    std::string name;
    std::vector<int64_t> shape;
  };

  explicit FakeModel(const std::vector<Param> &params = {{"stages.0.blocks.0.weight", {kClasses, kPixels}},
                                                         {"head.bias", {kClasses}}}) {
    abi::ModelT model;
    model.name = "fake";
    model.classes = kClasses;
    model.input = std::make_unique<abi::InputInfoT>();
    model.input->channels = 1;
    model.input->height = model.input->width = 2;
    for (const Param &each : params) {
      auto param = std::make_unique<abi::ParamT>();
      param->name = each.name;
      param->shape = each.shape;
      param->decay = each.shape.size() > 1;
      model.params.push_back(std::move(param));
    }
    builder.Finish(abi::Model::Pack(builder, &model));
  }

  const abi::Model &table() const { return *flatbuffers::GetRoot<abi::Model>(builder.GetBufferPointer()); }

private:
  flatbuffers::FlatBufferBuilder builder;
};

inline std::unique_ptr<ThreadPool> makePool(int threads) {
  auto pool = ThreadPool::create(threads);
  return pool.ok() ? pool.take() : nullptr;
}

class LogisticStep final : public train::GradientStep {
public:
  explicit LogisticStep(const abi::Model &model) : layout(train::ParamLayout::of(model)) {}

  Status reserve(int64_t) override { return {}; }

  Status setParameters(const std::shared_ptr<const ParamStore> &params) override {
    const auto *w = static_cast<const float *>(params->data(0)), *b = static_cast<const float *>(params->data(1));
    weight.assign(w, w + kClasses * kPixels);
    bias.assign(b, b + kClasses);
    return {};
  }

  Status run(const train::StepInput &input, const train::StepOutput &output) override {
    ++runs;
    std::fill(output.gradients, output.gradients + layout.total, 0.0f);
    for (int64_t i = 0; i < input.batch; ++i)
      image(input.images + i * kPixels, input.targets + i * kClasses, output, i);
    if (runs == poisonAt)
      output.gradients[layout.entries[1].offset] = std::numeric_limits<float>::quiet_NaN();
    return {};
  }

  int64_t runs = 0, poisonAt = -1;

private:
  void image(const float *x, const float *target, const train::StepOutput &output, int64_t i) {
    float *logits = output.logits + i * kClasses, sum = 0;
    for (int64_t k = 0; k < kClasses; ++k) {
      logits[k] = bias[k];
      for (int64_t j = 0; j < kPixels; ++j)
        logits[k] += weight[k * kPixels + j] * x[j];
      sum += std::exp(logits[k]);
    }
    output.losses[i] = 0;
    for (int64_t k = 0; k < kClasses; ++k) {
      output.losses[i] -= target[k] * (logits[k] - std::log(sum));
      float error = std::exp(logits[k]) / sum - target[k];
      output.gradients[layout.entries[1].offset + k] += error;
      for (int64_t j = 0; j < kPixels; ++j)
        output.gradients[layout.entries[0].offset + k * kPixels + j] += error * x[j];
    }
  }

  train::ParamLayout layout;
  std::vector<float> weight, bias;
};

/// Images whose largest pixel of the first three says the class; their order is drawn anew for each epoch.
class DrawnImages final : public train::BatchSource {
public:
  explicit DrawnImages(int64_t count, uint64_t seed = 1) : count(count), seed(seed) {}

  int64_t size() const override { return count; }
  int64_t classes() const override { return kClasses; }
  Status start(const train::EpochStart &start) override {
    from = start;
    return {};
  }

  Result<train::Batch> next() override {
    train::Batch batch;
    batch.count = std::min(from.batch, count - from.first);
    images.resize(static_cast<size_t>(batch.count * kPixels));
    targets.assign(static_cast<size_t>(batch.count * kClasses), 0);
    labels.resize(static_cast<size_t>(batch.count));
    for (int64_t i = 0; i < batch.count; ++i)
      draw(i, (from.first + i) * 7919 + from.epoch * 104729);
    from.first += batch.count;
    batch.images = images.data();
    batch.targets = targets.data();
    batch.labels = labels.data();
    return batch;
  }

private:
  void draw(int64_t i, int64_t place) {
    CounterRandom random(seed, "images");
    float *image = images.data() + i * kPixels;
    for (int64_t j = 0; j < kPixels; ++j)
      image[j] = float(random.uniform(uint64_t(place * kPixels + j)) * 2 - 1);
    labels[static_cast<size_t>(i)] = int32_t(std::max_element(image, image + kClasses) - image);
    targets[static_cast<size_t>(i * kClasses + labels[static_cast<size_t>(i)])] = 1;
  }

  int64_t count;
  uint64_t seed;
  train::EpochStart from;
  std::vector<float> images, targets;
  std::vector<int32_t> labels;
};

/// Logits by the hand-written step's formula.
class FakeEvaluator final : public train::Evaluator {
public:
  explicit FakeEvaluator(const abi::Model &model) : step(model), layout(train::ParamLayout::of(model)), source(30, /*seed=*/2) {}

  int64_t size() const override { return source.size(); }
  Result<train::EvalResult> evaluate(const std::shared_ptr<const ParamStore> &params, const std::atomic<int> *stop) override {
    ARCHRT_TRY(step.setParameters(params));
    return evaluateAsIs();
  }

  Result<train::EvalResult> evaluateAsIs() override {
    ARCHRT_TRY(source.start({0, 0, 10}));
    train::EvalResult result;
    std::vector<float> gradients(static_cast<size_t>(layout.total)), losses(10), logits(10 * kClasses);
    while (result.images < source.size()) {
      ARCHRT_ASSIGN(train::Batch batch, source.next());
      ARCHRT_TRY(step.run({batch.images, batch.targets, nullptr, batch.count}, {gradients.data(), losses.data(), logits.data()}));
      for (int64_t i = 0; i < batch.count; ++i)
        train::countImage(logits.data() + i * kClasses, kClasses, batch.labels[i], result);
    }
    return result;
  }

private:
  LogisticStep step;
  train::ParamLayout layout;
  DrawnImages source;
};

/// A folder that goes with the test.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "archc-train-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// Sets a flag after an update, as a signal handler would.
class StopAfter final : public train::TrainListener {
public:
  void onUpdate(const train::UpdateReport &) override { stop = ++updates == limit; }
  int64_t limit = -1, updates = 0;
  std::atomic<int> stop{0};
};

struct FakeRun {
  std::string folder;
  train::TrainOptions options;
  int threads = 1;
  int64_t images = 100, poisonAt = -1, stopAfter = -1;

  FakeRun() {
    options.epochs = 4;
    options.batch = 16;
    options.microBatch = 8;
    options.dropLast = false;
    options.schedule.rate = 0.05;
    options.schedule.epochs = 4;
    options.schedule.warmupEpochs = 1;
    options.schedule.perStep = true;
    options.rules.decay = 0.05;
    options.average.decay = 0.9;
    options.clip = {train::ClipKind::Norm, 0.5};
    options.logEvery = 3;
  }

  /// Trains in `folder`, going on where a run was before.
  Result<train::TrainEnd> run(std::vector<std::string> *notes = nullptr) {
    FakeModel model;
    std::unique_ptr<ThreadPool> pool = makePool(threads);
    LogisticStep step(model.table());
    step.poisonAt = poisonAt;
    DrawnImages source(images);
    FakeEvaluator evaluator(model.table());
    StopAfter listener;
    listener.limit = stopAfter;
    bool begun = !train::listCheckpoints(folder + "/checkpoints").empty();
    ARCHRT_ASSIGN(auto runFolder,
                  train::RunFolder::open(folder, begun ? train::RunFolder::Mode::Resume : train::RunFolder::Mode::Create));
    ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params, ParamStore::allocate(model.table()));
    train::TrainParts parts{&model.table(),  pool.get(), &step,          &source, &evaluator,
                            runFolder.get(), &listener,  &listener.stop, "test"};
    ARCHRT_ASSIGN(auto trainer, train::Trainer::create(parts, options, std::move(params)));
    std::vector<std::string> ignored;
    ARCHRT_TRY(begun ? trainer->resume(notes ? *notes : ignored) : trainer->begin());
    return trainer->run();
  }
};

} // namespace archrt::test

#endif // ARCHC_TEST_RUNTIME_TRAIN_FAKETRAINING_H
