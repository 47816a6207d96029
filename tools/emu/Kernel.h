//===- Kernel.h - A kernel made ready to run on the host ------------------===//

#ifndef ARCHC_TOOLS_EMU_KERNEL_H
#define ARCHC_TOOLS_EMU_KERNEL_H

#include <cstdint>
#include <string>
#include <vector>

namespace archrt::emu {

struct ThreadContext;

/// An instruction that the emulator acts on.
struct Site {
  std::string instruction; // "load of 4 bytes", "barrier"
  std::string location;    // "file:line (scope)", empty when there is none
};

/// A variable in shared memory. The dynamic one lies behind the others and has the launch's size.
struct SharedObject {
  uint32_t offset = 0, bytes = 0;
  bool isDynamic = false;
};

/// A constant table of the module.
struct ConstantTable {
  const uint8_t *base = nullptr;
  uint64_t bytes = 0;
};

struct Kernel {
  std::string name;
  void (*entry)(ThreadContext *) = nullptr;
  uint32_t pointers = 0, scalars = 0; // parameters: pointers first, then batch and extent
  uint32_t staticShared = 0;          // bytes, with which the dynamic part begins
  uint32_t granule = 4;               // bytes, the least that one access of the kernel touches
  uint32_t stackBytes = 0;
  std::vector<Site> sites;
  std::vector<SharedObject> shared;
  std::vector<ConstantTable> constants;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_KERNEL_H
