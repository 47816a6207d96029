#include "passes/Emit/DeviceCode.h"

#include "passes/Emit/LowerToLlvm.h"
#include "passes/LowerCuda/GpuCode.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

#include <mutex>

using namespace mlir;

namespace archc::cuda {

static std::unique_ptr<llvm::TargetMachine> createMachine(const GpuTarget &target) {
  static std::once_flag initialised;
  std::call_once(initialised, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict; // multiply-adds are explicit
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.processor, target.features, options, std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

/// Buffers of a step never overlap, unless they are only read. Loads of four floats need the alignment.
static void setAttributes(llvm::Module &module, const std::set<std::string> &exported) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.addFnAttr("no-builtins");
    if (!exported.count(function.getName().str())) {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      continue;
    }
    function.setCallingConv(llvm::CallingConv::PTX_Kernel);
    function.addFnAttr("nvvm.maxntid", std::to_string(kThreads));
    function.addFnAttr("nvvm.minctasm", "1"); // without it ptxas keeps to as few registers as it deems fit, and spills
    for (llvm::Argument &argument : function.args())
      if (argument.getType()->isPointerTy()) {
        argument.addAttr(llvm::Attribute::NoAlias);
        argument.addAttr(llvm::Attribute::getWithAlignment(module.getContext(), llvm::Align(16)));
      }
  }
}

/// Everything that generated code needs is in it: what is left undefined may only be an instruction's intrinsic.
static LogicalResult checkDefined(ModuleOp at, const llvm::Module &module) {
  for (const llvm::Function &function : module)
    if (function.isDeclaration() && !function.isIntrinsic())
      return at.emitError("generated code calls `") << function.getName().str() << "`, which does not exist on a GPU";
  return success();
}

static LogicalResult generate(llvm::Module &module, llvm::TargetMachine &machine, std::string &ptx) {
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager manager;
  if (machine.addPassesToEmitFile(manager, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return failure();
  manager.run(module);
  ptx = text.str().str();
  return success();
}

FailureOr<DeviceCode> compileDevice(ModuleOp module, const GpuTarget &target, const DeviceOptions &options) {
  std::set<std::string> exported = exportedFunctions(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated = lowerToLlvm(module, context, /*lines=*/options.emulation);
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(target);
  if (!translated || !machine)
    return module.emitError("cannot translate kernels for `") << target.name << "`", failure();
  translated->setTargetTriple(machine->getTargetTriple());
  translated->setDataLayout(machine->createDataLayout());
  setAttributes(*translated, exported);
  optimise(*translated, *machine, /*inferSpaces=*/true);
  if (failed(checkDefined(module, *translated)))
    return failure();
  DeviceCode code;
  if (options.emulation) {
    llvm::raw_string_ostream stream(code.bitcode);
    llvm::WriteBitcodeToFile(*translated, stream);
  }
  llvm::StripDebugInfo(*translated); // the PTX is the same with and without
  if (failed(generate(*translated, *machine, code.ptx)))
    return module.emitError("no PTX for `") << target.name << "`", failure();
  std::string messages;
  if (options.assemble && !findAssembler().empty() && !assemble(code.ptx, target.name, code.cubin, messages))
    module.emitWarning("no cubin for `") << target.name << "`, only PTX: " << llvm::StringRef(messages).rtrim();
  return code;
}

} // namespace archc::cuda
