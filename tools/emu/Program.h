//===- Program.h - A GPU module on the host -------------------------------===//

#ifndef ARCHC_TOOLS_EMU_PROGRAM_H
#define ARCHC_TOOLS_EMU_PROGRAM_H

#include "runtime/core/ByteView.h"
#include "tools/emu/Kernel.h"
#include "tools/emu/Launch.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt::emu {

/// A module for NVPTX as LLVM bitcode or text, just as its back end would get it. Kernels are compiled when first asked for. Not
/// thread-safe.
class Program {
public:
  static Result<std::unique_ptr<Program>> load(ByteView code, const EmulatorOptions &options);
  ~Program();

  std::vector<std::string> kernels() const;
  /// Lives as long as the program.
  Result<const Kernel *> kernel(const std::string &name);

  /// What was done to the module, when the options ask for a mutation.
  const std::string &mutation() const;

private:
  struct State;
  explicit Program(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_PROGRAM_H
