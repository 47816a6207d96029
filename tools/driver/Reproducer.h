//===- Reproducer.h - What shows a failure of the compiler again ----------===//
//
// A spec that passed the checks must compile. When the compiler fails or crashes all the same, the expanded spec is written to a file
// with the command that shows the failure: it depends on no other file, and phase by phase IR is one `--dump-dir` away.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_REPRODUCER_H
#define ARCHC_TOOLS_DRIVER_REPRODUCER_H

#include <csignal>
#include <string>

namespace archc::driver {

struct CompileRequest;

/// Everything is put together beforehand, so that writing is possible inside a signal handler.
class Reproducer {
public:
  /// The file will lie in the folder for temporary files (TMPDIR).
  explicit Reproducer(const CompileRequest &request);

  /// Only system calls: a handler may call it.
  bool write() const;

  /// What to print afterwards: where it is and how to run it; or that it could not be written.
  const std::string &message() const { return writtenMessage; }
  const std::string &messageUnwritten() const { return unwrittenMessage; }

private:
  std::string path, text, writtenMessage, unwrittenMessage;
};

/// While it lives, a crash of this process writes `reproducer` and ends with ExitFailure; one at a time. Handlers that were there
/// before, a sanitizer's for instance, then have their turn.
class CrashGuard {
public:
  explicit CrashGuard(const Reproducer &reproducer);
  ~CrashGuard();
  CrashGuard(const CrashGuard &) = delete;
  CrashGuard &operator=(const CrashGuard &) = delete;

private:
  stack_t previousStack;
};

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_REPRODUCER_H
