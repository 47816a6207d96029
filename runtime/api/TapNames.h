//===- TapNames.h - Name paths of the network's tensors -------------------===//

#ifndef ARCHRT_API_TAPNAMES_H
#define ARCHRT_API_TAPNAMES_H

#include "runtime/device/Device.h"

namespace archrt {

/// The graph value that `name` means: the last one computed at that name path or below it. Fails with the nearest names when it
/// does not exist or the device does not hold it in memory.
Result<uint32_t> resolveTap(const Artifact &artifact, const std::string &name, const std::vector<uint32_t> &tappable);

/// Every name that resolveTap accepts, in the order of the graph.
std::vector<std::string> tapNames(const Artifact &artifact, const std::vector<uint32_t> &tappable);

} // namespace archrt

#endif // ARCHRT_API_TAPNAMES_H
