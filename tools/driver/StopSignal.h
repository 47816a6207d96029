//===- StopSignal.h - Ctrl-C asks a long command to save and end ----------===//

#ifndef ARCHC_TOOLS_DRIVER_STOPSIGNAL_H
#define ARCHC_TOOLS_DRIVER_STOPSIGNAL_H

#include <atomic>
#include <csignal>

namespace archc::driver {

/// While it lives, the first SIGINT or SIGTERM sets flag(); a second one ends the process as if nobody had caught it.
class StopSignal {
public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal &) = delete;
  StopSignal &operator=(const StopSignal &) = delete;

  static const std::atomic<int> &flag();

private:
  struct sigaction savedInterrupt, savedTerminate;
};

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_STOPSIGNAL_H
