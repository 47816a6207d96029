//===- RowsPlan.h - How a thread block runs a kernel made of segments -----===//
//
// The description speaks of scratch values. Here some of them turn out to need none, as what they copy can be read where it is: an
// argument, or the windows of a convolution that one contraction reads. The others share shared memory, each from the first segment
// that writes it to the last that reads it.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_ROWSPLAN_H
#define ARCHC_PASSES_LOWERCUDA_ROWSPLAN_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCuda/GpuTarget.h"

#include <string>
#include <vector>

namespace archc::cuda {

/// Where a scratch value is.
struct ScratchHome {
  enum Kind { Shared, Alias, Windows };
  Kind kind = Shared;
  Place place;          // Alias: where the rows really are
  int64_t channels = 0; // Alias: of the rows there
  size_t segment = 0;   // Windows: the segment that gathers them
  int64_t offset = 0;   // Shared: in bytes
  int64_t stride = 0;   // Shared: floats between rows
};

struct RowsPlan {
  int64_t rows = 0;          // per thread block
  std::vector<bool> skipped; // segments that are not run
  std::vector<ScratchHome> homes;
  std::vector<int64_t> statistics; // offsets: mean and 1/sqrt(variance + eps) of each image and group
  int64_t images = 1;              // that a block's rows may lie in
  int64_t bytes = 0;               // of shared memory
};

/// Floats between the rows of the tile of A, and bytes of both tiles of a contraction, which come first in shared memory.
constexpr int64_t kTileStride = 20;
constexpr int64_t kTileDepth = 16;
constexpr int64_t kTileColumns = 64;

RowsPlan planRows(const RowsKernel &kernel, const GpuTarget &target);

/// Channels that a segment yields; 0 for one without a chain.
int64_t segmentChannels(const Segment &segment);

/// An error message, or empty.
std::string checkRows(const RowsKernel &kernel, const GpuTarget &target);

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_ROWSPLAN_H
