#include "tools/driver/Reproducer.h"

#include "tools/driver/CompilerLibrary.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace archc::driver {

/// A name of its own for each process and moment; the architecture's as far as it can be part of a file name.
static std::string fileName(const std::string &architecture) {
  std::string name;
  for (char c : architecture.substr(0, 64))
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ? c : '_';
  auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return "archc-" + name + "-" + std::to_string(::getpid()) + "-" + std::to_string(now % 1'000'000'000) + ".toml";
}

static std::string commandFor(const CompileRequest &request, const std::string &path) {
  std::string targets;
  for (const std::string &target : request.targets)
    targets += (targets.empty() ? "" : ",") + target;
  std::string command = "archc compile " + path + " --target " + targets;
  command += request.fuse ? "" : " --keep-apart";
  command += request.fold ? "" : " --keep-affine";
  command += request.emulationCode ? " --emu-code" : "";
  if (request.training)
    command += " --train --loss " + request.training->loss + " --checkpoint-activations " + request.training->checkpoints +
               (request.training->dropPath ? " --drop-path" : "") + (request.training->headDropout ? " --head-dropout" : "");
  return request.stopAfter.empty() ? command : command + " --stop-after " + request.stopAfter;
}

Reproducer::Reproducer(const CompileRequest &request) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  path = (error ? std::filesystem::path(".") : folder) / fileName(request.architecture->name);
  std::string command = commandFor(request, path);
  text = "# The compiler of archc " ARCHC_VERSION " fails on this spec, which is a bug of archc:\n# " + command + "\n\n" +
         request.specText;
  std::string blame = "error: the compiler failed, which is a bug of archc and not of the spec\n";
  writtenMessage = blame + "note: please report it with `" + path + "`, which fails again with\n      " + command + "\n";
  unwrittenMessage = blame + "note: a spec that shows it could not be written to `" + path + "`\n";
}

static bool writeAll(int file, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count <= 0)
      return false;
    done += static_cast<size_t>(count);
  }
  return true;
}

bool Reproducer::write() const {
  // O_EXCL: others may write into the folder, and nothing that lies there already is followed or changed.
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0)
    return false;
  bool written = writeAll(file, text);
  return ::close(file) == 0 && written;
}

// A signal handler knows only what is global.
static constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
static const Reproducer *current = nullptr;
static struct sigaction previousActions[std::size(kCrashes)];
alignas(16) static char alternateStack[1 << 16]; // a crash may be the end of the stack

static void restoreActions() {
  for (size_t i = 0; i < std::size(kCrashes); ++i)
    ::sigaction(kCrashes[i], &previousActions[i], nullptr);
}

static void onCrash(int signal) {
  const Reproducer &reproducer = *current;
  size_t index = std::find(std::begin(kCrashes), std::end(kCrashes), signal) - std::begin(kCrashes);
  bool isLast = previousActions[index].sa_handler == SIG_DFL;
  restoreActions(); // a second crash is the end
  writeAll(STDERR_FILENO, reproducer.write() ? reproducer.message() : reproducer.messageUnwritten());
  if (isLast)
    ::_exit(ExitFailure);
  // Returning repeats the instruction, now under the earlier handler.
}

CrashGuard::CrashGuard(const Reproducer &reproducer) {
  current = &reproducer;
  stack_t stack = {};
  stack.ss_sp = alternateStack;
  stack.ss_size = sizeof(alternateStack);
  ::sigaltstack(&stack, &previousStack);
  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK;
  for (size_t i = 0; i < std::size(kCrashes); ++i)
    ::sigaction(kCrashes[i], &action, &previousActions[i]);
}

CrashGuard::~CrashGuard() {
  restoreActions();
  ::sigaltstack(&previousStack, nullptr);
  current = nullptr;
}

} // namespace archc::driver
