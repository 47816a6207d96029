//===- Optimizer.h - Gradients become changes of parameters ---------------===//
//
// AdamW and SGD as PyTorch defines them, LAMB and Lion as timm does. All arithmetic is in f32 as theirs is; norms are summed in f64.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_OPTIMIZER_H
#define ARCHRT_TRAIN_OPTIMIZER_H

#include "runtime/train/TensorPieces.h"
#include "runtime/train/TensorRules.h"

namespace archrt::train {

enum class OptimizerKind { AdamW, Lamb, Sgd, Lion };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::AdamW;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8; // Lion has no eps, SGD none of them
  double momentum = 0.9;                         // SGD
  bool nesterov = false;                         // SGD
  double maxNorm = 1.0;                          // LAMB: limit of the gradient's norm inside the optimizer; 0: none
};

/// What one update reads and writes.
struct UpdateArgs {
  const TensorPointers &params;
  const TensorPointers &gradients; // may be overwritten
  double rate = 0;
  int64_t update = 1; // counted from 1
};

class Optimizer {
public:
  /// `pool` outlives the optimizer. Moments are zero at first.
  static Result<std::unique_ptr<Optimizer>> create(const OptimizerOptions &options, const ParamLayout &layout,
                                                   std::vector<TensorRule> rules, ThreadPool &pool);

  void step(const UpdateArgs &args);

  /// State that must survive: PyTorch's names for it, and arenas in the layout's order.
  const std::vector<std::string> &momentNames() const { return names; }
  float *moment(size_t index) const { return arenas[index].as<float>(); }

private:
  Optimizer(const OptimizerOptions &options, const ParamLayout &layout, std::vector<TensorRule> rules, ThreadPool &pool)
      : options(options), pieces(layout), rules(std::move(rules)), pool(pool) {}
  Status allocate(const ParamLayout &layout);
  void stepAdamW(const UpdateArgs &args);
  void stepLamb(const UpdateArgs &args);
  void stepSgd(const UpdateArgs &args);
  void stepLion(const UpdateArgs &args);
  float lambClip(const UpdateArgs &args) const;

  OptimizerOptions options;
  TensorPieces pieces;
  std::vector<TensorRule> rules;
  ThreadPool &pool;
  std::vector<std::string> names;
  std::vector<AlignedBuffer> arenas;
  TensorPointers first, second; // moments; `second` is empty where there is one only
};

} // namespace archrt::train

#endif // ARCHRT_TRAIN_OPTIMIZER_H
