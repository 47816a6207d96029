//===- NativeCode.cpp - A module of kernels to one blob of machine code ---===//

#include "passes/Emit/NativeCode.h"

#include "passes/Emit/LinkBlob.h"
#include "passes/Emit/LowerToLlvm.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <mutex>
#include <set>

using namespace mlir;

namespace archc::cpu {

static std::unique_ptr<llvm::TargetMachine> createMachine(const CpuTarget &target) {
  static std::once_flag initialised;
  std::call_once(initialised, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
  });
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict; // multiply-adds are explicit
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(triple, target.processor, "", options, llvm::Reloc::PIC_,
                                                                         llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

/// `exported`: names of the public functions. All others become internal, so that nothing goes through a table of addresses.
static void setAttributes(llvm::Module &module, const CpuTarget &target, const std::set<std::string> &exported) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (!exported.count(function.getName().str())) {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      function.addFnAttr(llvm::Attribute::NoInline);
    }
    function.setDSOLocal(true);
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.addFnAttr("target-cpu", target.processor);
    function.addFnAttr("no-builtins");
    function.addFnAttr("no-jump-tables", "true");
    // Vectors are chosen by us: without this LLVM may split 512-bit ones for processors where they cost frequency.
    if (target.vectorLength == 16 && target.processor != "x86-64-v3") {
      function.addFnAttr("prefer-vector-width", "512");
      function.addFnAttr("min-legal-vector-width", "512");
    }
  }
}

static LogicalResult generate(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type,
                              llvm::SmallVectorImpl<char> &output) {
  llvm::raw_svector_ostream stream(output);
  llvm::legacy::PassManager manager;
  if (machine.addPassesToEmitFile(manager, stream, nullptr, type))
    return failure();
  manager.run(module);
  return success();
}

static void dump(llvm::Module &module, llvm::TargetMachine &machine, const NativeOptions &options) {
  std::error_code error;
  if (!options.dumpLlvmFile.empty()) {
    llvm::raw_fd_ostream stream(options.dumpLlvmFile, error);
    module.print(stream, nullptr);
  }
  if (!options.dumpAssemblyFile.empty()) {
    llvm::raw_fd_ostream stream(options.dumpAssemblyFile, error);
    llvm::SmallVector<char, 0> text;
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    if (succeeded(generate(*copy, machine, llvm::CodeGenFileType::AssemblyFile, text)))
      stream << llvm::StringRef(text.data(), text.size());
  }
}

FailureOr<NativeCode> compileNative(ModuleOp module, const CpuTarget &target, const NativeOptions &options) {
  std::set<std::string> exported = exportedFunctions(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated = lowerToLlvm(module, context);
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(target);
  if (!translated || !machine)
    return module.emitError("cannot translate kernels for `") << target.name << "`", failure();
  translated->setTargetTriple(machine->getTargetTriple());
  translated->setDataLayout(machine->createDataLayout());
  translated->setPICLevel(llvm::PICLevel::BigPIC);
  setAttributes(*translated, target, exported);
  optimise(*translated, *machine);
  dump(*translated, *machine, options);
  llvm::SmallVector<char, 0> object;
  if (failed(generate(*translated, *machine, llvm::CodeGenFileType::ObjectFile, object)))
    return module.emitError("no object code for `") << target.name << "`", failure();
  auto linked = linkBlob(llvm::MemoryBufferRef(llvm::StringRef(object.data(), object.size()), "kernels"));
  if (!linked)
    return module.emitError(llvm::toString(linked.takeError())), failure();
  return std::move(*linked);
}

} // namespace archc::cpu
