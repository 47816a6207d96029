//===- BlockAccess.cpp - Checks of memory accesses, and reports -----------===//

#include "tools/emu/Block.h"

namespace archrt::emu {

// --- Findings --------------------------------------------------------------------------------------------------------------

void Block::report(const ThreadContext &thread, FindingKind kind, uint32_t site, std::string detail) {
  const Site &place = launch->kernel.sites[site];
  Finding finding;
  finding.kind = kind;
  finding.kernel = launch->kernel.name;
  finding.block = blockIndex;
  finding.thread = thread.thread;
  finding.instruction = place.instruction;
  finding.location = place.location;
  finding.detail = std::move(detail);
  launch->sink.add(site, std::move(finding));
  if (launch->sink.full())
    failed = true;
}

void Block::fail(ThreadContext &thread, FindingKind kind, uint32_t site, std::string detail) {
  report(thread, kind, site, std::move(detail));
  abandon(thread);
}

std::string Block::whereabouts(const ThreadContext &thread) const {
  if (thread.state == ThreadState::Done)
    return concat("thread ", thread.thread, " has ended");
  const Site &place = launch->kernel.sites[thread.site];
  return concat("thread ", thread.thread, " waits at ", place.instruction, place.location.empty() ? "" : " at ", place.location);
}

void Block::reportStuckWarp(uint32_t warp) {
  failed = true;
  for (const LaneGroup &group : warps[warp].groups) {
    uint32_t missing = group.mask & ~group.arrived, lane = 0, caller = 0;
    while (!(missing >> lane & 1))
      ++lane;
    while (!(group.arrived >> caller & 1))
      ++caller;
    uint32_t other = warp * 32 + lane;
    std::string where =
        other < launch->shape.threads ? whereabouts(*threads[other]) : concat("thread ", other, " does not exist");
    report(*threads[warp * 32 + caller], FindingKind::DivergentCollective, group.site,
           concat("lane ", lane, " of the mask does not come: ", where));
  }
}

void Block::reportStuckBarrier() {
  failed = true;
  uint32_t waiting = 0;
  const ThreadContext *first = nullptr, *other = nullptr;
  for (uint32_t i = 0; i < launch->shape.threads; ++i) {
    const ThreadContext &thread = *threads[i];
    if (thread.state == ThreadState::AtBarrier) {
      ++waiting;
      first = first ? first : &thread;
    }
  }
  for (uint32_t i = 0; i < launch->shape.threads && first && !other; ++i)
    if (threads[i]->state != ThreadState::AtBarrier || threads[i]->site != first->site || threads[i]->barrier != first->barrier)
      other = threads[i].get();
  if (first && other)
    report(*first, FindingKind::DivergentBarrier, first->site,
           concat(waiting, " of ", launch->shape.threads, " threads are at barriers; ", whereabouts(*other)));
}

// --- Shared memory ---------------------------------------------------------------------------------------------------------

void Block::reportShared(ThreadContext &thread, const Access &access, const SharedProblem &problem) {
  std::string place = concat("byte ", problem.offset, " of shared memory");
  switch (problem.kind) {
  case SharedShadow::Problem::None:
    return;
  case SharedShadow::Problem::Uninitialised:
    return report(thread, FindingKind::Uninitialised, access.site, "nothing has written " + place);
  case SharedShadow::Problem::InFlight:
    return report(thread, FindingKind::AsyncInFlight, access.site, "a copy to " + place + " is not waited for");
  case SharedShadow::Problem::Race:
    std::string other = problem.other == SharedShadow::nobody ? "several threads" : concat("thread ", problem.other);
    return report(thread, FindingKind::SharedRace, access.site, concat("no barrier since ", other, " touched ", place));
  }
}

void Block::accessShared(ThreadContext &thread, const uint8_t *address, Access access) {
  uint64_t offset = uint64_t(address - shared), begin = 0, end = sharedBytes;
  if (access.object != Access::unknownObject) {
    const SharedObject &object = launch->kernel.shared[access.object];
    begin = object.offset;
    end = object.isDynamic ? sharedBytes : object.offset + object.bytes;
  }
  if (address < shared || offset < begin || offset > end || access.size > end - offset)
    fail(thread, FindingKind::OutOfBounds, access.site,
         concat("byte ", int64_t(offset - begin), " of a shared variable of ", end - begin, " bytes"));
  if (offset & (access.alignment - 1))
    fail(thread, FindingKind::Misaligned, access.site,
         concat("byte ", offset, " of shared memory; expected a multiple of ", access.alignment));
  if (counters.isSampled())
    counters.note({access.site, thread.thread, offset, access.size, /*isShared=*/true});
  SharedShadow::Actor actor{thread.thread, thread.warpEpoch};
  SharedProblem problem;
  problem.offset = uint32_t(offset);
  switch (access.kind) {
  case AccessKind::Read:
    problem.kind = shadow.read(actor, problem.offset, access.size, problem.other);
    break;
  case AccessKind::Write:
    problem.kind = shadow.write(actor, problem.offset, access.size, problem.other);
    break;
  case AccessKind::Atomic:
    problem.kind = shadow.atomic(actor, problem.offset, access.size, problem.other);
    break;
  }
  if (problem.kind != SharedShadow::Problem::None)
    reportShared(thread, access, problem);
}

// --- Global memory ---------------------------------------------------------------------------------------------------------

std::string Block::globalPlace(const uint8_t *address, const Access &access) const {
  uint32_t index = access.object == Access::unknownObject ? launch->global->nearestOperand(address) : access.object;
  const gpu::LaunchOperand *operand = launch->global->operand(index);
  if (!operand)
    return "an address of no operand";
  return concat("byte ", int64_t(reinterpret_cast<uint64_t>(address) - operand->pointer), " of operand ", index, " of ",
                operand->bytes, " bytes");
}

void Block::accessGlobal(ThreadContext &thread, const uint8_t *address, Access access) {
  if (counters.isSampled())
    counters.note({access.site, thread.thread, reinterpret_cast<uint64_t>(address), access.size, /*isShared=*/false});
  uint32_t other = 0;
  GlobalShadow::Actor actor{blockIndex, launch->options.poisonOutputs, thread.thread, thread.warpEpoch,
                            shadow.now() << workerBits | worker};
  switch (launch->global->access(actor, address, access, other)) {
  case GlobalShadow::Problem::None:
    break;
  case GlobalShadow::Problem::OutOfBounds:
    fail(thread, FindingKind::OutOfBounds, access.site, globalPlace(address, access));
  case GlobalShadow::Problem::ReadOnly:
    fail(thread, FindingKind::ReadOnly, access.site, globalPlace(address, access));
  case GlobalShadow::Problem::Uninitialised:
    report(thread, FindingKind::Uninitialised, access.site, "nothing has written " + globalPlace(address, access));
    break;
  case GlobalShadow::Problem::Race:
    report(thread, FindingKind::GlobalRace, access.site,
           concat("no barrier since ", other == GlobalShadow::several ? "several threads" : concat("thread ", other), " touched ",
                  globalPlace(address, access)));
    break;
  case GlobalShadow::Problem::Conflict:
    report(thread, FindingKind::BlockConflict, access.site,
           concat(other == GlobalShadow::several ? "several blocks" : concat("block ", other), " also touched ",
                  globalPlace(address, access)));
    break;
  }
  if (reinterpret_cast<uint64_t>(address) & (access.alignment - 1))
    fail(thread, FindingKind::Misaligned, access.site,
         concat(globalPlace(address, access), "; expected a multiple of ", access.alignment));
}

void Block::access(ThreadContext &thread, const uint8_t *address, Access access) {
  if (address >= shared && address < shared + sharedBytes)
    accessShared(thread, address, access);
  else if (!fibers.isOnStack(*thread.fiber, address))
    accessGlobal(thread, address, access);
}

void Block::completeCopy(ThreadContext &thread, const AsyncCopy &copy) {
  Access access(copy.access);
  shadow.setInFlight(uint32_t(copy.to - shared), access.size, /*inFlight=*/false);
  accessShared(thread, copy.to, access);
  std::copy(copy.from, copy.from + copy.copied, copy.to);
  std::fill(copy.to + copy.copied, copy.to + copy.bytes, uint8_t(0));
}

void Block::issueCopy(ThreadContext &thread, const AsyncCopy &copy) {
  // Bounds, and that nobody is reading the old contents: the write may happen at once.
  accessShared(thread, copy.to, Access(copy.access));
  shadow.setInFlight(uint32_t(copy.to - shared), copy.bytes, /*inFlight=*/true);
  thread.copies.open.push_back(copy);
}

} // namespace archrt::emu
