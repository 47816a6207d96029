//===- AsyncCopies.h - cp.async: copies that happen as late as they may ---===//

#ifndef ARCHC_TOOLS_EMU_ASYNCCOPIES_H
#define ARCHC_TOOLS_EMU_ASYNCCOPIES_H

#include <cstdint>
#include <vector>

namespace archrt::emu {

struct AsyncCopy {
  uint8_t *to = nullptr;
  const uint8_t *from = nullptr;
  uint32_t bytes = 0, copied = 0; // the rest is zeroed
  uint64_t access = 0;            // of the write (Access.h)
};

/// One thread's, in groups as it committed them. A copy is done at the wait that covers it: the latest that is legal, so that a kernel
/// which waits too little reads what was there before.
struct AsyncCopies {
  std::vector<AsyncCopy> open;
  std::vector<std::vector<AsyncCopy>> committed; // oldest first

  /// One that is not waited for yet.
  const AsyncCopy *first() const {
    for (const std::vector<AsyncCopy> &group : committed)
      if (!group.empty())
        return &group.front();
    return open.empty() ? nullptr : &open.front();
  }
  void clear() {
    open.clear();
    committed.clear();
  }
  void commit() {
    committed.push_back(std::move(open));
    open.clear();
  }
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_ASYNCCOPIES_H
