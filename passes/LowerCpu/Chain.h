//===- Chain.h - Elementwise chains bound to a context --------------------===//
//
// The internal functions of kernels (GEMM tiles, norms, gathers ...) are shared by all segments of the same structure. What differs
// from use to use, addresses and strides, they find in a context: an array of 8-byte slots that the kernel fills. A BoundChain is
// the structure: a chain with its sources and sinks replaced by slot numbers.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_CHAIN_H
#define ARCHC_PASSES_LOWERCPU_CHAIN_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/CpuCode.h"

namespace archc::cpu {

/// How the address of (row, column) follows from slots.
struct BoundPlace {
  enum Kind {
    Rows,      // base + row * stride + 4 * column;                       slots: base, stride
    Dense,     // the same, only columns below the channel count exist;   slots: base, stride, channels
    Blocked,   // base + (column / VL) * stride + row * 4 VL;             slots: base, stride
    Image,     // base + offsets[row] + (column / VL) * stride;           slots: base, stride, offsets
    Scattered, // addresses[row] + 4 * column;                          slots: addresses, unused
  };
  Kind kind = Rows;
  unsigned slot = 0;
};

struct BoundSource {
  enum Kind { Value, Same, Channel, Scalar, Constant, RowScalar };
  Kind kind = Value;
  unsigned index = 0; // Value: as in Source; Same: index into BoundChain::places; Channel, Scalar, RowScalar: slot of the address
  double number = 0;
};

struct BoundStep {
  std::string op;
  std::vector<BoundSource> operands;
};

struct BoundSink {
  unsigned value = 0;
  unsigned place = 0;
};

/// What the kernel has to put into a slot.
struct SlotFill {
  enum Kind {
    PlaceBase,
    PlaceStride,
    PlaceChannels,
    PlaceOffsets,
    Operand,
    PositionRows,
    PositionScalars,
    ImageScalars,
    Statistic
  };
  Kind kind = Operand;
  unsigned index = 0; // operand or statistics
  Place place;
  bool rstd = false; // Statistic
  int64_t site = 0;  // ImageScalars
};

struct BoundChain {
  std::vector<BoundStep> steps;
  std::vector<BoundSink> sinks;
  std::vector<BoundPlace> places;
  std::vector<SlotFill> slots;
  std::string key; // equal for chains of equal structure
};

/// `groupsOfStatistics[i]`: groups of entry i of RowsKernel::statistics (one group is a scalar, more a channel vector).
BoundChain bindChain(const Chain &chain, const std::vector<int64_t> &groupsOfStatistics);

/// An error message when `chain` cannot be emitted, else empty.
std::string checkChain(const Chain &chain);

/// Emits a bound chain at successive places inside an internal function.
class ChainEmitter {
public:
  /// `context`: pointer to the slots. Loads nothing yet.
  ChainEmitter(Code &code, const BoundChain &chain, Value context);

  /// Moves to `row` (local to the block) and `column` (a multiple of VL); `vectors` consecutive vectors will be emitted.
  void moveTo(Value row, Value column, unsigned vectors = 1);
  /// Moves to another column of the same row(s).
  void moveToColumn(Value column, unsigned vectors = 1);
  /// Steps to the next row.
  void nextRow();
  /// Runs the chain on `value` at vector `vector` of the current row.
  void emit(Value value, unsigned vector = 0);

private:
  Value slot(unsigned index, bool pointer);
  Value address(unsigned place, unsigned vector);
  Value read(unsigned place, unsigned vector);
  Value resolve(const BoundSource &source, const std::vector<Value> &values, unsigned vector);
  void placeRow();

  struct PlaceState {
    Value base, stride, channels, offsets;
    Value row;         // address of the current row at column 0
    Value columnBytes; // offset of the current column
    llvm::SmallVector<Value, 2> masks;
  };

  Code &code;
  const BoundChain &chain;
  Value context;
  Value row, column;
  unsigned vectors = 1;
  std::vector<PlaceState> states;
  std::vector<llvm::SmallVector<Value, 2>> channelVectors; // by slot
  std::vector<Value> scalars;                              // by slot
};

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_CHAIN_H
