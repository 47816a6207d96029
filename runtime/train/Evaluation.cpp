#include "runtime/train/Evaluation.h"

#include <algorithm>
#include <cmath>

namespace archrt::train {

void countImage(const float *logits, int64_t classes, int32_t label, EvalResult &result) {
  result.classes = classes;
  result.confusion.resize(static_cast<size_t>(classes * classes));
  double largest = *std::max_element(logits, logits + classes), sum = 0;
  for (int64_t i = 0; i < classes; ++i)
    sum += std::exp(logits[i] - largest);
  result.lossSum += std::log(sum) + largest - logits[label];
  ++result.images;
  // Of equal logits the first wins, as in argmax.
  int64_t rank = 0, best = 0;
  for (int64_t i = 0; i < classes; ++i) {
    rank += logits[i] > logits[label] || (logits[i] == logits[label] && i < label);
    best = logits[i] > logits[best] ? i : best;
  }
  bool number = !std::isnan(logits[label]);
  result.right1 += number && rank < 1;
  result.right5 += number && rank < 5;
  ++result.confusion[static_cast<size_t>(label * classes + best)];
}

namespace {
class ModelEvaluator final : public Evaluator {
public:
  ModelEvaluator(std::shared_ptr<Model> model, std::unique_ptr<Session> session, BatchSource &source, int64_t batch)
      : model(std::move(model)), session(std::move(session)), source(source), batch(batch),
        logits(static_cast<size_t>(batch * this->model->outputWidth())) {}

  int64_t size() const override { return source.size(); }

  Result<EvalResult> evaluate(const std::shared_ptr<const ParamStore> &params, const std::atomic<int> *stop) override {
    ARCHRT_TRY(model->setWeights(params));
    return count(stop);
  }

  Result<EvalResult> evaluateAsIs() override { return count(nullptr); }

private:
  Result<EvalResult> count(const std::atomic<int> *stop) {
    ARCHRT_TRY(source.start({0, 0, batch}));
    EvalResult result;
    int64_t classes = model->outputWidth();
    while (!stop || *stop == 0) {
      ARCHRT_ASSIGN(Batch images, source.next());
      if (images.count == 0)
        break;
      RunInput input;
      input.data = images.images;
      input.batch = images.count;
      ARCHRT_TRY(session->run(input, logits.data()));
      for (int64_t i = 0; i < images.count; ++i)
        countImage(logits.data() + i * classes, classes, images.labels[i], result);
    }
    return result;
  }

  std::shared_ptr<Model> model;
  std::unique_ptr<Session> session;
  BatchSource &source;
  int64_t batch;
  std::vector<float> logits;
};
} // namespace

Result<std::unique_ptr<Evaluator>> createEvaluator(std::shared_ptr<Model> model, BatchSource &source, int64_t batch) {
  if (source.classes() != model->outputWidth())
    return invalid("the data has ", source.classes(), " classes; the model has ", model->outputWidth());
  ARCHRT_ASSIGN(std::unique_ptr<Session> session, Session::create(model));
  ARCHRT_TRY(session->reserve(batch));
  return std::unique_ptr<Evaluator>(new ModelEvaluator(std::move(model), std::move(session), source, batch));
}

} // namespace archrt::train
