//===- Launch.cpp - One launch: what its blocks share ---------------------===//

#include "tools/emu/Launch.h"

#include "tools/emu/Block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <thread>

namespace archrt::emu {

constexpr uint32_t mostWorkers = 64, mostThreads = 1024, mostSharedBytes = 227 * 1024;

Launcher::Launcher() = default;
Launcher::~Launcher() = default;

static Status checkShape(const Kernel &kernel, const LaunchShape &shape, const std::vector<LaunchOperand> &operands) {
  if (shape.threads == 0 || shape.threads > mostThreads)
    return invalid("kernel `", kernel.name, "`: ", shape.threads, " threads in a block; expected 1 to ", mostThreads);
  uint64_t shared = uint64_t(kernel.staticShared) + shape.sharedBytes;
  if (shared > mostSharedBytes)
    return invalid("kernel `", kernel.name, "`: ", shared, " bytes of shared memory; expected at most ", mostSharedBytes);
  if (operands.size() != kernel.pointers)
    return invalid("kernel `", kernel.name, "` has ", kernel.pointers, " pointers as parameters; its launch has ",
                   operands.size(), " operands");
  return Status::success();
}

static std::vector<uint32_t> orderOfBlocks(uint32_t count, uint64_t seed) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  if (seed) {
    std::mt19937_64 random(seed);
    std::shuffle(order.begin(), order.end(), random);
  }
  return order;
}

static void poison(const std::vector<LaunchOperand> &operands) {
  for (const LaunchOperand &operand : operands)
    if (operand.writes)
      std::memset(reinterpret_cast<void *>(operand.pointer), 0xFF, operand.bytes);
}

Result<Report> Launcher::launch(const Kernel &kernel, const LaunchShape &shape, const std::vector<LaunchOperand> &operands,
                                const EmulatorOptions &options) {
  ARCHRT_TRY(checkShape(kernel, shape, operands));
  LaunchState state(kernel, shape, options);
  for (const LaunchOperand &operand : operands)
    state.arguments.push_back(operand.pointer);
  state.arguments.push_back(uint64_t(shape.batch));
  state.arguments.push_back(uint64_t(shape.extent));
  state.global = &shadow;
  if (options.checks)
    shadow.prepare(operands, kernel);
  if (options.poisonOutputs)
    poison(operands);

  uint32_t cores = options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  uint32_t workers = std::max(1u, std::min({cores, shape.blocks, mostWorkers}));
  while (blocks.size() < workers)
    blocks.push_back(std::make_unique<Block>(uint32_t(blocks.size())));
  for (uint32_t i = 0; i < workers; ++i)
    if (!blocks[i]->prepare(state))
      return environmentError("emulator: no memory for the stacks of ", shape.threads, " threads");

  std::vector<uint32_t> order = orderOfBlocks(shape.blocks, options.seed);
  std::atomic<uint32_t> next{0};
  auto work = [&](Block &block) {
    for (uint32_t i = next++; i < order.size() && !state.sink.full(); i = next++)
      block.run(order[i]);
  };
  std::vector<std::thread> others;
  for (uint32_t i = 1; i < workers; ++i)
    others.emplace_back(work, std::ref(*blocks[i]));
  work(*blocks[0]);
  for (std::thread &other : others)
    other.join();

  Report report;
  report.findings = state.sink.take();
  for (uint32_t i = 0; i < workers; ++i)
    report.counters.add(blocks[i]->memoryCounters().take());
  return report;
}

} // namespace archrt::emu
