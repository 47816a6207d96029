#include "tools/driver/PhaseTimes.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

namespace archc::driver {
namespace {

using Clock = std::chrono::steady_clock;

/// Loading and linking happen before any clock of ours runs; they take as much time as CPU.
double processSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Phases {
  double beforeProgram = processSeconds();
  Clock::time_point last = Clock::now();
  std::vector<std::pair<std::string, double>> seconds;
} phases;

} // namespace

void markPhase(const char *phase) {
  Clock::time_point now = Clock::now();
  double seconds = std::chrono::duration<double>(now - std::exchange(phases.last, now)).count();
  for (auto &[name, sum] : phases.seconds)
    if (name == phase) {
      sum += seconds;
      return;
    }
  phases.seconds.emplace_back(phase, seconds);
}

std::string phaseTable() {
  std::string table;
  char line[96];
  double total = phases.beforeProgram;
  auto add = [&](const char *name, double seconds) {
    std::snprintf(line, sizeof(line), "%10.2f ms  %s\n", 1e3 * seconds, name);
    table += line;
  };
  add("start of the program", phases.beforeProgram);
  for (const auto &[name, seconds] : phases.seconds) {
    add(name.c_str(), seconds);
    total += seconds;
  }
  add("in all", total);
  return table;
}

} // namespace archc::driver
