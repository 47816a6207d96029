#include "passes/LowerCuda/GpuCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace archc::cuda {

Code::Code(ModuleOp module, const GpuTarget &target, Location location) : kernels::Code(module, target, location) {
  if (module.lookupSymbol(kSharedName))
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  LLVM::GlobalOp::create(builder, UnknownLoc::get(module.getContext()), bytes, /*isConstant=*/false, LLVM::Linkage::External,
                         kSharedName, Attribute(), /*alignment=*/16, /*addrSpace=*/3);
}

void Code::enterKernel() {
  threadValue = special("llvm.nvvm.read.ptx.sreg.tid.x");
  blockValue = special("llvm.nvvm.read.ptx.sreg.ctaid.x");
  warpValue = divide(threadValue, kWarp);
  laneValue = remainder(threadValue, integer(kWarp));
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext(), 3);
  Value base = LLVM::AddressOfOp::create(builder, location, pointer, kSharedName);
  sharedValue = LLVM::AddrSpaceCastOp::create(builder, location, pointerType, base);
}

Value Code::integer32(int64_t value) { return arith::ConstantIntOp::create(builder, location, value, 32); }

Value Code::special(llvm::StringRef name) {
  auto call = LLVM::CallIntrinsicOp::create(builder, location, builder.getI32Type(), builder.getStringAttr(name), ValueRange{});
  return arith::ExtUIOp::create(builder, location, integerType, call.getResult(0));
}

void Code::barrier() {
  LLVM::CallIntrinsicOp::create(builder, location, builder.getStringAttr("llvm.nvvm.barrier.cta.sync.aligned.all"),
                                ValueRange{integer32(0)});
}

Value Code::shared(int64_t offset) { return advance(sharedValue, offset); }

Value Code::fromNeighbour(Value value, int bits) {
  return LLVM::CallIntrinsicOp::create(builder, location, builder.getF32Type(),
                                       builder.getStringAttr("llvm.nvvm.shfl.sync.bfly.f32"),
                                       ValueRange{integer32(-1), value, integer32(bits), integer32(31)})
      .getResult(0);
}

Value Code::fromLane(Value value, int source) {
  return LLVM::CallIntrinsicOp::create(builder, location, builder.getF32Type(),
                                       builder.getStringAttr("llvm.nvvm.shfl.sync.idx.f32"),
                                       ValueRange{integer32(-1), value, integer32(source), integer32(31)})
      .getResult(0);
}

Value Code::sumOfWarp(Value value) {
  for (int bits = kWarp / 2; bits >= 1; bits /= 2)
    value = addF(value, fromNeighbour(value, bits));
  return value;
}

Value Code::maximumOfWarp(Value value) {
  for (int bits = kWarp / 2; bits >= 1; bits /= 2)
    value = maximumF(value, fromNeighbour(value, bits));
  return value;
}

Values Code::loadFour(Value pointer) {
  auto type = VectorType::get({4}, builder.getF32Type());
  Value vector = LLVM::LoadOp::create(builder, location, type, pointer, 16);
  Values values;
  for (int64_t i = 0; i < 4; ++i)
    values.push_back(LLVM::ExtractElementOp::create(builder, location, vector, integer32(i)));
  return values;
}

void Code::storeFour(const Values &values, Value pointer) {
  auto type = VectorType::get({4}, builder.getF32Type());
  Value vector = LLVM::PoisonOp::create(builder, location, type);
  for (int64_t i = 0; i < 4; ++i)
    vector = LLVM::InsertElementOp::create(builder, location, vector, values[i], integer32(i));
  LLVM::StoreOp::create(builder, location, vector, pointer, 16);
}

} // namespace archc::cuda
