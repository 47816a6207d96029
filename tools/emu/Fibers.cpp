//===- Fibers.cpp - Stacks to switch between, one for each GPU thread -----===//

#include "tools/emu/Fibers.h"

#include "tools/emu/Block.h"

#include <boost/context/detail/fcontext.hpp>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

namespace archrt::emu {

namespace fibers = boost::context::detail;

/// Below every stack, so that an overflow ends the process instead of writing into a neighbour.
constexpr size_t guardBytes = 4096;

namespace {

/// What a fiber is started with.
struct Start {
  ThreadContext *thread;
  void **scheduler;
};

void fiberMain(fibers::transfer_t from) {
  while (true) {
    auto *start = static_cast<Start *>(from.data);
    void **scheduler = start->scheduler;
    *scheduler = from.fctx;
    ThreadContext *thread = start->thread;
    thread->block->runThread(*thread);
    // The next run() hands over the next thread.
    from = fibers::jump_fcontext(*scheduler, nullptr);
  }
}

} // namespace

FiberPool::~FiberPool() { release(); }

void FiberPool::release() {
  if (memory)
    munmap(memory, total);
  memory = nullptr;
  fibers.clear();
  idle.clear();
}

bool FiberPool::reserve(uint32_t count, size_t stackBytes) {
  size_t needed = guardBytes + (stackBytes + 4095) / 4096 * 4096;
  if (memory && fibers.size() >= count && stride >= needed)
    return true;
  release();
  stride = needed;
  total = stride * count;
  void *mapped = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return false;
  memory = static_cast<uint8_t *>(mapped);
  fibers.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    fibers[i].stack = memory + stride * i;
    fibers[i].index = i;
    if (mprotect(fibers[i].stack, guardBytes, PROT_NONE) != 0) { // no more mappings
      release();
      return false;
    }
  }
  for (uint32_t i = count; i-- > 0;)
    idle.push_back(&fibers[i]);
  return true;
}

void FiberPool::reset(Fiber &fiber) {
  fiber.context = nullptr;
  // Frames that never return would leave their red zones behind.
  ASAN_UNPOISON_MEMORY_REGION(fiber.stack + guardBytes, stride - guardBytes);
}

Fiber *FiberPool::take() {
  Fiber *fiber = idle.back();
  idle.pop_back();
  return fiber;
}

void FiberPool::run(Fiber &fiber, ThreadContext &thread) {
  if (!fiber.context) {
    // Tops at different offsets of a page: otherwise all stacks would meet in the same cache sets.
    size_t colour = fiber.index % 24 * 128;
    fiber.context = fibers::make_fcontext(fiber.stack + stride - colour, stride - guardBytes - colour, fiberMain);
  }
  Start start{&thread, &scheduler};
  fiber.context = fibers::jump_fcontext(fiber.context, &start).fctx;
}

void FiberPool::suspend() {
  fibers::transfer_t from = fibers::jump_fcontext(scheduler, nullptr);
  scheduler = from.fctx;
}

bool FiberPool::isOnStack(const Fiber &fiber, const void *address) const {
  auto *byte = static_cast<const uint8_t *>(address);
  return byte >= fiber.stack + guardBytes && byte < fiber.stack + stride;
}

} // namespace archrt::emu
