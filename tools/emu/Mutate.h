//===- Mutate.h - Puts one fault into a GPU module ------------------------===//
//
// For tests of tests: what does the suite, run on the emulator, find of the mistakes that a generator of kernels makes?
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_EMU_MUTATE_H
#define ARCHC_TOOLS_EMU_MUTATE_H

#include <cstdint>
#include <string>
#include <vector>

namespace llvm {
class Instruction;
class Module;
} // namespace llvm

namespace archrt::emu {

enum class MutationKind {
  DropBarrier,
  DropWait,     // of asynchronous copies
  ShiftIndex,   // of an address, by one element
  WidenBound,   // a comparison lets one more pass
  NarrowBound,  // one less
  SwapOperands, // lane and clamp of a shuffle, two registers of an mma
  ForgetZero,   // an accumulator begins with one
  HalveMask,    // of a shuffle's or vote's lanes, or of low bits
};
const char *mutationName(MutationKind kind);

/// A place and what could be done to it.
struct MutationSite {
  MutationKind kind = MutationKind::DropBarrier;
  llvm::Instruction *instruction = nullptr;
  unsigned operand = 0;
};

/// All of them, in the module's order.
std::vector<MutationSite> mutationSites(llvm::Module &module);

/// Does what a seed says: first the kind is drawn among those that have a place, then the place. Returns what was done and where, or
/// nothing when there is no place at all.
std::string mutate(llvm::Module &module, uint64_t seed);

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_MUTATE_H
