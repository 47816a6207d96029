#include "runtime/data/Loader.h"
#include "runtime/data/EpochOrder.h"
#include "runtime/data/ImageReader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

namespace archrt::data {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// A batch on its way: empty, being filled by any number of threads, or ready.
struct Slot {
  std::vector<float> images, targets;
  std::vector<int32_t> labels;
  int64_t number = -1; // of the batch, from 0 at the start
  int64_t taken = 0;   // images that a thread has begun
  int64_t done = 0;
  bool ready = false;
  Status failed;
};

/// Images that a thread takes at once.
constexpr int64_t kPiece = 8;

class ThreadedLoader : public Loader {
public:
  ThreadedLoader(std::shared_ptr<const Dataset> dataset, LoaderOptions given)
      : data(std::move(dataset)), options(std::move(given)), reader(data, options), made(Clock::now()) {}
  ~ThreadedLoader() override { stopThreads(); }

  int64_t size() const override;
  int64_t classes() const override { return options.classes; }
  std::vector<std::string> classNames() const override { return data->classNames(); }
  Status start(const train::EpochStart &from) override;
  Result<train::Batch> next() override;
  WaitTimes waitTimes() const override { return {waited, secondsSince(made)}; }
  std::vector<CorruptImage> takeCorrupt() override { return reader.takeCorrupt(); }

private:
  struct Piece {
    Slot *slot = nullptr;
    int64_t begin = 0, end = 0;
  };

  OrderOptions orderOptions() const;
  int64_t placesIn(int64_t batch) const { return std::min(at.batch, size() - firstPlace(batch)); }
  int64_t firstPlace(int64_t batch) const { return at.first + batch * at.batch; }
  Slot &slotOf(int64_t batch) { return slots[static_cast<size_t>(batch) % slots.size()]; }
  void open(int64_t batch);
  bool findPiece(Piece &piece);
  void fill(const Piece &piece, std::unique_lock<std::mutex> &lock);
  void finish(Slot &slot);
  void startThreads();
  void stopThreads();
  void work();

  std::shared_ptr<const Dataset> data;
  LoaderOptions options;
  ImageReader reader;
  Clock::time_point made;
  double waited = 0;
  train::EpochStart at;
  std::vector<int64_t> order;
  std::vector<Slot> slots;

  std::mutex mutex; // of what follows and of the counters in slots
  std::condition_variable workThere, batchReady;
  int64_t consumed = 0; // batches handed out; the last of them is still in use
  int64_t batches = 0;  // of the epoch, from the start on
  bool stopping = false;
  std::vector<std::thread> threads;
};

OrderOptions ThreadedLoader::orderOptions() const {
  OrderOptions wanted;
  wanted.images = data->size();
  wanted.limit = options.limit;
  wanted.shuffle = options.shuffle;
  wanted.repeats = options.repeats;
  wanted.seed = options.seed;
  return wanted;
}

int64_t ThreadedLoader::size() const { return placesOf(orderOptions()); }

Status ThreadedLoader::start(const train::EpochStart &from) {
  stopThreads();
  if (from.batch < 1 || from.first < 0 || from.epoch < 0)
    return invalid("an epoch starts at place ", from.first, " with batches of ", from.batch, "; expected positive numbers");
  at = from;
  order = epochOrder(orderOptions(), from.epoch);
  consumed = 0;
  batches = std::max<int64_t>(0, (size() - at.first + at.batch - 1) / at.batch);
  // One more than are read ahead: the one that the caller holds.
  slots.resize(static_cast<size_t>(options.loaders > 0 ? options.prefetch + 1 : 1));
  int64_t elements = reader.extents().elements();
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].images.resize(static_cast<size_t>(at.batch * elements));
    slots[i].targets.resize(static_cast<size_t>(at.batch * options.classes));
    slots[i].labels.resize(static_cast<size_t>(at.batch));
    open(static_cast<int64_t>(i));
  }
  startThreads();
  return {};
}

void ThreadedLoader::open(int64_t batch) {
  Slot &slot = slotOf(batch);
  slot.number = batch;
  slot.taken = slot.done = 0;
  slot.ready = false;
  slot.failed = Status();
}

/// The first images of the nearest batch that no thread has begun. The lock is held.
bool ThreadedLoader::findPiece(Piece &piece) {
  int64_t first = std::max<int64_t>(0, consumed - 1);
  for (int64_t batch = first; batch < std::min(batches, first + static_cast<int64_t>(slots.size())); ++batch) {
    Slot &slot = slotOf(batch);
    int64_t count = placesIn(batch);
    if (slot.number != batch || slot.taken >= count)
      continue;
    piece = {&slot, slot.taken, std::min(slot.taken + kPiece, count)};
    slot.taken = piece.end;
    return true;
  }
  return false;
}

/// The lock is held at the beginning and at the end, not in between.
void ThreadedLoader::fill(const Piece &piece, std::unique_lock<std::mutex> &lock) {
  Slot &slot = *piece.slot;
  lock.unlock();
  Status failed;
  for (int64_t i = piece.begin; i < piece.end; ++i) {
    int64_t place = firstPlace(slot.number) + i;
    ImageReader::Place image{at.epoch, order[static_cast<size_t>(place)], place % options.repeats};
    auto label = reader.read(image, slot.images.data() + i * reader.extents().elements());
    if (label.ok())
      slot.labels[static_cast<size_t>(i)] = *label;
    else if (failed.ok())
      failed = label.status();
  }
  lock.lock();
  if (!failed.ok() && slot.failed.ok())
    slot.failed = failed;
  slot.done += piece.end - piece.begin;
  if (slot.done < placesIn(slot.number))
    return;
  lock.unlock();
  finish(slot);
  lock.lock();
  slot.ready = true;
  batchReady.notify_all();
}

/// What concerns the batch as a whole.
void ThreadedLoader::finish(Slot &slot) {
  int64_t count = placesIn(slot.number);
  slot.labels.resize(static_cast<size_t>(count));
  if (!slot.failed.ok())
    return;
  Mixing mixing;
  bool mixes = options.training && (options.mixOffEpoch == 0 || at.epoch < options.mixOffEpoch);
  if (mixes) {
    Draws draws(options.seed, "mix/" + std::to_string(at.epoch) + "/" + std::to_string(firstPlace(slot.number)));
    mixing = drawMixing(options.mix, reader.extents(), draws);
    mixImages(mixing, slot.images.data(), count, reader.extents());
  }
  makeTargets(mixing, slot.labels, {options.classes, options.training ? options.smoothing : 0.0}, slot.targets.data());
}

Result<train::Batch> ThreadedLoader::next() {
  std::unique_lock<std::mutex> lock(mutex);
  if (consumed > 0) { // the batch handed out last is the caller's no more
    int64_t reopened = consumed - 1 + static_cast<int64_t>(slots.size());
    slotOf(reopened).labels.resize(static_cast<size_t>(at.batch));
    open(reopened);
    workThere.notify_all();
  }
  if (consumed >= batches)
    return train::Batch{};
  Slot &slot = slotOf(consumed++);
  Clock::time_point began = Clock::now();
  Piece piece;
  while (options.loaders == 0 && !slot.ready && findPiece(piece))
    fill(piece, lock);
  batchReady.wait(lock, [&] { return slot.ready; });
  waited += secondsSince(began);
  if (!slot.failed.ok())
    return slot.failed;
  train::Batch batch;
  batch.count = placesIn(slot.number);
  batch.images = slot.images.data();
  batch.targets = slot.targets.data();
  batch.labels = slot.labels.data();
  return batch;
}

void ThreadedLoader::work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    Piece piece;
    workThere.wait(lock, [&] { return stopping || findPiece(piece); });
    if (stopping)
      return;
    fill(piece, lock);
  }
}

void ThreadedLoader::startThreads() {
  stopping = false;
  for (int i = 0; i < options.loaders; ++i)
    threads.emplace_back([this] { work(); });
}

void ThreadedLoader::stopThreads() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  workThere.notify_all();
  for (std::thread &thread : threads)
    thread.join();
  threads.clear();
}

} // namespace

Result<std::unique_ptr<Loader>> Loader::create(std::shared_ptr<const Dataset> dataset, LoaderOptions options) {
  if (options.channels != 1 && options.channels != 3)
    return invalid("the model takes images of ", options.channels, " channels; expected 1 or 3");
  auto channels = static_cast<size_t>(options.channels);
  if (options.mean.size() != channels || options.std.size() != channels)
    return invalid("there are ", options.mean.size(), " means and ", options.std.size(), " deviations; expected ", channels);
  if (options.classes < dataset->classes())
    return invalid("the data has ", dataset->classes(), " classes and the model tells ", options.classes, " apart");
  if (options.repeats < 1 || options.prefetch < 1 || options.loaders < 0)
    return invalid("repeats and prefetch must be positive");
  return std::unique_ptr<Loader>(std::make_unique<ThreadedLoader>(std::move(dataset), std::move(options)));
}

} // namespace archrt::data
