//===- Rewriting.h - A GPU kernel becomes a host function -----------------===//
//
// The function gets its thread as first argument, reads special registers from it and calls hooks (Hooks.h) before every access, for
// every barrier and every collective. Everything else stays as NVPTX would have got it.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_EMU_REWRITING_H
#define ARCHC_TOOLS_EMU_REWRITING_H

#include "runtime/core/Status.h"
#include "tools/emu/Access.h"
#include "tools/emu/Kernel.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <string>

namespace archrt::emu {

/// NVPTX's number of shared memory's address space.
constexpr unsigned sharedSpace = 3;

/// Kernels by calling convention, in the module's order.
std::vector<llvm::Function *> kernelsOf(llvm::Module &module);

/// What the steps of one kernel's rewriting share.
class Rewriting {
public:
  Rewriting(llvm::Module &module, Kernel &kernel, bool checks)
      : module(module), context(module.getContext()), kernel(kernel), checks(checks) {}

  /// Makes `entry`, of type void(thread), which runs `gpuKernel`. The module's other kernels are gone already.
  Status run(llvm::Function &gpuKernel, const std::string &entry);

private:
  using Builder = llvm::IRBuilder<>;

  // Rewriting.cpp: the frame.
  Status inlineCalls(llvm::Function &gpuKernel);
  Status checkParameters(const llvm::Function &gpuKernel);
  void takeBody(llvm::Function &gpuKernel);
  Status layOutShared();
  void replaceShared();
  void burnFuel();
  void makeEntry(const std::string &name);
  llvm::Value *readThread(Builder &builder, uint64_t offset, llvm::Type *type);
  llvm::FunctionCallee hook(const char *name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> arguments);
  uint32_t addSite(const llvm::Instruction &instruction, std::string what);

  // RewriteAccesses.cpp.
  Status rewriteAccesses();
  Status rewriteAccess(llvm::Instruction &instruction);
  Status checkAccess(llvm::Instruction &instruction, llvm::Value *address, Access access);
  void checkRange(llvm::Instruction &instruction, llvm::Value *address, Access access);
  /// What the address is computed from: an operand, a shared object; or that it is certainly the thread's own.
  struct Origin {
    uint32_t object = Access::unknownObject;
    enum { Unknown, Operand, Shared, Local } kind = Unknown;
  };
  Origin originOf(llvm::Value *address, uint32_t size) const;
  /// As a generic pointer; x86 has one address space.
  llvm::Value *generic(Builder &builder, llvm::Value *address);

  // RewriteCalls.cpp.
  Status rewriteCalls();
  Status rewriteCall(llvm::CallInst &call);
  Status rewriteNvvm(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteRegister(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteBarrier(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteMath(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteCollective(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteLoadMatrix(llvm::CallInst &call, llvm::StringRef name);
  bool rewriteCopy(llvm::CallInst &call, llvm::StringRef name);
  void callCollective(llvm::CallInst &call, uint32_t op, llvm::ArrayRef<llvm::Value *> arguments);
  llvm::Value *toSlot(Builder &builder, llvm::Value *value);
  llvm::Value *fromSlot(Builder &builder, uint32_t slot, llvm::Type *type);

  llvm::Module &module;
  llvm::LLVMContext &context;
  Kernel &kernel;
  bool checks;
  llvm::Function *function = nullptr; // the body, with the thread as argument 0
  llvm::DenseMap<const llvm::GlobalVariable *, uint32_t> sharedIndex;
  llvm::Value *slotsIn = nullptr, *slotsOut = nullptr;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_REWRITING_H
