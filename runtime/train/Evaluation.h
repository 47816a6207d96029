//===- Evaluation.h - How good a set of weights is ------------------------===//

#ifndef ARCHRT_TRAIN_EVALUATION_H
#define ARCHRT_TRAIN_EVALUATION_H

#include "runtime/api/Session.h"
#include "runtime/train/BatchSource.h"

#include <atomic>

namespace archrt::train {

struct EvalResult {
  int64_t images = 0, classes = 0;
  double lossSum = 0; // cross entropy with the label
  int64_t right1 = 0, right5 = 0;
  std::vector<int64_t> confusion; // [label][first answer]

  double loss() const { return images ? lossSum / double(images) : 0; }
  /// In percent, as timm prints them.
  double top1() const { return images ? 100 * double(right1) / double(images) : 0; }
  double top5() const { return images ? 100 * double(right5) / double(images) : 0; }
};

/// Adds one image. A logit that is NaN is never a right answer.
void countImage(const float *logits, int64_t classes, int32_t label, EvalResult &result);

class Evaluator {
public:
  virtual ~Evaluator() = default;
  /// Over all images with these weights. Ends early, with fewer images than there are, when `stop` becomes non-zero; `stop` may be null.
  virtual Result<EvalResult> evaluate(const std::shared_ptr<const ParamStore> &params, const std::atomic<int> *stop) = 0;
  /// With the weights that the model has.
  virtual Result<EvalResult> evaluateAsIs() = 0;
  /// Images of a whole evaluation.
  virtual int64_t size() const = 0;
};

/// Runs the inference function of `model` on what `source` gives, `batch` images at a time. `source` outlives it.
Result<std::unique_ptr<Evaluator>> createEvaluator(std::shared_ptr<Model> model, BatchSource &source, int64_t batch);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_EVALUATION_H
