//===- Mutate.cpp - Puts one fault into a GPU module ----------------------===//

#include "tools/emu/Mutate.h"

#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

#include <map>
#include <random>

namespace archrt::emu {

using namespace llvm;

const char *mutationName(MutationKind kind) {
  switch (kind) {
  case MutationKind::DropBarrier:
    return "drop a barrier";
  case MutationKind::DropWait:
    return "drop a wait";
  case MutationKind::ShiftIndex:
    return "shift an index";
  case MutationKind::WidenBound:
    return "widen a bound";
  case MutationKind::NarrowBound:
    return "narrow a bound";
  case MutationKind::SwapOperands:
    return "swap operands";
  case MutationKind::ForgetZero:
    return "forget a zero";
  case MutationKind::HalveMask:
    return "halve a mask";
  }
  return "";
}

// --- Places ----------------------------------------------------------------------------------------------------------------

static void addCallSites(CallInst &call, std::vector<MutationSite> &sites) {
  StringRef name = call.getCalledFunction() ? call.getCalledFunction()->getName() : "";
  if (!name.consume_front("llvm.nvvm."))
    return;
  bool isShuffle = name.starts_with("shfl.sync."), isMma = name.starts_with("mma.");
  if (name.starts_with("barrier.cta.sync.") || name == "bar.warp.sync")
    sites.push_back({MutationKind::DropBarrier, &call, 0});
  if (name.starts_with("cp.async.wait."))
    sites.push_back({MutationKind::DropWait, &call, 0});
  if (isShuffle && call.getArgOperand(2) != call.getArgOperand(3))
    sites.push_back({MutationKind::SwapOperands, &call, 2});
  if (isMma && call.getArgOperand(0)->getType() == call.getArgOperand(1)->getType())
    sites.push_back({MutationKind::SwapOperands, &call, 0});
  if ((isShuffle || name.starts_with("vote.")) && isa<ConstantInt>(call.getArgOperand(0)))
    sites.push_back({MutationKind::HalveMask, &call, 0});
}

/// A loop that starts from zero, or zero stored where sums are gathered.
static void addZeroSites(Instruction &instruction, std::vector<MutationSite> &sites) {
  for (unsigned i = 0; i < instruction.getNumOperands(); ++i) {
    Value *operand = instruction.getOperand(i);
    bool isStart = isa<PHINode>(instruction) || (isa<StoreInst>(instruction) && i == 0);
    if (isStart && operand->getType()->isFPOrFPVectorTy() && match(operand, PatternMatch::m_AnyZeroFP()))
      sites.push_back({MutationKind::ForgetZero, &instruction, i});
  }
}

std::vector<MutationSite> mutationSites(Module &module) {
  std::vector<MutationSite> sites;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function)) {
      if (auto *call = dyn_cast<CallInst>(&instruction))
        addCallSites(*call, sites);
      else if (auto *address = dyn_cast<GetElementPtrInst>(&instruction); address && address->getNumIndices() > 0)
        sites.push_back({MutationKind::ShiftIndex, address, address->getNumOperands() - 1});
      else if (auto *compare = dyn_cast<ICmpInst>(&instruction);
               compare && compare->isRelational() && compare->getOperand(1)->getType()->isIntegerTy()) {
        sites.push_back({MutationKind::WidenBound, compare, 1});
        sites.push_back({MutationKind::NarrowBound, compare, 1});
      } else if (uint64_t bits = 0;
                 match(&instruction, PatternMatch::m_And(PatternMatch::m_Value(), PatternMatch::m_ConstantInt(bits))) &&
                 bits > 1 && (bits & (bits + 1)) == 0)
        sites.push_back({MutationKind::HalveMask, &instruction, 1});
      addZeroSites(instruction, sites);
    }
  return sites;
}

// --- Faults ----------------------------------------------------------------------------------------------------------------

/// Elements are bytes where address arithmetic has been lowered so far; a step of one is then a step of the accesses that use it.
static uint64_t elementOf(const GetElementPtrInst &address) {
  if (!address.getSourceElementType()->isIntegerTy(8))
    return 1;
  for (const User *user : address.users())
    if (isa<LoadInst, StoreInst>(user)) {
      const Type *type = getLoadStoreType(const_cast<User *>(user));
      return std::max<uint64_t>(1, address.getDataLayout().getTypeStoreSize(type->getScalarType()));
    }
  return 4;
}

static void moveOperand(Instruction &instruction, unsigned operand, int64_t by) {
  IRBuilder<> builder(&instruction);
  Value *value = instruction.getOperand(operand);
  instruction.setOperand(operand, builder.CreateAdd(value, ConstantInt::get(value->getType(), uint64_t(by), /*IsSigned=*/true)));
}

static void halve(Instruction &instruction, unsigned operand) {
  auto *mask = cast<ConstantInt>(instruction.getOperand(operand));
  // Of lanes the lower half goes, of bits the highest.
  APInt value = mask->getValue();
  bool isLanes = isa<CallInst>(instruction);
  instruction.setOperand(operand,
                         ConstantInt::get(mask->getType(), isLanes ? value.lshr(value.getActiveBits() / 2) : value.lshr(1)));
}

static void apply(const MutationSite &site) {
  Instruction &instruction = *site.instruction;
  switch (site.kind) {
  case MutationKind::DropBarrier:
  case MutationKind::DropWait:
    instruction.eraseFromParent();
    return;
  case MutationKind::ShiftIndex: {
    auto &address = cast<GetElementPtrInst>(instruction);
    address.setNoWrapFlags(GEPNoWrapFlags::none());
    return moveOperand(address, site.operand, int64_t(elementOf(address)));
  }
  case MutationKind::WidenBound:
  case MutationKind::NarrowBound: {
    ICmpInst::Predicate predicate = cast<ICmpInst>(instruction).getPredicate();
    bool isUpper = ICmpInst::isLT(predicate) || ICmpInst::isLE(predicate);
    return moveOperand(instruction, site.operand, isUpper == (site.kind == MutationKind::WidenBound) ? 1 : -1);
  }
  case MutationKind::SwapOperands: {
    Value *first = instruction.getOperand(site.operand);
    instruction.setOperand(site.operand, instruction.getOperand(site.operand + 1));
    instruction.setOperand(site.operand + 1, first);
    return;
  }
  case MutationKind::ForgetZero:
    instruction.setOperand(site.operand, ConstantFP::get(instruction.getOperand(site.operand)->getType(), 1.0));
    return;
  case MutationKind::HalveMask:
    return halve(instruction, site.operand);
  }
}

std::string mutate(Module &module, uint64_t seed) {
  std::map<MutationKind, std::vector<MutationSite>> byKind;
  for (const MutationSite &site : mutationSites(module))
    byKind[site.kind].push_back(site);
  if (byKind.empty())
    return "";
  std::mt19937_64 random(seed);
  auto kind = std::next(byKind.begin(), long(random() % byKind.size()));
  size_t index = random() % kind->second.size();
  const MutationSite &site = kind->second[index];
  std::string text = std::string(mutationName(site.kind)) + " (place " + std::to_string(index) + " of " +
                     std::to_string(kind->second.size()) + ") in `" + site.instruction->getFunction()->getName().str() + "`";
  if (const DILocation *location = site.instruction->getDebugLoc())
    text += " at " + location->getFilename().str() + ":" + std::to_string(location->getLine());
  apply(site);
  return text;
}

} // namespace archrt::emu
