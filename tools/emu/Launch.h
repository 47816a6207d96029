//===- Launch.h - One launch: what its blocks share -----------------------===//

#ifndef ARCHC_TOOLS_EMU_LAUNCH_H
#define ARCHC_TOOLS_EMU_LAUNCH_H

#include "runtime/core/Status.h"
#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/EmulatorPlugin.h"
#include "tools/emu/GlobalShadow.h"
#include "tools/emu/Kernel.h"
#include "tools/emu/Report.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt::emu {

using gpu::EmulatorOptions;
using gpu::LaunchOperand;
using gpu::LaunchShape;

struct LaunchState {
  LaunchState(const Kernel &kernel, const LaunchShape &shape, const EmulatorOptions &options)
      : kernel(kernel), shape(shape), options(options), sink(options.maxFindings) {}

  const Kernel &kernel;
  const LaunchShape &shape;
  const EmulatorOptions &options;
  std::vector<uint64_t> arguments;
  GlobalShadow *global = nullptr;
  FindingSink sink;

  uint32_t sharedBytes() const { return kernel.staticShared + shape.sharedBytes; }
};

class Block;

/// Runs launches on host threads, each with stacks that it keeps; one launch at a time.
class Launcher {
public:
  Launcher();
  ~Launcher();
  Result<Report> launch(const Kernel &kernel, const LaunchShape &shape, const std::vector<LaunchOperand> &operands,
                        const EmulatorOptions &options);

private:
  std::vector<std::unique_ptr<Block>> blocks; // one per host thread
  GlobalShadow shadow;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_LAUNCH_H
