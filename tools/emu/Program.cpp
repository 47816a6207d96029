//===- Program.cpp - A GPU module on the host -----------------------------===//

#include "tools/emu/Program.h"

#include "tools/emu/Hooks.h"
#include "tools/emu/Mutate.h"
#include "tools/emu/Rewriting.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <map>

namespace archrt::emu {

using namespace llvm;

struct Program::State {
  EmulatorOptions options;
  LLVMContext *context = nullptr; // owned by `safeContext`
  orc::ThreadSafeContext safeContext;
  std::unique_ptr<Module> module;
  std::unique_ptr<TargetMachine> machine;
  std::unique_ptr<orc::LLJIT> jit;
  std::map<std::string, std::unique_ptr<Kernel>> compiled;
  std::string mutation;

  Status createJit();
  Result<std::unique_ptr<Module>> extract(const std::string &name, uint64_t number);
  void optimize(Module &kernelModule);
  Status compile(Kernel &kernel);
  Status addConstants(Kernel &kernel, const std::vector<std::pair<std::string, uint64_t>> &tables);
};

static Status failure(const char *what, Error error) {
  return environmentError("emulator: ", what, ": ", toString(std::move(error)));
}

// --- Loading ---------------------------------------------------------------------------------------------------------------

Program::Program(std::unique_ptr<State> state) : state(std::move(state)) {}
Program::~Program() = default;

const std::string &Program::mutation() const { return state->mutation; }

Status Program::State::createJit() {
  static bool initialized = (InitializeNativeTarget(), InitializeNativeTargetAsmPrinter(), true);
  (void)initialized;
  Expected<orc::JITTargetMachineBuilder> builder = orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return failure("no code for this host", builder.takeError());
  builder->setCodeGenOptLevel(CodeGenOptLevel::Default);
  Expected<std::unique_ptr<TargetMachine>> target = builder->createTargetMachine();
  if (!target)
    return failure("no code for this host", target.takeError());
  machine = std::move(*target);
  auto created = orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(*builder)).create();
  if (!created)
    return failure("no just-in-time compiler", created.takeError());
  jit = std::move(*created);
  orc::SymbolMap symbols;
  for (auto [name, address] : hookAddresses())
    symbols[jit->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address), JITSymbolFlags::Exported};
  if (Error error = jit->getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols))))
    return failure("hooks", std::move(error));
  return Status::success();
}

Result<std::unique_ptr<Program>> Program::load(ByteView code, const EmulatorOptions &options) {
  auto state = std::make_unique<State>();
  state->options = options;
  auto context = std::make_unique<LLVMContext>();
  state->context = context.get();
  state->safeContext = orc::ThreadSafeContext(std::move(context));
  SMDiagnostic diagnostic;
  std::unique_ptr<MemoryBuffer> buffer =
      MemoryBuffer::getMemBufferCopy(StringRef(reinterpret_cast<const char *>(code.data), code.size), "module");
  state->module = parseIR(buffer->getMemBufferRef(), diagnostic, *state->context);
  if (!state->module)
    return invalid("emulation code: ", diagnostic.getMessage().str(), " (line ", diagnostic.getLineNo(), ")");
  std::string problem;
  raw_string_ostream stream(problem);
  if (verifyModule(*state->module, &stream))
    return invalid("emulation code: ", problem);
  if (!state->module->getTargetTriple().isNVPTX())
    return invalid("emulation code for `", state->module->getTargetTriple().str(), "`; expected a module for NVPTX");
  if (options.mutation)
    state->mutation = mutate(*state->module, options.mutation);
  ARCHRT_TRY(state->createJit());
  return std::unique_ptr<Program>(new Program(std::move(state)));
}

std::vector<std::string> Program::kernels() const {
  std::vector<std::string> names;
  for (Function *function : kernelsOf(*state->module))
    names.push_back(function->getName().str());
  return names;
}

// --- Compiling -------------------------------------------------------------------------------------------------------------

/// A copy with this kernel alone, and nothing in it that another kernel's copy would define, too.
Result<std::unique_ptr<Module>> Program::State::extract(const std::string &name, uint64_t number) {
  ValueToValueMapTy map;
  std::unique_ptr<Module> copy = CloneModule(*module, map, [&](const GlobalValue *value) {
    auto *function = dyn_cast<Function>(value);
    return !function || function->getCallingConv() != CallingConv::PTX_Kernel || function->getName() == name;
  });
  copy->setDataLayout(machine->createDataLayout());
  copy->setTargetTriple(machine->getTargetTriple());
  for (Function &function : make_early_inc_range(*copy))
    if (function.use_empty() && function.isDeclaration())
      function.eraseFromParent();
  for (GlobalVariable &variable : make_early_inc_range(copy->globals())) {
    variable.removeDeadConstantUsers();
    if (variable.use_empty()) {
      variable.eraseFromParent();
      continue;
    }
    if (variable.getAddressSpace() == sharedSpace)
      continue;
    if (!variable.hasInitializer())
      return unavailable("kernel `", name, "`: global variable `", variable.getName().str(), "` is defined elsewhere");
    variable.setName("emu." + Twine(number) + "." + variable.getName());
    variable.setLinkage(GlobalValue::ExternalLinkage);
  }
  return copy;
}

void Program::State::optimize(Module &kernelModule) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(machine.get());
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O1).run(kernelModule, modules);
}

Status Program::State::addConstants(Kernel &kernel, const std::vector<std::pair<std::string, uint64_t>> &tables) {
  for (const auto &[name, bytes] : tables) {
    Expected<orc::ExecutorAddr> address = jit->lookup(name);
    if (!address)
      return failure("constants", address.takeError());
    kernel.constants.push_back({address->toPtr<const uint8_t *>(), bytes});
  }
  return Status::success();
}

Status Program::State::compile(Kernel &kernel) {
  uint64_t number = compiled.size();
  ARCHRT_ASSIGN(std::unique_ptr<Module> copy, extract(kernel.name, number));
  Function *function = copy->getFunction(kernel.name);
  std::string entry = "emu." + std::to_string(number) + ".entry";
  ARCHRT_TRY(Rewriting(*copy, kernel, options.checks).run(*function, entry));
  for (Function &other : make_early_inc_range(*copy))
    if (other.use_empty() && other.getName() != entry)
      other.eraseFromParent();
  std::string problem;
  raw_string_ostream stream(problem);
  if (verifyModule(*copy, &stream))
    return environmentError("emulator: kernel `", kernel.name, "` after rewriting: ", problem);
  std::vector<std::pair<std::string, uint64_t>> tables;
  for (GlobalVariable &variable : copy->globals())
    if (variable.hasExternalLinkage())
      tables.push_back({variable.getName().str(), copy->getDataLayout().getTypeAllocSize(variable.getValueType())});
  for (const auto &table : tables)
    copy->getNamedGlobal(table.first)->setVisibility(GlobalValue::DefaultVisibility);
  StripDebugInfo(*copy);
  optimize(*copy);
  if (Error error = jit->addIRModule(orc::ThreadSafeModule(std::move(copy), safeContext)))
    return failure("kernel", std::move(error));
  Expected<orc::ExecutorAddr> address = jit->lookup(entry);
  if (!address)
    return failure("kernel", address.takeError());
  kernel.entry = address->toPtr<void (*)(ThreadContext *)>();
  return addConstants(kernel, tables);
}

Result<const Kernel *> Program::kernel(const std::string &name) {
  if (auto found = state->compiled.find(name); found != state->compiled.end())
    return const_cast<const Kernel *>(found->second.get());
  Function *function = state->module->getFunction(name);
  if (!function || function->isDeclaration() || function->getCallingConv() != CallingConv::PTX_Kernel)
    return invalid("emulation code has no kernel `", name, "`");
  auto kernel = std::make_unique<Kernel>();
  kernel->name = name;
  ARCHRT_TRY(state->compile(*kernel));
  return const_cast<const Kernel *>((state->compiled[name] = std::move(kernel)).get());
}

} // namespace archrt::emu
