//===- GlobalShadow.h - Operands of a launch, and which block touched what ===//

#ifndef ARCHC_TOOLS_EMU_GLOBALSHADOW_H
#define ARCHC_TOOLS_EMU_GLOBALSHADOW_H

#include "runtime/device/gpu/Driver.h"
#include "tools/emu/Access.h"
#include "tools/emu/Kernel.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace archrt::emu {

/// Memory that something writes has two entries per granule: the block that wrote and those that read; of the block at work the thread
/// that wrote since the last barrier, and those that read. Shared by all host threads of a launch.
class GlobalShadow {
public:
  enum class Problem { None, OutOfBounds, ReadOnly, Uninitialised, Race, Conflict };

  struct Actor {
    uint32_t block = 0;
    bool checksInitialisation = false;
    uint32_t thread = 0, warpEpoch = 0;
    uint32_t moment = 0; // another one after each barrier, in each block
  };

  void prepare(const std::vector<gpu::LaunchOperand> &operands, const Kernel &kernel);

  /// Notes the access and says what is wrong with it; `other` is then the other block or, for a race, the other thread; or `several`.
  Problem access(const Actor &actor, const uint8_t *address, const Access &access, uint32_t &other);
  /// "operand 2 of 1024 bytes", or the nearest one.
  const gpu::LaunchOperand *operand(uint32_t index) const { return index < operands.size() ? &operands[index] : nullptr; }
  /// The operand that holds the address or ends nearest below it.
  uint32_t nearestOperand(const uint8_t *address) const;

  static constexpr uint32_t several = 0x3FFFFE;

private:
  /// Operands that overlap are one region; without a writing one it needs no entries.
  struct Region {
    uint64_t begin = 0, end = 0;
    size_t firstEntry = 0;
    bool isWritten = false;
  };

  /// The last write and the last read of a granule by threads of one block, packed.
  struct ThreadEntry {
    std::atomic<uint64_t> write, read;
  };

  bool contains(const gpu::LaunchOperand &operand, uint64_t address, uint64_t size) const {
    return address >= operand.pointer && address - operand.pointer <= operand.bytes &&
           size <= operand.bytes - (address - operand.pointer);
  }
  /// -1 when there is none.
  int find(const uint8_t *address, const Access &access) const;
  bool isConstant(const uint8_t *address, const Access &access) const;
  void mergeRegions();
  Problem note(std::atomic<uint64_t> &entry, const Actor &actor, AccessKind kind, uint32_t &other);
  Problem noteThread(ThreadEntry &entry, const Actor &actor, AccessKind kind, uint32_t &other);

  std::vector<gpu::LaunchOperand> operands;
  const std::vector<ConstantTable> *constants = nullptr;
  std::vector<uint32_t> regionOf;
  std::vector<Region> regions;
  std::unique_ptr<std::atomic<uint64_t>[]> entries;
  std::unique_ptr<ThreadEntry[]> threadEntries;
  size_t capacity = 0;
  uint32_t shift = 2;
  uint64_t launchTag = 0;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_GLOBALSHADOW_H
