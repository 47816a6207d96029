//===- Hooks.cpp - What generated code calls ------------------------------===//

#include "tools/emu/Hooks.h"

#include "tools/emu/Block.h"

#include <algorithm>
#include <cstring>

// Of the compiler's own library; generated code needs them on hosts without such instructions.
extern "C" _Float16 __truncsfhf2(float);
extern "C" float __extendhfsf2(_Float16);

namespace archrt::emu {

namespace {

void onAccess(ThreadContext *thread, const uint8_t *address, uint64_t access) {
  thread->block->access(*thread, address, Access(access));
}

void onShared(ThreadContext *thread, const uint8_t *address, uint64_t access) {
  thread->block->accessShared(*thread, address, Access(access));
}

void onGlobal(ThreadContext *thread, const uint8_t *address, uint64_t access) {
  thread->block->accessGlobal(*thread, address, Access(access));
}

void onRange(ThreadContext *thread, const uint8_t *address, uint64_t length, uint64_t access) {
  Access part(access);
  for (uint64_t done = 0; done < length; done += part.size) {
    part.size = uint32_t(std::min<uint64_t>(length - done, 256));
    thread->block->access(*thread, address + done, part);
    part.alignment = 1;
  }
}

uint32_t onBarrier(ThreadContext *thread, uint32_t site, uint32_t id, uint32_t how, bool predicate) {
  thread->vote = predicate;
  uint32_t trueOnes = thread->block->barrier(*thread, site, id);
  switch (static_cast<BarrierResult>(how)) {
  case BarrierResult::And:
    return trueOnes == thread->blockSize[0];
  case BarrierResult::Or:
    return trueOnes > 0;
  default:
    return trueOnes;
  }
}

void onCollective(ThreadContext *thread, uint64_t opAndSite, uint32_t mask, const uint64_t *in, uint64_t *out) {
  CollectiveCall call;
  call.op = static_cast<CollectiveOp>(opAndSite >> 32);
  call.site = uint32_t(opAndSite);
  call.mask = mask;
  call.in = in;
  call.out = out;
  thread->block->collective(*thread, call);
}

void onFuel(ThreadContext *thread, uint32_t site) {
  thread->block->fail(*thread, FindingKind::OutOfFuel, site,
                      concat("more than ", thread->block->state().options.fuel, " iterations"));
}

/// `bytes` in the lower half of `sizes`, how many of them come from `from` in the upper one.
void onCopyAsync(ThreadContext *thread, uint8_t *to, const uint8_t *from, uint64_t sizes, const uint64_t *accesses) {
  AsyncCopy copy;
  copy.to = to;
  copy.from = from;
  copy.bytes = uint32_t(sizes);
  copy.copied = std::min(uint32_t(sizes >> 32), copy.bytes);
  copy.access = accesses[0];
  if (Access read(accesses[1]); copy.copied > 0 && thread->block->state().options.checks) {
    read.size = copy.copied;
    thread->block->access(*thread, from, read);
  }
  thread->block->issueCopy(*thread, copy);
}

void onCopyCommit(ThreadContext *thread) { thread->copies.commit(); }

void onCopyWait(ThreadContext *thread, uint32_t mayStay) {
  AsyncCopies &copies = thread->copies;
  if (copies.committed.size() <= mayStay)
    return;
  auto end = copies.committed.end() - mayStay;
  for (auto group = copies.committed.begin(); group != end; ++group)
    for (const AsyncCopy &copy : *group)
      thread->block->completeCopy(*thread, copy);
  copies.committed.erase(copies.committed.begin(), end);
}

/// To nearest, ties to even. Returned as a bfloat is: in the low 16 bits of a vector register, as a half.
_Float16 toBfloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bool isNan = (bits & 0x7FFFFFFF) > 0x7F800000;
  auto rounded = uint16_t(isNan ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  _Float16 result;
  std::memcpy(&result, &rounded, sizeof result);
  return result;
}

} // namespace

std::vector<std::pair<const char *, void *>> hookAddresses() {
  auto address = [](auto *function) { return reinterpret_cast<void *>(function); };
  return {
      {hook::access, address(onAccess)},
      {hook::shared, address(onShared)},
      {hook::global, address(onGlobal)},
      {hook::range, address(onRange)},
      {hook::barrier, address(onBarrier)},
      {hook::collective, address(onCollective)},
      {hook::fuel, address(onFuel)},
      {hook::copyAsync, address(onCopyAsync)},
      {hook::copyCommit, address(onCopyCommit)},
      {hook::copyWait, address(onCopyWait)},
      {"__truncsfbf2", address(toBfloat)},
      {"__truncsfhf2", address(__truncsfhf2)},
      {"__extendhfsf2", address(__extendhfsf2)},
  };
}

} // namespace archrt::emu
