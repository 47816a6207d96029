//===- RewriteCollectives.cpp - Intrinsics: warps and asynchronous copies -===//

#include "tools/emu/Collectives.h"
#include "tools/emu/Hooks.h"
#include "tools/emu/Rewriting.h"

#include "llvm/ADT/StringSwitch.h"

namespace archrt::emu {

using namespace llvm;

constexpr int notOne = -1;
constexpr uint32_t allLanes = 0xFFFFFFFF;

// --- Slots of 8 bytes ------------------------------------------------------------------------------------------------------

Value *Rewriting::toSlot(Builder &builder, Value *value) {
  Type *type = value->getType();
  if (type->isPointerTy())
    return builder.CreatePtrToInt(generic(builder, value), builder.getInt64Ty());
  if (!type->isIntegerTy())
    value = builder.CreateBitCast(value, builder.getIntNTy(unsigned(type->getPrimitiveSizeInBits())));
  return builder.CreateZExt(value, builder.getInt64Ty());
}

Value *Rewriting::fromSlot(Builder &builder, uint32_t slot, Type *type) {
  Value *value =
      builder.CreateLoad(builder.getInt64Ty(), builder.CreateConstInBoundsGEP1_32(builder.getInt64Ty(), slotsOut, slot));
  value = builder.CreateTrunc(value, builder.getIntNTy(unsigned(type->getPrimitiveSizeInBits())));
  return builder.CreateBitCast(value, type);
}

void Rewriting::callCollective(CallInst &call, uint32_t op, ArrayRef<Value *> arguments) {
  Builder builder(&call);
  uint32_t slot = 0;
  for (Value *argument : arguments)
    builder.CreateStore(toSlot(builder, argument), builder.CreateConstInBoundsGEP1_32(builder.getInt64Ty(), slotsIn, slot++));
  bool hasMask = op <= uint32_t(CollectiveOp::VoteBallot);
  Value *mask = hasMask ? arguments.front() : builder.getInt32(allLanes);
  std::string name = call.getCalledFunction()->getName().str();
  uint64_t site = addSite(call, "`" + name.substr(sizeof("llvm.nvvm.") - 1) + "`");
  // The lanes that are together find out who they are; the caller's own bit is all that it knows.
  if (op == uint32_t(CollectiveOp::ActiveMask))
    mask = builder.getInt32(allLanes);
  Type *pointer = builder.getPtrTy();
  FunctionCallee callee =
      hook(hook::collective, builder.getVoidTy(), {pointer, builder.getInt64Ty(), builder.getInt32Ty(), pointer, pointer});
  builder.CreateCall(callee, {function->getArg(0), builder.getInt64(uint64_t(op) << 32 | site), mask, slotsIn, slotsOut});
  if (auto *type = dyn_cast<StructType>(call.getType())) {
    Value *whole = PoisonValue::get(type);
    for (unsigned i = 0; i < type->getNumElements(); ++i)
      whole = builder.CreateInsertValue(whole, fromSlot(builder, i, type->getElementType(i)), i);
    call.replaceAllUsesWith(whole);
  } else if (!call.getType()->isVoidTy()) {
    call.replaceAllUsesWith(fromSlot(builder, 0, call.getType()));
  }
  call.eraseFromParent();
}

// --- Which intrinsic is which ----------------------------------------------------------------------------------------------

static int collectiveOf(StringRef name) {
  return StringSwitch<int>(name)
      .Case("bar.warp.sync", int(CollectiveOp::WarpBarrier))
      .Cases({"shfl.sync.up.f32", "shfl.sync.up.i32", "shfl.sync.up.f32p", "shfl.sync.up.i32p"}, int(CollectiveOp::ShuffleUp))
      .Cases({"shfl.sync.down.f32", "shfl.sync.down.i32", "shfl.sync.down.f32p", "shfl.sync.down.i32p"},
             int(CollectiveOp::ShuffleDown))
      .Cases({"shfl.sync.bfly.f32", "shfl.sync.bfly.i32", "shfl.sync.bfly.f32p", "shfl.sync.bfly.i32p"},
             int(CollectiveOp::ShuffleButterfly))
      .Cases({"shfl.sync.idx.f32", "shfl.sync.idx.i32", "shfl.sync.idx.f32p", "shfl.sync.idx.i32p"},
             int(CollectiveOp::ShuffleIndex))
      .Case("vote.all.sync", int(CollectiveOp::VoteAll))
      .Case("vote.any.sync", int(CollectiveOp::VoteAny))
      .Case("vote.uni.sync", int(CollectiveOp::VoteUniform))
      .Case("vote.ballot.sync", int(CollectiveOp::VoteBallot))
      .Case("activemask", int(CollectiveOp::ActiveMask))
      .Case("mma.m16n8k8.row.col.tf32", int(CollectiveOp::MmaTf32))
      .Case("mma.m16n8k16.row.col.f32.f32", int(CollectiveOp::MmaHalf))
      .Case("mma.m16n8k16.row.col.bf16", int(CollectiveOp::MmaBfloat))
      .Case("mma.m16n8k8.row.col.bf16", int(CollectiveOp::MmaBfloatK8))
      .Default(notOne);
}

bool Rewriting::rewriteCollective(CallInst &call, StringRef name) {
  int op = collectiveOf(name);
  if (op == notOne)
    return false;
  callCollective(call, uint32_t(op), SmallVector<Value *>(call.args()));
  return true;
}

bool Rewriting::rewriteLoadMatrix(CallInst &call, StringRef name) {
  if (!name.consume_front("ldmatrix.sync.aligned.m8n8."))
    return false;
  int op = StringSwitch<int>(name.take_until([](char c) { return c == 'p'; }))
               .Case("x1.b16.", int(CollectiveOp::LoadMatrix1))
               .Case("x2.b16.", int(CollectiveOp::LoadMatrix2))
               .Case("x4.b16.", int(CollectiveOp::LoadMatrix4))
               .Case("x1.trans.b16.", int(CollectiveOp::LoadMatrixTransposed1))
               .Case("x2.trans.b16.", int(CollectiveOp::LoadMatrixTransposed2))
               .Case("x4.trans.b16.", int(CollectiveOp::LoadMatrixTransposed4))
               .Default(notOne);
  if (op == notOne)
    return false;
  Access row;
  row.size = row.alignment = 16;
  row.site = addSite(call, "row of `ldmatrix`");
  Origin origin = originOf(call.getArgOperand(0), row.size);
  row.object = origin.kind == Origin::Shared ? origin.object : Access::unknownObject;
  Builder builder(&call);
  callCollective(call, uint32_t(op), {call.getArgOperand(0), builder.getInt64(checks ? row.pack() : 0)});
  return true;
}

// --- cp.async --------------------------------------------------------------------------------------------------------------

static uint32_t copiedBytes(StringRef name) {
  return StringSwitch<uint32_t>(name)
      .Cases({"cp.async.ca.shared.global.4", "cp.async.ca.shared.global.4.s"}, 4)
      .Cases({"cp.async.ca.shared.global.8", "cp.async.ca.shared.global.8.s"}, 8)
      .Cases({"cp.async.ca.shared.global.16", "cp.async.ca.shared.global.16.s"}, 16)
      .Cases({"cp.async.cg.shared.global.16", "cp.async.cg.shared.global.16.s"}, 16)
      .Default(0);
}

bool Rewriting::rewriteCopy(CallInst &call, StringRef name) {
  Builder builder(&call);
  Type *pointer = builder.getPtrTy(), *number = builder.getInt64Ty(), *nothing = builder.getVoidTy();
  Value *thread = function->getArg(0);
  if (uint32_t bytes = copiedBytes(name)) {
    Access write, read;
    write.size = write.alignment = read.size = read.alignment = bytes;
    write.kind = AccessKind::Write;
    write.site = read.site = addSite(call, "`cp.async` of " + std::to_string(bytes) + " bytes");
    Origin to = originOf(call.getArgOperand(0), bytes), from = originOf(call.getArgOperand(1), bytes);
    write.object = to.kind == Origin::Shared ? to.object : Access::unknownObject;
    read.object = from.object;
    Value *copied = call.arg_size() > 2 ? builder.CreateZExt(call.getArgOperand(2), number) : builder.getInt64(bytes);
    Value *sizes = builder.CreateOr(builder.CreateShl(copied, 32), bytes);
    auto *accesses = ConstantDataArray::get(context, ArrayRef<uint64_t>({write.pack(), read.pack()}));
    auto *table = new GlobalVariable(module, accesses->getType(), /*isConstant=*/true, GlobalValue::PrivateLinkage, accesses);
    builder.CreateCall(hook(hook::copyAsync, nothing, {pointer, pointer, pointer, number, pointer}),
                       {thread, generic(builder, call.getArgOperand(0)), generic(builder, call.getArgOperand(1)), sizes, table});
  } else if (name == "cp.async.commit.group") {
    builder.CreateCall(hook(hook::copyCommit, nothing, {pointer}), {thread});
  } else if (name == "cp.async.wait.group" || name == "cp.async.wait.all") {
    // wait_all also waits for what was never committed.
    bool waitsForAll = name == "cp.async.wait.all";
    if (waitsForAll)
      builder.CreateCall(hook(hook::copyCommit, nothing, {pointer}), {thread});
    Value *mayStay = waitsForAll ? builder.getInt32(0) : call.getArgOperand(0);
    builder.CreateCall(hook(hook::copyWait, nothing, {pointer, builder.getInt32Ty()}), {thread, mayStay});
  } else {
    return false;
  }
  call.eraseFromParent();
  return true;
}

} // namespace archrt::emu
