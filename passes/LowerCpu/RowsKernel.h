//===- RowsKernel.h - Kernels made of segments ----------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_ROWSKERNEL_H
#define ARCHC_PASSES_LOWERCPU_ROWSKERNEL_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/Chain.h"

namespace archc::cpu {

/// Byte offsets into a worker's scratch.
struct RowsLayout {
  std::vector<int64_t> values;       // per scratch value
  int64_t rows = 0;                  // rows that blocked values have room for: RB, rounded so that blocks fall into different
                                     // cache sets
  std::vector<int64_t> means, rstds; // per statistics
  std::vector<int64_t> work;         // per segment: rows to gather, sums of lines, panels of an image
  std::vector<std::vector<int64_t>> offsets; // per segment and sink: table of a padded image
  std::vector<int64_t> imageScalars;         // per segment: one float per row for each of its sources of this kind
  int64_t zeros = 0;                         // a vector of zeros
  int64_t bytes = 0;
};
RowsLayout layOutRows(const RowsKernel &kernel, const CpuTarget &target);

/// Channels a segment yields (0 for one without a chain).
int64_t segmentChannels(const Segment &segment);

/// An error message, or empty.
std::string checkRowsKernel(const RowsKernel &kernel, const CpuTarget &target);

/// The body of the kernel's function; arguments as in KernelArgs.h.
void emitRowsKernel(Code &code, const RowsKernel &kernel, Value arguments, Value begin, Value end);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_ROWSKERNEL_H
