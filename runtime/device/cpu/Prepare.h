//===- Prepare.h - Parameters become the weights that kernels read --------===//

#ifndef ARCHRT_DEVICE_CPU_PREPARE_H
#define ARCHRT_DEVICE_CPU_PREPARE_H

#include "runtime/device/cpu/Program.h"

namespace archrt {

/// Runs `program`, a plan's function `prepare`, which writes `packed`. Parameters that are still in their file pass through staging
/// memory, those of one step at a time on each thread. Steps that do not depend on each other run side by side.
Status runPrepare(const Program &program, const abi::TargetPlan &plan, const ParamStore *weights, uint8_t *packed,
                  ThreadPool &pool);

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_PREPARE_H
