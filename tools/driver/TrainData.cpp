#include "tools/driver/TrainData.h"

#include "runtime/train/IdxSource.h"

using namespace archrt;
using namespace archrt::train;

namespace archc::driver {

static IdxSourceOptions optionsFor(const Artifact &artifact) {
  const abi::InputInfo &input = *artifact.model().input();
  IdxSourceOptions options;
  options.shape = {input.channels(), input.height(), input.width()};
  options.classes = artifact.model().classes();
  for (size_t c = 0; c < input.channels(); ++c) {
    options.statistics.mean.push_back(c < sizeOf(input.mean()) ? float(input.mean()->Get(c)) : 0.0f);
    options.statistics.std.push_back(c < sizeOf(input.std()) ? float(input.std()->Get(c)) : 1.0f);
  }
  return options;
}

Result<std::unique_ptr<BatchSource>> openTrainSource(const DataRequest &request, const recipe::Recipe &recipe) {
  IdxSourceOptions options = optionsFor(*request.artifact);
  options.shuffle = recipe.data.shuffle;
  options.seed = recipe.run.seed;
  options.smoothing = recipe.loss.smoothing;
  options.limit = recipe.data.limit;
  return openIdxSource(request.data, Split::Train, options, *request.pool);
}

Result<std::unique_ptr<BatchSource>> openEvalSource(const DataRequest &request, int64_t limit) {
  IdxSourceOptions options = optionsFor(*request.artifact);
  options.limit = limit;
  return openIdxSource(request.data, Split::Test, options, *request.pool);
}

} // namespace archc::driver
