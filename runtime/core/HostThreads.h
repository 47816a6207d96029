//===- HostThreads.h - How many threads this process should use -----------===//

#ifndef ARCHRT_CORE_HOSTTHREADS_H
#define ARCHRT_CORE_HOSTTHREADS_H

#include <string>

namespace archrt {

/// CPUs that the scheduler may give us: the affinity mask, at least 1.
int affinityCpus();

/// CPUs' worth of time that the control group grants (v2 `cpu.max`, v1 `cpu.cfs_quota_us`), rounded up; 0 when unlimited.
/// `root` is where the control groups and `/proc/self/cgroup` are looked up ("" outside tests).
int quotaCpus(const std::string &root = "");

/// The smaller of the two: the default number of threads.
int availableCpus();

} // namespace archrt

#endif // ARCHRT_CORE_HOSTTHREADS_H
