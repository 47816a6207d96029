//===- RewriteCalls.cpp - Intrinsics: registers, barriers, arithmetic -----===//

#include "tools/emu/Block.h"
#include "tools/emu/Hooks.h"
#include "tools/emu/Rewriting.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Intrinsics.h"

#include <cstddef>

namespace archrt::emu {

using namespace llvm;

static bool isKept(Intrinsic::ID id) {
  switch (id) {
  case Intrinsic::fma:
  case Intrinsic::fabs:
  case Intrinsic::sqrt:
  case Intrinsic::copysign:
  case Intrinsic::minnum:
  case Intrinsic::maxnum:
  case Intrinsic::minimum:
  case Intrinsic::maximum:
  case Intrinsic::floor:
  case Intrinsic::ceil:
  case Intrinsic::trunc:
  case Intrinsic::rint:
  case Intrinsic::nearbyint:
  case Intrinsic::roundeven:
  case Intrinsic::canonicalize:
  case Intrinsic::is_fpclass:
  case Intrinsic::smin:
  case Intrinsic::smax:
  case Intrinsic::umin:
  case Intrinsic::umax:
  case Intrinsic::abs:
  case Intrinsic::ctpop:
  case Intrinsic::ctlz:
  case Intrinsic::cttz:
  case Intrinsic::bswap:
  case Intrinsic::bitreverse:
  case Intrinsic::fshl:
  case Intrinsic::fshr:
  case Intrinsic::uadd_sat:
  case Intrinsic::usub_sat:
  case Intrinsic::sadd_sat:
  case Intrinsic::ssub_sat:
  case Intrinsic::fptosi_sat:
  case Intrinsic::fptoui_sat:
  case Intrinsic::umul_with_overflow:
  case Intrinsic::smul_with_overflow:
  case Intrinsic::uadd_with_overflow:
  case Intrinsic::sadd_with_overflow:
  case Intrinsic::usub_with_overflow:
  case Intrinsic::ssub_with_overflow:
  case Intrinsic::vector_reduce_fadd:
  case Intrinsic::vector_reduce_fmul:
  case Intrinsic::vector_reduce_fmax:
  case Intrinsic::vector_reduce_fmin:
  case Intrinsic::vector_reduce_add:
  case Intrinsic::vector_reduce_and:
  case Intrinsic::vector_reduce_or:
  case Intrinsic::vector_reduce_xor:
  case Intrinsic::memcpy:
  case Intrinsic::memcpy_inline:
  case Intrinsic::memmove:
  case Intrinsic::memset:
  case Intrinsic::memset_inline:
  case Intrinsic::expect:
    return true;
  default:
    return false;
  }
}

/// Promises to the optimiser and notes about lifetimes: nothing to execute, and not to be relied on.
static bool isDropped(Intrinsic::ID id) {
  switch (id) {
  case Intrinsic::assume:
  case Intrinsic::lifetime_start:
  case Intrinsic::lifetime_end:
  case Intrinsic::invariant_start:
  case Intrinsic::invariant_end:
  case Intrinsic::experimental_noalias_scope_decl:
  case Intrinsic::prefetch:
    return true;
  default:
    return false;
  }
}

// --- Registers -------------------------------------------------------------------------------------------------------------

bool Rewriting::rewriteRegister(CallInst &call, StringRef name) {
  if (!name.consume_front("read.ptx.sreg."))
    return false;
  int64_t offset = StringSwitch<int64_t>(name.drop_back(2))
                       .Case("tid", offsetof(ThreadContext, threadIndex))
                       .Case("ntid", offsetof(ThreadContext, blockSize))
                       .Case("ctaid", offsetof(ThreadContext, blockIndex))
                       .Case("nctaid", offsetof(ThreadContext, gridSize))
                       .Default(-1);
  Builder builder(&call);
  Type *word = builder.getInt32Ty();
  Value *value = nullptr;
  if (offset >= 0 && name.back() >= 'x' && name.back() <= 'z')
    value = readThread(builder, uint64_t(offset) + 4 * uint64_t(name.back() - 'x'), word);
  else if (name == "laneid")
    value = readThread(builder, offsetof(ThreadContext, lane), word);
  else if (name == "warpid")
    value = readThread(builder, offsetof(ThreadContext, warp), word);
  else if (name == "warpsize")
    value = builder.getInt32(32);
  if (!value)
    return false;
  call.replaceAllUsesWith(value);
  call.eraseFromParent();
  return true;
}

// --- Barriers --------------------------------------------------------------------------------------------------------------

bool Rewriting::rewriteBarrier(CallInst &call, StringRef name) {
  if (!name.consume_front("barrier.cta."))
    return false;
  auto how = StringSwitch<int>(name)
                 .Cases({"sync.aligned.all", "sync.all"}, int(BarrierResult::None))
                 .Cases({"red.popc.aligned.all", "red.popc.all"}, int(BarrierResult::Count))
                 .Cases({"red.and.aligned.all", "red.and.all"}, int(BarrierResult::And))
                 .Cases({"red.or.aligned.all", "red.or.all"}, int(BarrierResult::Or))
                 .Default(-1);
  if (how < 0)
    return false;
  Builder builder(&call);
  Type *word = builder.getInt32Ty(), *bit = builder.getInt1Ty();
  FunctionCallee callee = hook(hook::barrier, word, {builder.getPtrTy(), word, word, word, bit});
  Value *predicate = call.arg_size() > 1 ? call.getArgOperand(1) : builder.getFalse();
  Value *result = builder.CreateCall(callee, {function->getArg(0), builder.getInt32(addSite(call, "barrier")),
                                              call.getArgOperand(0), builder.getInt32(uint32_t(how)), predicate});
  if (!call.getType()->isVoidTy())
    call.replaceAllUsesWith(builder.CreateTrunc(result, call.getType()));
  call.eraseFromParent();
  return true;
}

// --- Arithmetic that rounds as the host's does -----------------------------------------------------------------------------

bool Rewriting::rewriteMath(CallInst &call, StringRef name) {
  Builder builder(&call);
  auto argument = [&](unsigned i) { return call.getArgOperand(i); };
  Intrinsic::ID id = StringSwitch<Intrinsic::ID>(name)
                         .Cases({"fma.rn.f", "fma.rn.d"}, Intrinsic::fma)
                         .Cases({"sqrt.rn.f", "sqrt.rn.d"}, Intrinsic::sqrt)
                         .Cases({"fmin.f", "fmin.d"}, Intrinsic::minnum)
                         .Cases({"fmax.f", "fmax.d"}, Intrinsic::maxnum)
                         .Cases({"fmin.nan.f"}, Intrinsic::minimum)
                         .Cases({"fmax.nan.f"}, Intrinsic::maximum)
                         .Cases({"floor.f", "floor.d"}, Intrinsic::floor)
                         .Cases({"ceil.f", "ceil.d"}, Intrinsic::ceil)
                         .Cases({"trunc.f", "trunc.d"}, Intrinsic::trunc)
                         .Cases({"round.f", "round.d"}, Intrinsic::roundeven)
                         .Case("fabs", Intrinsic::fabs)
                         .Default(Intrinsic::not_intrinsic);
  Value *value = nullptr;
  if (id != Intrinsic::not_intrinsic)
    value = builder.CreateIntrinsic(call.getType(), id, SmallVector<Value *>(call.args()));
  else if (name == "div.rn.f" || name == "div.rn.d")
    value = builder.CreateFDiv(argument(0), argument(1));
  else if (name == "rcp.rn.f" || name == "rcp.rn.d")
    value = builder.CreateFDiv(ConstantFP::get(call.getType(), 1.0), argument(0));
  else if (name == "add.rn.f" || name == "add.rn.d")
    value = builder.CreateFAdd(argument(0), argument(1));
  else if (name == "mul.rn.f" || name == "mul.rn.d")
    value = builder.CreateFMul(argument(0), argument(1));
  if (!value)
    return false;
  call.replaceAllUsesWith(value);
  call.eraseFromParent();
  return true;
}

// --- All calls -------------------------------------------------------------------------------------------------------------

Status Rewriting::rewriteNvvm(CallInst &call, StringRef name) {
  if (rewriteRegister(call, name) || rewriteBarrier(call, name) || rewriteMath(call, name) || rewriteCollective(call, name) ||
      rewriteLoadMatrix(call, name) || rewriteCopy(call, name))
    return Status::success();
  // Host threads that run blocks share memory in a stronger order than any fence asks for.
  if (name.starts_with("membar.")) {
    call.eraseFromParent();
    return Status::success();
  }
  return unavailable("kernel `", kernel.name, "`: the emulator does not know `", call.getCalledFunction()->getName().str(), "`");
}

Status Rewriting::rewriteCall(CallInst &call) {
  if (auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand()))
    return unavailable("kernel `", kernel.name, "`: the emulator does not know the inline assembly `",
                       std::string(assembly->getAsmString()), "`");
  Function *callee = call.getCalledFunction();
  if (!callee)
    return unavailable("kernel `", kernel.name, "`: a call through a pointer; the emulator runs kernels without calls only");
  StringRef name = callee->getName();
  if (name.starts_with("archemu_"))
    return Status::success();
  if (name.consume_front("llvm.nvvm."))
    return rewriteNvvm(call, name);
  Intrinsic::ID id = callee->getIntrinsicID();
  if (isDropped(id)) {
    call.eraseFromParent();
    return Status::success();
  }
  // NVPTX makes one instruction of it, and so has the host to, whatever it finds faster.
  if (id == Intrinsic::fmuladd) {
    Builder builder(&call);
    call.replaceAllUsesWith(builder.CreateIntrinsic(call.getType(), Intrinsic::fma, SmallVector<Value *>(call.args()), &call));
    call.eraseFromParent();
    return Status::success();
  }
  if (isKept(id))
    return Status::success();
  return unavailable("kernel `", kernel.name, "`: the emulator does not know `", callee->getName().str(), "`");
}

Status Rewriting::rewriteCalls() {
  SmallVector<CallInst *> calls;
  for (Instruction &instruction : instructions(*function))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      calls.push_back(call);
  for (CallInst *call : calls)
    ARCHRT_TRY(rewriteCall(*call));
  return Status::success();
}

} // namespace archrt::emu
