//===- FailingCompiler.cpp - A compiler library with every kind of bug ----===//
//
// Tests put it in the place of the real one (ARCHC_COMPILER); `--stop-after` chooses how it fails.
//
//===----------------------------------------------------------------------===//

#include "tools/driver/CompilerLibrary.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

extern "C" __attribute__((visibility("default"))) bool archc_compile(const archc::driver::CompileRequest &request,
                                                                     archc::driver::CompileReply &reply) {
  if (request.stopAfter == "fuse")
    std::raise(SIGSEGV);
  if (request.stopAfter == "layout")
    std::abort();
  if (request.stopAfter == "lower-cpu")
    throw std::runtime_error("a vector without elements");
  reply.errors = "spec.toml:3:1: error: stem.conv: no kernel for this\n";
  return false;
}
