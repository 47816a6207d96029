#include "runtime/core/HostThreads.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sched.h>
#include <sstream>
#include <thread>
#include <vector>

namespace archrt {

int affinityCpus() {
  // A fixed cpu_set_t ends at 1024 CPUs; larger machines need a larger mask.
  for (int cpus = 1024; cpus <= (1 << 18); cpus *= 4) {
    std::unique_ptr<cpu_set_t, void (*)(cpu_set_t *)> set(CPU_ALLOC(cpus), [](cpu_set_t *set) { CPU_FREE(set); });
    size_t size = CPU_ALLOC_SIZE(cpus);
    CPU_ZERO_S(size, set.get());
    if (sched_getaffinity(0, size, set.get()) == 0)
      return std::max(1, CPU_COUNT_S(size, set.get()));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

static std::string firstLine(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// quota / period rounded up, 0 for "max", -1 and what cannot be read.
static int cpusOf(const std::string &quota, const std::string &period) {
  double numerator = std::atof(quota.c_str()), denominator = std::atof(period.c_str());
  if (numerator <= 0 || denominator <= 0)
    return 0;
  return static_cast<int>(std::min(1e6, (numerator + denominator - 1) / denominator));
}

/// The tightest limit on the way from our group up to the root.
static int tightest(std::string group, const std::string &mount, bool version2) {
  int best = 0;
  while (true) {
    std::string folder = mount + group + "/", quota, period;
    if (version2) {
      std::istringstream(firstLine(folder + "cpu.max")) >> quota >> period;
    } else {
      quota = firstLine(folder + "cpu.cfs_quota_us");
      period = firstLine(folder + "cpu.cfs_period_us");
    }
    if (int cpus = cpusOf(quota, period); cpus > 0)
      best = best == 0 ? cpus : std::min(best, cpus);
    size_t slash = group.rfind('/');
    if (slash == std::string::npos)
      return best;
    group.resize(slash);
  }
}

static int tighter(int a, int b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

int quotaCpus(const std::string &root) {
  std::ifstream groups(root + "/proc/self/cgroup");
  std::string line;
  int best = 0;
  while (std::getline(groups, line)) { // hierarchy-id : controllers : path
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    if (path == "/")
      path.clear();
    if (controllers == ",,")
      best = tighter(best, tightest(path, root + "/sys/fs/cgroup", /*version2=*/true));
    else if (controllers.find(",cpu,") != std::string::npos)
      for (const char *mount : {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"})
        best = tighter(best, tightest(path, root + mount, /*version2=*/false));
  }
  return best;
}

int availableCpus() {
  static const int cpus = tighter(affinityCpus(), quotaCpus());
  return cpus;
}

} // namespace archrt
