#include "runtime/train/IdxSource.h"

#include "runtime/core/CounterRandom.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace archrt::train {

namespace {
class IdxSource final : public BatchSource {
public:
  IdxSource(LabelledImages images, const IdxSourceOptions &options, std::vector<std::string> names, ThreadPool &pool)
      : all(std::move(images)), options(options), names(std::move(names)), pool(pool) {}

  int64_t size() const override { return options.limit > 0 ? std::min(options.limit, all.count) : all.count; }
  int64_t classes() const override { return options.classes; }
  std::vector<std::string> classNames() const override { return names; }

  Status start(const EpochStart &start) override {
    from = start;
    order.resize(static_cast<size_t>(size()));
    std::iota(order.begin(), order.end(), 0);
    CounterRandom random(options.seed, concat("order.", start.epoch));
    for (size_t i = order.size(); options.shuffle && i > 1; --i)
      std::swap(order[i - 1], order[random.bits(i) % i]);
    return {};
  }

  Result<Batch> next() override {
    Batch batch;
    batch.count = std::max<int64_t>(std::min(from.batch, size() - from.first), 0);
    int64_t pixelsEach = options.shape.elements();
    float off = float(options.smoothing / double(options.classes)), on = float(1 - options.smoothing) + off;
    bytes.resize(static_cast<size_t>(batch.count * pixelsEach));
    images.resize(bytes.size());
    targets.assign(static_cast<size_t>(batch.count * options.classes), off);
    labels.resize(static_cast<size_t>(batch.count));
    for (int64_t i = 0; i < batch.count; ++i) {
      int64_t image = order[static_cast<size_t>(from.first + i)];
      std::memcpy(bytes.data() + i * pixelsEach, all.image(image), static_cast<size_t>(pixelsEach));
      labels[static_cast<size_t>(i)] = all.labels[static_cast<size_t>(image)];
      targets[static_cast<size_t>(i * options.classes + labels[static_cast<size_t>(i)])] = on;
    }
    auto owner = pool.lock();
    normalizePixels(bytes.data(), images.data(), batch.count * pixelsEach, options.statistics, pool);
    from.first += batch.count;
    batch.images = images.data();
    batch.targets = targets.data();
    batch.labels = labels.data();
    return batch;
  }

private:
  LabelledImages all;
  IdxSourceOptions options;
  std::vector<std::string> names;
  ThreadPool &pool;
  EpochStart from;
  std::vector<int64_t> order;
  std::vector<uint8_t> bytes;
  std::vector<float> images, targets;
  std::vector<int32_t> labels;
};
} // namespace

Result<std::unique_ptr<BatchSource>> openIdxSource(const std::string &source, Split split, const IdxSourceOptions &options,
                                                   ThreadPool &pool) {
  ARCHRT_ASSIGN(LabelledImages images, readLabelledImages(source, split));
  const ImageShape &shape = options.shape;
  if (shape.channels != 1 || shape.height != images.height || shape.width != images.width)
    return invalid("`", source, "` has images of 1x", images.height, "x", images.width, "; the model takes ", shape.channels, "x",
                   shape.height, "x", shape.width);
  for (uint8_t label : images.labels)
    if (label >= options.classes)
      return invalid("`", source, "` has the class ", int(label), "; the model has ", options.classes, " classes");
  return std::unique_ptr<BatchSource>(new IdxSource(std::move(images), options, classNames(source), pool));
}

} // namespace archrt::train
