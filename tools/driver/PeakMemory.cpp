#include "tools/driver/PeakMemory.h"

namespace archc::driver {

PeakMemoryPlanner &peakMemoryPlanner() {
  static PeakMemoryPlanner planner;
  return planner;
}

} // namespace archc::driver
