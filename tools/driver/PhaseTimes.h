//===- PhaseTimes.h - Where the time of a command goes --------------------===//

#ifndef ARCHC_TOOLS_DRIVER_PHASETIMES_H
#define ARCHC_TOOLS_DRIVER_PHASETIMES_H

#include <string>

namespace archc::driver {

/// What happened since the last call, or since the program began, was `phase`. Phases of one name add up.
void markPhase(const char *phase);

/// "  12.34 ms  weights" per phase, in the order of their first mark; before them what the system did to start the program.
std::string phaseTable();

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_PHASETIMES_H
