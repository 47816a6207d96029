//===- Assembler.cpp - ptxas, where there is one --------------------------===//

#include "passes/Emit/DeviceCode.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cuda {

std::string findAssembler() {
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  for (const std::string &root : {llvm::sys::Process::GetEnv("CUDA_HOME").value_or(""), std::string("/usr/local/cuda")})
    if (!root.empty())
      if (auto found = llvm::sys::findProgramByName("ptxas", {root + "/bin"}))
        return *found;
  return "";
}

static std::string contents(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

bool assemble(const std::string &ptx, const std::string &chip, std::string &cubin, std::string &messages) {
  const std::string program = findAssembler();
  llvm::SmallString<128> in, out, log;
  int handle = -1;
  if (program.empty() || llvm::sys::fs::createTemporaryFile("archc", "ptx", handle, in) ||
      llvm::sys::fs::createTemporaryFile("archc", "cubin", out) || llvm::sys::fs::createTemporaryFile("archc", "log", log)) {
    messages = "no ptxas, or no file can be made for it";
    return false;
  }
  llvm::FileRemover removers[] = {llvm::FileRemover(in), llvm::FileRemover(out), llvm::FileRemover(log)};
  {
    llvm::raw_fd_ostream stream(handle, /*shouldClose=*/true);
    stream << ptx;
    stream.close();
    if (stream.has_error()) {
      messages = "cannot write `" + in.str().str() + "`: " + stream.error().message();
      stream.clear_error(); // the stream would end the process otherwise
      return false;
    }
  }
  const std::string arch = "-arch=" + chip;
  const std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), llvm::StringRef(log), llvm::StringRef(log)};
  int status = llvm::sys::ExecuteAndWait(program, {program, arch, "-O3", "-v", in, "-o", out}, std::nullopt, redirects);
  messages = contents(log);
  if (status == 0)
    cubin = contents(out);
  return status == 0 && !cubin.empty();
}

} // namespace archc::cuda
