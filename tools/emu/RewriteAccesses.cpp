//===- RewriteAccesses.cpp - Calls of the checks before every access ------===//

#include "tools/emu/Hooks.h"
#include "tools/emu/Rewriting.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

#include <algorithm>

namespace archrt::emu {

using namespace llvm;

Rewriting::Origin Rewriting::originOf(Value *address, uint32_t size) const {
  const DataLayout &layout = module.getDataLayout();
  APInt offset(layout.getIndexTypeSizeInBits(address->getType()), 0);
  const Value *base = address->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
  if (auto *local = dyn_cast<AllocaInst>(base))
    if (auto bytes = local->getAllocationSize(layout);
        bytes && !offset.isNegative() && offset.getActiveBits() < 32 && offset.getZExtValue() + size <= bytes->getFixedValue())
      return {Access::unknownObject, Origin::Local};
  SmallVector<const Value *, 4> objects;
  getUnderlyingObjects(address, objects, /*LI=*/nullptr, /*MaxLookup=*/0);
  bool isShared = address->getType()->getPointerAddressSpace() == sharedSpace;
  Origin unknown{Access::unknownObject, isShared ? Origin::Shared : Origin::Unknown};
  if (objects.size() != 1)
    return unknown;
  if (auto *argument = dyn_cast<Argument>(objects.front()); argument && argument->getArgNo() > 0)
    return {argument->getArgNo() - 1, Origin::Operand};
  if (auto *variable = dyn_cast<GlobalVariable>(objects.front()))
    if (auto found = sharedIndex.find(variable); found != sharedIndex.end())
      return {found->second, Origin::Shared};
  return unknown;
}

Value *Rewriting::generic(Builder &builder, Value *address) {
  return address->getType()->getPointerAddressSpace() ? builder.CreateAddrSpaceCast(address, builder.getPtrTy()) : address;
}

Status Rewriting::checkAccess(Instruction &instruction, Value *address, Access access) {
  // The lowest bit set in size, alignment and 4: what divides them all.
  uint32_t bits = access.size | access.alignment | 4;
  kernel.granule = std::min(kernel.granule, bits & -bits);
  if (access.size > Access::mostBytes)
    return invalid("kernel `", kernel.name, "`: an access of ", access.size, " bytes; expected at most ", Access::mostBytes);
  if (!checks)
    return Status::success();
  Origin origin = originOf(address, access.size);
  if (origin.kind == Origin::Local)
    return Status::success();
  access.object = origin.object;
  const char *name = origin.kind == Origin::Operand ? hook::global : origin.kind == Origin::Shared ? hook::shared : hook::access;
  Builder builder(&instruction);
  builder.SetCurrentDebugLocation(instruction.getDebugLoc());
  FunctionCallee callee = hook(name, builder.getVoidTy(), {builder.getPtrTy(), builder.getPtrTy(), builder.getInt64Ty()});
  // Only the emulator's own state: loads and stores may move over it, up to the next barrier.
  cast<Function>(callee.getCallee())->setOnlyAccessesInaccessibleMemory();
  cast<Function>(callee.getCallee())->setNotConvergent();
  builder.CreateCall(callee, {function->getArg(0), generic(builder, address), builder.getInt64(access.pack())});
  return Status::success();
}

void Rewriting::checkRange(Instruction &instruction, Value *address, Access access) {
  kernel.granule = 1;
  if (!checks)
    return;
  Builder builder(&instruction);
  access.site = addSite(instruction, access.kind == AccessKind::Read ? "copy from memory" : "copy or fill of memory");
  access.object = originOf(address, 0).object;
  FunctionCallee callee = hook(hook::range, builder.getVoidTy(),
                               {builder.getPtrTy(), builder.getPtrTy(), builder.getInt64Ty(), builder.getInt64Ty()});
  Value *length = builder.CreateZExtOrTrunc(cast<MemIntrinsic>(instruction).getLength(), builder.getInt64Ty());
  builder.CreateCall(callee, {function->getArg(0), generic(builder, address), length, builder.getInt64(access.pack())});
}

static std::string describe(const char *what, uint32_t bytes) {
  return std::string(what) + " of " + std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

Status Rewriting::rewriteAccess(Instruction &instruction) {
  const DataLayout &layout = module.getDataLayout();
  Access access;
  if (auto *load = dyn_cast<LoadInst>(&instruction)) {
    access.size = uint32_t(layout.getTypeStoreSize(load->getType()).getFixedValue());
    access.alignment = uint32_t(load->getAlign().value());
    access.site = addSite(instruction, describe("load", access.size));
    ARCHRT_TRY(checkAccess(instruction, load->getPointerOperand(), access));
    // The host's code may not rely on what only the check knows to be so.
    if (!load->isAtomic())
      load->setAlignment(Align(1));
  } else if (auto *store = dyn_cast<StoreInst>(&instruction)) {
    access.size = uint32_t(layout.getTypeStoreSize(store->getValueOperand()->getType()).getFixedValue());
    access.alignment = uint32_t(store->getAlign().value());
    access.kind = AccessKind::Write;
    access.site = addSite(instruction, describe("store", access.size));
    ARCHRT_TRY(checkAccess(instruction, store->getPointerOperand(), access));
    if (!store->isAtomic())
      store->setAlignment(Align(1));
  } else if (isa<AtomicRMWInst, AtomicCmpXchgInst>(instruction)) {
    Value *address = instruction.getOperand(0);
    Type *type = instruction.getOperand(1)->getType();
    access.size = access.alignment = uint32_t(layout.getTypeStoreSize(type).getFixedValue());
    access.kind = AccessKind::Atomic;
    access.site = addSite(instruction, describe("atomic", access.size));
    ARCHRT_TRY(checkAccess(instruction, address, access));
  } else if (auto *range = dyn_cast<MemIntrinsic>(&instruction)) {
    access.alignment = uint32_t(range->getDestAlign().valueOrOne().value());
    access.kind = AccessKind::Write;
    checkRange(instruction, range->getRawDest(), access);
    range->setDestAlignment(Align(1));
    if (auto *copy = dyn_cast<MemTransferInst>(range)) {
      access.alignment = uint32_t(copy->getSourceAlign().valueOrOne().value());
      access.kind = AccessKind::Read;
      checkRange(instruction, copy->getRawSource(), access);
      copy->setSourceAlignment(Align(1));
    }
  }
  return Status::success();
}

Status Rewriting::rewriteAccesses() {
  SmallVector<Instruction *> all;
  for (Instruction &instruction : instructions(*function))
    if (isa<LoadInst, StoreInst, AtomicRMWInst, AtomicCmpXchgInst, MemIntrinsic>(instruction))
      all.push_back(&instruction);
  for (Instruction *instruction : all)
    ARCHRT_TRY(rewriteAccess(*instruction));
  return Status::success();
}

} // namespace archrt::emu
