#include "runtime/train/Trainer.h"

#include "runtime/train/DropPath.h"
#include "runtime/train/HeadDropout.h"
#include "runtime/train/NonFinite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace archrt::train {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// --- Setting up -------------------------------------------------------------------------------------------------------------

Trainer::Trainer(const TrainParts &parts, const TrainOptions &options, std::shared_ptr<ParamStore> params)
    : parts(parts), options(options), layout(ParamLayout::of(*parts.model)), pieces(layout), passes(layout, rules, *parts.pool),
      params(std::move(params)) {}

Result<std::unique_ptr<Trainer>> Trainer::create(const TrainParts &parts, const TrainOptions &options,
                                                 std::shared_ptr<ParamStore> params) {
  std::unique_ptr<Trainer> trainer(new Trainer(parts, options, std::move(params)));
  ARCHRT_ASSIGN(trainer->rules, makeTensorRules(*parts.model, trainer->layout, options.rules));
  if (options.microBatch < 1 || options.batch % options.microBatch != 0)
    return invalid("a batch of ", options.batch, " images in parts of ", options.microBatch, "; expected equal parts");
  if (parts.source->classes() != parts.model->classes())
    return invalid("the data has ", parts.source->classes(), " classes; the model has ", parts.model->classes());
  if (trainer->usable() == 0)
    return invalid("the data has ", parts.source->size(), " images; expected at least one batch of ", options.batch);
  ARCHRT_TRY(trainer->allocate());
  return trainer;
}

Status Trainer::allocate() {
  ARCHRT_ASSIGN(optimizer, Optimizer::create(options.optimizer, layout, rules, *parts.pool));
  size_t bytes = static_cast<size_t>(layout.total) * sizeof(float);
  ARCHRT_ASSIGN(gradientMemory, AlignedBuffer::allocate(bytes));
  gradientPointers = pointersInto(gradientMemory.as<float>(), layout);
  if (options.microBatch < options.batch) {
    ARCHRT_ASSIGN(partMemory, AlignedBuffer::allocate(bytes));
    partPointers = pointersInto(partMemory.as<float>(), layout);
  }
  paramPointers = pointersInto(*params, layout);
  if (options.average.decay > 0) {
    ARCHRT_ASSIGN(average, params->materialize());
    averagePointers = pointersInto(*average, layout);
  }
  if (options.sharpness != SharpnessKind::None) {
    ARCHRT_ASSIGN(ascended, params->materialize());
    ascendedPointers = pointersInto(*ascended, layout);
  }
  if (options.dropPath > 0)
    dropRates = dropPathRates(*parts.model, options.dropPath);
  if (options.headDropout > 0)
    headDropout = {options.headDropout, headDropoutFeatures(*parts.model)};
  losses.resize(static_cast<size_t>(options.microBatch));
  logits.resize(static_cast<size_t>(options.microBatch * parts.source->classes()));
  factors.resize(static_cast<size_t>(options.microBatch) * dropRates.size());
  kept.resize(static_cast<size_t>(options.microBatch * headDropout.features));
  return parts.step->reserve(options.microBatch);
}

int64_t Trainer::usable() const {
  int64_t size = parts.source->size();
  return options.dropLast ? size / options.batch * options.batch : size;
}

Status Trainer::openLogs() {
  ARCHRT_TRY(parts.folder->metrics.open(state.metricsBytes));
  ARCHRT_TRY(parts.folder->summary.open(state.summaryBytes));
  ARCHRT_TRY(parts.folder->timing.open(LineFile::kAll));
  return parts.step->setParameters(params);
}

Status Trainer::begin() {
  state.isa = parts.isa;
  ARCHRT_TRY(openLogs());
  return save();
}

Status Trainer::resume(std::vector<std::string> &notes) {
  ARCHRT_ASSIGN(std::string name, readNewestCheckpoint(parts.folder->checkpoints(), checkpointParts(), notes));
  if (state.isa != parts.isa)
    notes.push_back(concat("the run was begun on `", state.isa, "` and goes on with `", parts.isa, "`; bits may differ"));
  state.isa = parts.isa;
  lastSave = Clock::now();
  // A run may have died after its best checkpoint was written and before it was linked.
  if (state.bestUpdate == state.update)
    ARCHRT_TRY(linkCheckpoint(parts.folder->checkpoints(), "best", name));
  return openLogs();
}

CheckpointParts Trainer::checkpointParts() {
  return {parts.model, &layout, params.get(), average.get(), optimizer.get(), &state};
}

// --- The loop ---------------------------------------------------------------------------------------------------------------

Result<TrainEnd> Trainer::run() {
  while (state.epoch < options.epochs) {
    ARCHRT_ASSIGN(bool finished, trainEpoch());
    if (finished) {
      ARCHRT_ASSIGN(finished, finishEpoch());
    }
    if (!finished) {
      ARCHRT_TRY(save());
      return TrainEnd::Interrupted;
    }
  }
  return TrainEnd::Finished;
}

Result<bool> Trainer::trainEpoch() {
  epochStart = Clock::now();
  waited = 0;
  imagesHere = 0;
  if (state.position < usable())
    ARCHRT_TRY(parts.source->start({state.epoch, state.position, options.microBatch}));
  while (state.position < usable()) {
    if (stopped())
      return false;
    ARCHRT_TRY(update());
    ARCHRT_TRY(logUpdate());
    bool due = options.checkpointUpdates > 0 && state.update % options.checkpointUpdates == 0;
    if (due || secondsSince(lastSave) > options.checkpointSeconds)
      ARCHRT_TRY(save());
  }
  return true;
}

Status Trainer::update() {
  int64_t target = std::min(options.batch, usable() - state.position), done = 0;
  while (done < target) {
    Clock::time_point start = Clock::now();
    ARCHRT_ASSIGN(Batch batch, parts.source->next());
    waited += secondsSince(start);
    if (batch.count == 0 || batch.count > options.microBatch)
      return invalid("the data ended in epoch ", state.epoch, " after ", state.position + done, " images; expected ", usable());
    DropPathDraw draw{options.seed, state.update, done};
    if (!dropRates.empty())
      drawDropPath(dropRates, draw, batch.count, factors.data());
    if (!kept.empty())
      drawHeadDropout(headDropout, draw, batch.count, kept.data());
    float *gradients = done == 0 ? gradientMemory.as<float>() : partMemory.as<float>();
    ARCHRT_TRY(runStep(batch, gradients));
    // Afterwards the images are no longer there; the last ones are, and their gradients are looked at when norms are taken.
    if (done + batch.count < target)
      if (auto bad = passes.firstNotFinite(done == 0 ? gradientPointers : partPointers))
        return badGradient(layout.entries[*bad], batch);
    if (done > 0)
      passes.accumulate(gradientPointers, partPointers);
    done += batch.count;
    last = batch;
    // A second gradient was taken elsewhere; the next part needs the parameters again. The last one gets those of the update.
    if (ascended && done < target)
      ARCHRT_TRY(parts.step->setParameters(params));
  }
  imagesHere += done;
  state.position += done;
  return applyGradients(done);
}

StepInput Trainer::inputOf(const Batch &batch) const {
  return {batch.images, batch.targets, factors.empty() ? nullptr : factors.data(), batch.count,
          kept.empty() ? nullptr : kept.data()};
}

Status Trainer::runStep(const Batch &batch, float *gradients) {
  StepInput input = inputOf(batch);
  StepOutput output{gradients, losses.data(), logits.data()};
  ARCHRT_TRY(parts.step->run(input, output));
  ARCHRT_TRY(countBatch(batch));
  if (!ascended)
    return {};
  passes.ascend(options.sharpness, options.rho, paramPointers, pointersInto(gradients, layout), ascendedPointers);
  ARCHRT_TRY(parts.step->setParameters(ascended));
  return parts.step->run(input, output);
}

Status Trainer::countBatch(const Batch &batch) {
  int64_t classes = parts.source->classes();
  for (int64_t i = 0; i < batch.count; ++i) {
    const float *row = logits.data() + i * classes;
    if (!std::isfinite(losses[static_cast<size_t>(i)])) {
      int64_t pixels = int64_t(parts.model->input()->channels()) * parts.model->input()->height() * parts.model->input()->width();
      const float *image = batch.images + i * pixels;
      bool wasFinite = std::all_of(image, image + pixels, [](float x) { return std::isfinite(x); });
      return wasFinite ? notFinite(concat("the loss of image ", i, " of the batch is ", losses[static_cast<size_t>(i)]), batch, i)
                       : notFinite(concat("image ", i, " of the batch has pixels that are not finite"));
    }
    bool right = std::max_element(row, row + classes) - row == batch.labels[i];
    state.lossSum += losses[static_cast<size_t>(i)];
    state.windowLoss += losses[static_cast<size_t>(i)];
    state.right += right;
    state.windowRight += right;
  }
  state.images += batch.count;
  state.windowImages += batch.count;
  return {};
}

/// Images that are computed anew to find the op; more would take too long.
static constexpr int64_t kExplained = 16;

Status Trainer::notFinite(const std::string &what, const Batch &batch, int64_t image) const {
  const bool isLoss = image >= 0;
  const int64_t first = isLoss ? image : 0, images = isLoss ? 1 : kExplained;
  std::string op = firstNonFinite(*parts.model, *params, inputOf(batch), first, images);
  // Else it was the second gradient, which is taken elsewhere.
  if (op.empty() && !isLoss && ascended)
    op = firstNonFinite(*parts.model, *ascended, inputOf(batch), first, images);
  return notFinite(op.empty() ? what : concat(what, "; the first result that is not finite: ", op));
}

Status Trainer::badGradient(const ParamLayout::Entry &entry, const Batch &batch) const {
  return notFinite(
      concat("the gradient of `", textOf(parts.model->params()->Get(entry.param)->name()), "` is not finite, the losses are"),
      batch, /*image=*/-1);
}

Status Trainer::notFinite(const std::string &what) const {
  return {ErrorCode::Budget, concat("update ", state.update, " (epoch ", state.epoch, "): ", what, "; `archc train --resume ",
                                    parts.folder->path(), "` goes on from the last checkpoint and replays it")};
}

Status Trainer::applyGradients(int64_t images) {
  std::vector<double> norms = passes.scale(gradientPointers, float(1.0 / double(images)));
  for (size_t i = 0; i < norms.size(); ++i)
    if (!std::isfinite(norms[i]))
      return badGradient(layout.entries[i], last);
  norm = globalNorm(norms);
  rate = learningRate(options.schedule, {state.epoch, state.update, updatesPerEpoch()});
  passes.clip(options.clip, paramPointers, gradientPointers, norms);
  ++state.update;
  optimizer->step({paramPointers, gradientPointers, rate, state.update});
  if (average)
    updateAverage(pieces, *parts.pool, averagePointers, paramPointers, averageDecay(options.average, state.update));
  return parts.step->setParameters(params);
}

// --- What is written and said -----------------------------------------------------------------------------------------------

static std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

static double percent(int64_t right, int64_t images) { return images ? 100 * double(right) / double(images) : 0; }

Status Trainer::logUpdate() {
  double elapsed = std::max(secondsSince(epochStart), 1e-9), speed = double(imagesHere) / elapsed;
  if (options.logEvery > 0 && state.update % options.logEvery == 0) {
    double loss = state.windowLoss / double(state.windowImages);
    ARCHRT_TRY(parts.folder->metrics.append(concat("{\"kind\":\"train\",\"epoch\":", state.epoch, ",\"update\":", state.update,
                                                   ",\"loss\":", number(loss),
                                                   ",\"top1\":", number(percent(state.windowRight, state.windowImages)),
                                                   ",\"rate\":", number(rate), ",\"gradient_norm\":", number(norm), "}")));
    ARCHRT_TRY(parts.folder->timing.append(concat("{\"update\":", state.update, ",\"images_per_s\":", number(speed),
                                                  ",\"wait_share\":", number(waited / elapsed), "}")));
    state.windowLoss = 0;
    state.windowRight = state.windowImages = 0;
  }
  if (parts.listener) {
    int64_t done = (state.position + options.batch - 1) / options.batch;
    parts.listener->onUpdate({state.epoch, options.epochs, done, updatesPerEpoch(), state.lossSum / double(state.images),
                              percent(state.right, state.images), rate, norm, speed, waited / elapsed, options.batch});
  }
  return {};
}

EpochReport Trainer::epochReport() const {
  EpochReport report;
  report.epoch = state.epoch;
  report.epochs = options.epochs;
  report.update = state.update;
  report.trainLoss = state.images ? state.lossSum / double(state.images) : 0;
  report.trainTop1 = percent(state.right, state.images);
  report.rate = learningRate(options.schedule, {state.epoch, std::max<int64_t>(state.update - 1, 0), updatesPerEpoch()});
  report.seconds = std::max(secondsSince(epochStart), 1e-9);
  report.imagesPerSecond = double(imagesHere) / report.seconds;
  report.waitShare = waited / report.seconds;
  return report;
}

/// Whether the metric is better than ever.
bool Trainer::judge(const EvalResult &eval) {
  bool smaller = options.metric == "loss";
  double value = smaller ? eval.loss() : options.metric == "top5" ? eval.top5() : eval.top1();
  if (state.bestEpoch >= 0 && !(smaller ? value < state.best : value > state.best))
    return false;
  state.best = value;
  state.bestEpoch = state.epoch;
  state.bestUpdate = state.update;
  return true;
}

Result<bool> Trainer::finishEpoch() {
  EpochReport report = epochReport();
  bool last = state.epoch + 1 == options.epochs;
  if (parts.evaluator && options.evalEvery > 0 && (last || (state.epoch + 1) % options.evalEvery == 0)) {
    ARCHRT_ASSIGN(report.eval, parts.evaluator->evaluate(average ? average : params, parts.stop));
    if (report.eval.images < parts.evaluator->size() && stopped())
      return false;
    report.evaluated = true;
    report.best = judge(report.eval);
  }
  ARCHRT_TRY(logEpoch(report));
  ++state.epoch;
  state.position = 0;
  state.lossSum = 0;
  state.right = state.images = 0;
  bool due = options.checkpointEvery > 0 && state.epoch % options.checkpointEvery == 0;
  if (due || last || report.best)
    ARCHRT_TRY(save());
  if (parts.listener)
    parts.listener->onEpoch(report);
  return true;
}

Status Trainer::logEpoch(const EpochReport &report) {
  // timm's columns: what was not evaluated stays empty.
  if (parts.folder->summary.bytes() == 0)
    ARCHRT_TRY(parts.folder->summary.append("epoch,train_loss,eval_loss,eval_top1,eval_top5,lr"));
  std::string eval = ",,,";
  if (report.evaluated) {
    eval = concat(",", number(report.eval.loss()), ",", number(report.eval.top1()), ",", number(report.eval.top5()));
    ARCHRT_TRY(parts.folder->metrics.append(
        concat("{\"kind\":\"eval\",\"epoch\":", report.epoch, ",\"update\":", state.update,
               ",\"loss\":", number(report.eval.loss()), ",\"top1\":", number(report.eval.top1()),
               ",\"top5\":", number(report.eval.top5()), ",\"weights\":\"", average ? "ema" : "model", "\"}")));
  }
  ARCHRT_TRY(parts.folder->summary.append(concat(report.epoch, ",", number(report.trainLoss), eval, ",", number(report.rate))));
  return parts.folder->timing.append(concat("{\"epoch\":", report.epoch, ",\"seconds\":", number(report.seconds),
                                            ",\"images_per_s\":", number(report.imagesPerSecond),
                                            ",\"wait_share\":", number(report.waitShare), "}"));
}

Status Trainer::save() {
  ARCHRT_TRY(parts.folder->metrics.sync());
  ARCHRT_TRY(parts.folder->summary.sync());
  state.metricsBytes = parts.folder->metrics.bytes();
  state.summaryBytes = parts.folder->summary.bytes();
  const std::string &checkpoints = parts.folder->checkpoints();
  ARCHRT_ASSIGN(std::string name, writeCheckpoint(checkpoints, checkpointParts()));
  ARCHRT_TRY(linkCheckpoint(checkpoints, "last", name));
  if (state.bestUpdate == state.update)
    ARCHRT_TRY(linkCheckpoint(checkpoints, "best", name));
  pruneCheckpoints(checkpoints, options.keep);
  lastSave = Clock::now();
  if (parts.listener)
    parts.listener->onCheckpoint(name);
  return {};
}

} // namespace archrt::train
