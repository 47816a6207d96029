//===- Checkpoint.h - All that a run needs to go on as if never stopped ---===//
//
// A folder that appears whole or not at all: written under a temporary name, every file and the folder synced, then renamed.
//
//   model.safetensors       parameters under timm's names, in canonical layout: other programs load it as it is
//   ema.safetensors         their average, where one is kept
//   optimizer.safetensors   `exp_avg/NAME` and so on; its metadata is TrainState and a hash of all tensors
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_CHECKPOINT_H
#define ARCHRT_TRAIN_CHECKPOINT_H

#include "runtime/train/Optimizer.h"
#include "runtime/weights/Safetensors.h"

#include <string>

namespace archrt::train {

/// Counters; nothing in it depends on the clock, so that equal runs have equal files. What is summed up over an epoch is here too, so that a run may stop in its middle.
struct TrainState {
  int64_t epoch = 0;    // from 0; the one under way
  int64_t position = 0; // places of its order that were used
  int64_t update = 0;   // updates done, in all
  double lossSum = 0;   // of the epoch's images so far
  int64_t right = 0, images = 0;
  double windowLoss = 0; // the same since the last line of metrics.jsonl
  int64_t windowRight = 0, windowImages = 0;
  double best = 0; // the metric at its best, and the epoch and update of it; -1 for none
  int64_t bestEpoch = -1, bestUpdate = -1;
  int64_t metricsBytes = 0, summaryBytes = 0; // how long the files were
  std::string isa;
};

/// What a checkpoint consists of. The pointers may be null where noted.
struct CheckpointParts {
  const abi::Model *model = nullptr;
  const ParamLayout *layout = nullptr;
  ParamStore *params = nullptr;
  ParamStore *average = nullptr; // null: none is kept
  Optimizer *optimizer = nullptr;
  TrainState *state = nullptr;
};

/// Writes `checkpoints`/update-N and returns that name. When it fails (always with ErrorCode::Environment) nothing has changed.
Result<std::string> writeCheckpoint(const std::string &checkpoints, const CheckpointParts &parts);

/// Reads the newest checkpoint that is whole; names those that are not in `damaged`. Fails when there is none or it does not fit.
Result<std::string> readNewestCheckpoint(const std::string &checkpoints, const CheckpointParts &parts,
                                         std::vector<std::string> &damaged);

/// The name of the checkpoint after so many updates.
std::string checkpointName(int64_t update);

/// Makes the link `name` in `checkpoints` point to `target`, in one step.
Status linkCheckpoint(const std::string &checkpoints, const std::string &name, const std::string &target);

/// Removes all but the newest `keep` and the one that `best` links to.
void pruneCheckpoints(const std::string &checkpoints, int64_t keep);

/// All tensors of a store as safetensors would write them; they point into it.
std::vector<SafeTensor> tensorsOf(const abi::Model &model, const ParamStore &store);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_CHECKPOINT_H
