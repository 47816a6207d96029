//===- Trainer.h - The training loop --------------------------------------===//
//
// One epoch after the other: updates, an evaluation, a checkpoint. Everything that a later update depends on is in the checkpoint or
// is drawn anew from the seed and counters, so that a run that was stopped anywhere goes on with the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_TRAINER_H
#define ARCHRT_TRAIN_TRAINER_H

#include "runtime/train/BatchSource.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Evaluation.h"
#include "runtime/train/HeadDropout.h"
#include "runtime/train/RunFolder.h"
#include "runtime/train/TrainOptions.h"

#include <chrono>

namespace archrt::train {

/// After each update. Losses and answers are means over the epoch so far.
struct UpdateReport {
  int64_t epoch = 0, epochs = 0;
  int64_t update = 0, updates = 0; // of the epoch, done and in all
  double loss = 0, top1 = 0;       // percent
  double rate = 0, gradientNorm = 0;
  double imagesPerSecond = 0, waitShare = 0; // since this process began the epoch
  int64_t imagesPerUpdate = 0;
};

/// After each epoch.
struct EpochReport {
  int64_t epoch = 0, epochs = 0, update = 0; // updates done, in all
  double trainLoss = 0, trainTop1 = 0, rate = 0;
  bool evaluated = false, best = false;
  EvalResult eval;
  double seconds = 0, imagesPerSecond = 0, waitShare = 0;
};

class TrainListener {
public:
  virtual ~TrainListener() = default;
  virtual void onUpdate(const UpdateReport &report) {}
  virtual void onEpoch(const EpochReport &report) {}
  virtual void onCheckpoint(const std::string &name) {}
};

/// What a trainer works with; all of it outlives the trainer. `evaluator` and `stop` may be null.
struct TrainParts {
  const abi::Model *model = nullptr;
  ThreadPool *pool = nullptr;
  GradientStep *step = nullptr;
  BatchSource *source = nullptr;
  Evaluator *evaluator = nullptr;
  RunFolder *folder = nullptr;
  TrainListener *listener = nullptr;
  /// Set by a signal handler: the update under way is finished, then the run saves itself and ends.
  const std::atomic<int> *stop = nullptr;
  std::string isa; // what the step runs on, for checkpoints
};

enum class TrainEnd { Finished, Interrupted };

class Trainer {
public:
  /// `params`, all in memory, are changed in place.
  static Result<std::unique_ptr<Trainer>> create(const TrainParts &parts, const TrainOptions &options,
                                                 std::shared_ptr<ParamStore> params);

  /// Begins at update 0 with a checkpoint of it.
  Status begin();
  /// Goes on from the newest checkpoint. `notes` says what was odd: damaged checkpoints, another ISA.
  Status resume(std::vector<std::string> &notes);
  /// Trains to the last epoch. An error with ErrorCode::Budget says that a number was no longer finite.
  Result<TrainEnd> run();

  const TrainState &progress() const { return state; }

private:
  Trainer(const TrainParts &parts, const TrainOptions &options, std::shared_ptr<ParamStore> params);
  Status allocate();
  Status openLogs();
  bool stopped() const { return parts.stop && *parts.stop != 0; }

  /// False when interrupted.
  Result<bool> trainEpoch();
  Result<bool> finishEpoch();
  Status update();
  StepInput inputOf(const Batch &batch) const;
  Status runStep(const Batch &batch, float *gradients);
  Status applyGradients(int64_t images);
  Status countBatch(const Batch &batch);
  Status notFinite(const std::string &what) const;
  /// Names the op, too. `image` is the one whose loss it is, or -1.
  Status notFinite(const std::string &what, const Batch &batch, int64_t image) const;
  Status badGradient(const ParamLayout::Entry &entry, const Batch &batch) const;

  Status logUpdate();
  Status logEpoch(const EpochReport &report);
  EpochReport epochReport() const;
  bool judge(const EvalResult &eval);
  Status save();
  CheckpointParts checkpointParts();

  int64_t usable() const;
  int64_t updatesPerEpoch() const { return (usable() + options.batch - 1) / options.batch; }

  TrainParts parts;
  TrainOptions options;
  ParamLayout layout;
  std::vector<TensorRule> rules;
  TensorPieces pieces;
  Gradients passes;
  std::shared_ptr<ParamStore> params, average, ascended;
  std::unique_ptr<Optimizer> optimizer;
  std::vector<double> dropRates;
  HeadDropout headDropout;
  Batch last; // micro-batch; its memory is the source's
  TrainState state;

  AlignedBuffer gradientMemory, partMemory;
  TensorPointers paramPointers, averagePointers, ascendedPointers, gradientPointers, partPointers;
  std::vector<float> losses, logits, factors, kept;
  double rate = 0, norm = 0;

  // Of this process since it began the epoch.
  std::chrono::steady_clock::time_point epochStart, lastSave;
  double waited = 0;
  int64_t imagesHere = 0;
};

} // namespace archrt::train

#endif // ARCHRT_TRAIN_TRAINER_H
