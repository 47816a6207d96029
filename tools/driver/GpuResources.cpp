#include "tools/driver/GpuResources.h"

#include <sys/wait.h>

#include <spawn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <vector>

using namespace archrt;

namespace archc::driver {

/// Two lines of interest per kernel, behind the one that names it:
///   ptxas info    : Function properties for k3
///       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
///   ptxas info    : Used 40 registers, used 1 barriers, ...
std::map<std::string, KernelResources> parseResources(const std::string &report) {
  static const std::string nameMark = "Function properties for ";
  std::map<std::string, KernelResources> all;
  std::istringstream lines(report);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    long long stack = 0, stores = 0, registers = 0;
    if (size_t at = line.find(nameMark); at != line.npos)
      name = line.substr(at + nameMark.size());
    else if (std::sscanf(line.c_str(), " %lld bytes stack frame, %lld bytes spill stores", &stack, &stores) == 2)
      all[name].spillBytes = stores;
    else if (size_t used = line.find("Used ");
             used != line.npos && std::sscanf(line.c_str() + used, "Used %lld", &registers) == 1)
      all[name].registers = registers;
  }
  return all;
}

static std::string findAssembler() {
  std::vector<std::string> folders;
  std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');)
    folders.push_back(folder);
  if (const char *home = std::getenv("CUDA_HOME"))
    folders.push_back(std::string(home) + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  for (const std::string &folder : folders)
    if (!folder.empty() && access((folder + "/ptxas").c_str(), X_OK) == 0)
      return folder + "/ptxas";
  return "";
}

/// What the program writes to its standard error; empty when it cannot be run or fails.
static std::string reportOf(std::vector<std::string> command) {
  int ends[2];
  if (pipe(ends) != 0)
    return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::vector<char *> arguments;
  for (std::string &word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const bool started = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  char chunk[4096];
  for (ssize_t count; started && (count = read(ends[0], chunk, sizeof(chunk))) > 0;)
    text.append(chunk, static_cast<size_t>(count));
  close(ends[0]);
  int status = 1;
  if (started)
    waitpid(child, &status, 0);
  return started && status == 0 ? text : "";
}

std::map<std::string, KernelResources> kernelResources(const Artifact &artifact, const abi::TargetPlan &plan) {
  ByteView ptx = artifact.gpuCode(plan, abi::GpuCodeKind::Ptx);
  const std::string program = findAssembler(), target(textOf(plan.target()));
  if (ptx.size == 0 || program.empty())
    return {};
  const char *folder = std::getenv("TMPDIR");
  std::string file = std::string(folder ? folder : "/tmp") + "/archc-XXXXXX";
  int handle = mkstemp(file.data());
  if (handle < 0)
    return {};
  const bool written = write(handle, ptx.data, ptx.size) == static_cast<ssize_t>(ptx.size);
  close(handle);
  std::string report;
  if (written)
    report = reportOf({program, "-v", "-arch=" + target.substr(target.find(':') + 1), file, "-o", "/dev/null"});
  unlink(file.c_str());
  return parseResources(report);
}

} // namespace archc::driver
