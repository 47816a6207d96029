#include "runtime/train/DropPath.h"

#include "runtime/core/CounterRandom.h"

#include <cstdio>
#include <map>

namespace archrt::train {

namespace {
using Block = std::pair<int, int>; // stage, index
} // namespace

/// Whether the op stands in a block, and which.
static bool blockOf(const abi::Model &model, const abi::Op &op, Block &block) {
  if (op.location() >= sizeOf(model.locations()))
    return false;
  const char *path = model.locations()->Get(op.location())->path()->c_str();
  return std::sscanf(path, "stages.%d.blocks.%d", &block.first, &block.second) == 2;
}

static int64_t siteOf(const abi::Op &op) {
  for (size_t i = 0; i < sizeOf(op.attributes()); ++i)
    if (textOf(op.attributes()->Get(i)->name()) == "site")
      return op.attributes()->Get(i)->i();
  return 0;
}

bool hasDropPath(const abi::Function &grad) {
  for (size_t i = 0; i < sizeOf(grad.ops()); ++i)
    if (textOf(grad.ops()->Get(i)->name()) == "mf.drop_path")
      return true;
  return false;
}

std::vector<double> dropPathRates(const abi::Model &model, double rate) {
  const abi::Function *grad = findGraph(model, "grad");
  std::map<Block, size_t> numbers;
  std::map<int64_t, Block> sites;
  for (size_t i = 0; grad && i < sizeOf(grad->ops()); ++i) {
    const abi::Op &op = *grad->ops()->Get(i);
    Block block;
    if (!blockOf(model, op, block))
      continue;
    numbers[block];
    if (textOf(op.name()) == "mf.drop_path")
      sites[siteOf(op)] = block;
  }
  size_t next = 0;
  for (auto &[block, number] : numbers)
    number = next++;
  std::vector<double> rates(sites.empty() ? 0 : static_cast<size_t>(sites.rbegin()->first + 1));
  for (const auto &[site, block] : sites)
    rates[static_cast<size_t>(site)] = next > 1 ? rate * double(numbers[block]) / double(next - 1) : 0;
  return rates;
}

void drawDropPath(const std::vector<double> &rates, const DropPathDraw &draw, int64_t count, float *factors) {
  CounterRandom random(draw.seed, concat("drop_path.", draw.update));
  for (int64_t image = 0; image < count; ++image)
    for (size_t site = 0; site < rates.size(); ++site) {
      bool dropped = random.uniform(uint64_t(draw.first + image) * rates.size() + site) < rates[site];
      *factors++ = dropped ? 0.0f : float(1 / (1 - rates[site]));
    }
}

} // namespace archrt::train
