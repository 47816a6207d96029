#include "tools/driver/StopSignal.h"

#include <unistd.h>

namespace archc::driver {

static std::atomic<int> stopRequested{0};

/// Only what a signal handler may do.
static void onSignal(int number) {
  stopRequested = number;
  static const char message[] = "\nfinishing this update and saving; once more to end at once\n";
  ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
  (void)ignored;
}

StopSignal::StopSignal() {
  stopRequested = 0;
  struct sigaction action = {};
  action.sa_handler = onSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, &savedInterrupt);
  sigaction(SIGTERM, &action, &savedTerminate);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &savedInterrupt, nullptr);
  sigaction(SIGTERM, &savedTerminate, nullptr);
}

const std::atomic<int> &StopSignal::flag() { return stopRequested; }

} // namespace archc::driver
