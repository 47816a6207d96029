//===- Fibers.h - Stacks to switch between, one for each GPU thread -------===//

#ifndef ARCHC_TOOLS_EMU_FIBERS_H
#define ARCHC_TOOLS_EMU_FIBERS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace archrt::emu {

struct ThreadContext;

/// A stack on which threads run, one at a time.
struct Fiber {
  void *context = nullptr; // where to go on; null before the first run
  uint8_t *stack = nullptr;
  uint32_t index = 0;
};

/// The fibers of one host thread. The code that calls run() is the scheduler; suspend() goes back to it.
class FiberPool {
public:
  FiberPool() = default;
  FiberPool(const FiberPool &) = delete;
  FiberPool &operator=(const FiberPool &) = delete;
  ~FiberPool();

  /// Fibers for `count` threads with stacks of at least `stackBytes`; those there were are gone when this needs more.
  bool reserve(uint32_t count, size_t stackBytes);

  Fiber *take();
  void giveBack(Fiber *fiber) { idle.push_back(fiber); }
  /// Starts over what the fiber was in the middle of.
  void reset(Fiber &fiber);

  /// Runs `thread` on a fiber without a context, or goes on where it was, until it suspends or ends.
  void run(Fiber &fiber, ThreadContext &thread);
  /// Called on a fiber.
  void suspend();
  /// Whether the address is on the fiber's stack.
  bool isOnStack(const Fiber &fiber, const void *address) const;

private:
  void release();

  std::vector<Fiber> fibers;
  std::vector<Fiber *> idle;
  uint8_t *memory = nullptr;
  size_t stride = 0, total = 0;
  void *scheduler = nullptr;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_FIBERS_H
