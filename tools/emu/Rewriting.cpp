//===- Rewriting.cpp - A GPU kernel becomes a host function ---------------===//

#include "tools/emu/Rewriting.h"

#include "tools/emu/Block.h"
#include "tools/emu/Hooks.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <algorithm>
#include <cstddef>

namespace archrt::emu {

using namespace llvm;

constexpr uint32_t leastStackBytes = 64 * 1024;

std::vector<Function *> kernelsOf(Module &module) {
  std::vector<Function *> kernels;
  for (Function &function : module)
    if (function.getCallingConv() == CallingConv::PTX_Kernel && !function.isDeclaration())
      kernels.push_back(&function);
  return kernels;
}

// --- Sites -----------------------------------------------------------------------------------------------------------------

static std::string locationOf(const Instruction &instruction) {
  const DILocation *location = instruction.getDebugLoc();
  std::string text;
  for (; location; location = location->getInlinedAt()) {
    if (!text.empty())
      text += ", inlined at ";
    text += location->getFilename().str();
    if (location->getLine() > 0)
      text += ":" + std::to_string(location->getLine());
    if (const DISubprogram *scope = location->getScope()->getSubprogram(); scope && !scope->getName().empty())
      text += " (" + scope->getName().str() + ")";
  }
  return text;
}

uint32_t Rewriting::addSite(const Instruction &instruction, std::string what) {
  kernel.sites.push_back({std::move(what), locationOf(instruction)});
  return uint32_t(kernel.sites.size() - 1);
}

// --- The frame -------------------------------------------------------------------------------------------------------------

FunctionCallee Rewriting::hook(const char *name, Type *result, ArrayRef<Type *> arguments) {
  FunctionCallee callee = module.getOrInsertFunction(name, FunctionType::get(result, arguments, /*isVarArg=*/false));
  auto *declared = cast<Function>(callee.getCallee());
  declared->setDoesNotThrow();
  // Which lanes come together depends on where the call stands.
  declared->setConvergent();
  return callee;
}

Value *Rewriting::readThread(Builder &builder, uint64_t offset, Type *type) {
  Value *address = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), function->getArg(0), offset);
  LoadInst *load = builder.CreateLoad(type, address);
  load->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context, {}));
  return load;
}

Status Rewriting::inlineCalls(Function &gpuKernel) {
  for (uint32_t round = 0; round < 64; ++round) {
    SmallVector<CallInst *> calls;
    for (Instruction &instruction : instructions(gpuKernel))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (Function *callee = call->getCalledFunction(); callee && !callee->isDeclaration())
          calls.push_back(call);
    if (calls.empty())
      return Status::success();
    for (CallInst *call : calls) {
      InlineFunctionInfo info;
      std::string name = call->getCalledFunction()->getName().str();
      if (InlineResult result = InlineFunction(*call, info); !result.isSuccess())
        return invalid("kernel `", kernel.name, "`: function `", name, "` cannot be inlined: ", result.getFailureReason());
    }
  }
  return invalid("kernel `", kernel.name, "` calls a function that calls itself; the emulator runs kernels without calls only");
}

Status Rewriting::checkParameters(const Function &gpuKernel) {
  for (const Argument &argument : gpuKernel.args()) {
    bool isPointer = argument.getType()->isPointerTy();
    if (argument.hasByValAttr() || !(isPointer || argument.getType()->isIntegerTy(64)) || (isPointer && kernel.scalars > 0))
      return invalid("kernel `", kernel.name, "`, parameter ", argument.getArgNo(),
                     ": expected pointers, then the batch and the extent as i64");
    ++(isPointer ? kernel.pointers : kernel.scalars);
  }
  if (kernel.scalars > 2)
    return invalid("kernel `", kernel.name, "` has ", kernel.scalars, " numbers as parameters; expected at most 2");
  return Status::success();
}

void Rewriting::takeBody(Function &gpuKernel) {
  SmallVector<Type *> types = {PointerType::get(context, 0)};
  for (Argument &argument : gpuKernel.args())
    types.push_back(argument.getType());
  auto *type = FunctionType::get(Type::getVoidTy(context), types, /*isVarArg=*/false);
  // Without the kernel's attributes: nothing may be optimised on the strength of promises that the checks are there to verify.
  function = Function::Create(type, GlobalValue::InternalLinkage, "body", module);
  function->splice(function->begin(), &gpuKernel);
  function->setSubprogram(gpuKernel.getSubprogram());
  gpuKernel.setSubprogram(nullptr);
  for (Argument &argument : gpuKernel.args())
    argument.replaceAllUsesWith(function->getArg(argument.getArgNo() + 1));
  Builder builder(&*function->getEntryBlock().begin());
  constexpr unsigned slots = 16;
  slotsIn = builder.CreateAlloca(ArrayType::get(builder.getInt64Ty(), slots));
  slotsOut = builder.CreateAlloca(ArrayType::get(builder.getInt64Ty(), slots));
}

// --- Shared memory ---------------------------------------------------------------------------------------------------------

Status Rewriting::layOutShared() {
  const DataLayout &layout = module.getDataLayout();
  SmallVector<Constant *> constants;
  SmallVector<GlobalVariable *> dynamic;
  for (GlobalVariable &variable : module.globals()) {
    if (variable.getAddressSpace() != sharedSpace)
      continue;
    constants.push_back(&variable);
    uint64_t bytes = layout.getTypeAllocSize(variable.getValueType());
    if (bytes == 0) {
      dynamic.push_back(&variable);
      continue;
    }
    uint64_t alignment = layout.getValueOrABITypeAlignment(variable.getAlign(), variable.getValueType()).value();
    kernel.staticShared = uint32_t(alignTo(kernel.staticShared, alignment));
    sharedIndex[&variable] = uint32_t(kernel.shared.size());
    kernel.shared.push_back({kernel.staticShared, uint32_t(bytes), /*isDynamic=*/false});
    kernel.staticShared += uint32_t(bytes);
  }
  // All dynamic ones are the same memory.
  for (GlobalVariable *variable : dynamic)
    kernel.staticShared =
        uint32_t(alignTo(kernel.staticShared, std::max<uint64_t>(16, variable->getAlign().valueOrOne().value())));
  for (GlobalVariable *variable : dynamic) {
    sharedIndex[variable] = uint32_t(kernel.shared.size());
    kernel.shared.push_back({kernel.staticShared, 0, /*isDynamic=*/true});
  }
  convertUsersOfConstantsToInstructions(constants);
  if (kernel.shared.size() >= Access::unknownObject)
    return invalid("kernel `", kernel.name, "` has too many shared variables");
  return Status::success();
}

void Rewriting::replaceShared() {
  // Calls of hooks take constant expressions of them.
  SmallVector<Constant *> constants;
  for (auto [variable, index] : sharedIndex)
    constants.push_back(const_cast<GlobalVariable *>(variable));
  convertUsersOfConstantsToInstructions(constants);
  Builder builder(&*function->getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  Value *base = nullptr;
  for (auto [variable, index] : sharedIndex) {
    auto *global = const_cast<GlobalVariable *>(variable);
    if (!base)
      base = builder.CreateAddrSpaceCast(readThread(builder, offsetof(ThreadContext, shared), builder.getPtrTy()),
                                         builder.getPtrTy(sharedSpace));
    Value *address = builder.CreateConstGEP1_32(builder.getInt8Ty(), base, kernel.shared[index].offset);
    global->removeDeadConstantUsers();
    global->replaceAllUsesWith(address);
    global->eraseFromParent();
  }
}

// --- Fuel, entry -----------------------------------------------------------------------------------------------------------

void Rewriting::burnFuel() {
  DominatorTree tree(*function);
  LoopInfo loops(tree);
  SmallVector<Instruction *> latches;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    SmallVector<BasicBlock *> blocks;
    loop->getLoopLatches(blocks);
    for (BasicBlock *block : blocks)
      if (!is_contained(latches, block->getTerminator()))
        latches.push_back(block->getTerminator());
  }
  Type *pointer = PointerType::get(context, 0);
  for (Instruction *latch : latches) {
    Builder builder(latch);
    Value *address = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), function->getArg(0), offsetof(ThreadContext, fuel));
    Value *left = builder.CreateSub(builder.CreateLoad(builder.getInt64Ty(), address), builder.getInt64(1));
    builder.CreateStore(left, address);
    Instruction *empty = SplitBlockAndInsertIfThen(builder.CreateICmpSLT(left, builder.getInt64(0)), latch, /*Unreachable=*/true);
    builder.SetInsertPoint(empty);
    builder.CreateCall(hook(hook::fuel, builder.getVoidTy(), {pointer, builder.getInt32Ty()}),
                       {function->getArg(0), builder.getInt32(addSite(*latch, "loop"))});
  }
}

void Rewriting::makeEntry(const std::string &name) {
  auto *type = FunctionType::get(Type::getVoidTy(context), {PointerType::get(context, 0)}, /*isVarArg=*/false);
  Function *entry = Function::Create(type, GlobalValue::ExternalLinkage, name, module);
  Builder builder(BasicBlock::Create(context, "", entry));
  Value *arguments =
      builder.CreateLoad(builder.getPtrTy(), builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), entry->getArg(0),
                                                                                offsetof(ThreadContext, arguments)));
  SmallVector<Value *> values = {entry->getArg(0)};
  for (uint32_t i = 0; i < kernel.pointers + kernel.scalars; ++i) {
    Value *address = builder.CreateConstInBoundsGEP1_32(builder.getInt64Ty(), arguments, i);
    values.push_back(builder.CreateLoad(function->getArg(i + 1)->getType(), address));
  }
  builder.CreateCall(function, values);
  builder.CreateRetVoid();
}

Status Rewriting::run(Function &gpuKernel, const std::string &entry) {
  ARCHRT_TRY(inlineCalls(gpuKernel));
  ARCHRT_TRY(checkParameters(gpuKernel));
  takeBody(gpuKernel);
  ARCHRT_TRY(layOutShared());
  ARCHRT_TRY(rewriteAccesses());
  ARCHRT_TRY(rewriteCalls());
  replaceShared();
  burnFuel();
  makeEntry(entry);
  gpuKernel.eraseFromParent();
  kernel.stackBytes = leastStackBytes;
  const DataLayout &layout = module.getDataLayout();
  for (Instruction &instruction : function->getEntryBlock())
    if (auto *local = dyn_cast<AllocaInst>(&instruction))
      if (auto bytes = local->getAllocationSize(layout))
        kernel.stackBytes += uint32_t(bytes->getFixedValue());
  if (kernel.sites.size() > Access::mostSites)
    return invalid("kernel `", kernel.name, "` has ", kernel.sites.size(), " accesses; expected at most ", Access::mostSites);
  return Status::success();
}

} // namespace archrt::emu
