//===- Code.cpp - The vocabulary of generated kernels ---------------------===//

#include "passes/Kernels/Code.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace archc::kernels {

Code::Code(ModuleOp module, const KernelTarget &target, Location location)
    : module(module), kernelTarget(target), location(location), builder(module.getContext()) {
  MLIRContext *context = module.getContext();
  context->loadDialect<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, scf::SCFDialect, vector::VectorDialect>();
  pointerType = LLVM::LLVMPointerType::get(context);
  integerType = builder.getI64Type();
  vectorType = VectorType::get({lanes()}, builder.getF32Type());
}

std::string sharedName(llvm::StringRef what, llvm::StringRef key) {
  return (what + "." + llvm::utohexstr(llvm::xxh3_64bits(key), /*LowerCase=*/true, /*Width=*/16)).str();
}

// ---- Functions ---------------------------------------------------------------------------------------------------------

bool Code::hasFunction(llvm::StringRef name) { return module.lookupSymbol(name) != nullptr; }

void Code::defineFunction(llvm::StringRef name, llvm::ArrayRef<ArgumentKind> arguments, bool exported,
                          llvm::function_ref<void(ValueRange)> body) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types;
  for (ArgumentKind kind : arguments)
    types.push_back(kind == Pointer ? pointerType : integerType);
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, location, name, builder.getFunctionType(types, {}));
  if (!exported)
    function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  body(function.getArguments());
  func::ReturnOp::create(builder, location);
}

void Code::call(llvm::StringRef name, ValueRange arguments) {
  func::CallOp::create(builder, location, name, TypeRange{}, arguments);
}

// ---- Integers ----------------------------------------------------------------------------------------------------------

Value Code::integer(int64_t value) { return arith::ConstantIntOp::create(builder, location, value, 64); }
Value Code::add(Value a, Value b) { return builder.createOrFold<arith::AddIOp>(location, a, b); }
Value Code::subtract(Value a, Value b) { return builder.createOrFold<arith::SubIOp>(location, a, b); }
Value Code::multiply(Value a, Value b) { return builder.createOrFold<arith::MulIOp>(location, a, b); }
Value Code::divide(Value a, Value b) { return builder.createOrFold<arith::DivUIOp>(location, a, b); }
Value Code::remainder(Value a, Value b) { return builder.createOrFold<arith::RemUIOp>(location, a, b); }
Value Code::minimum(Value a, Value b) { return builder.createOrFold<arith::MinSIOp>(location, a, b); }
Value Code::maximum(Value a, Value b) { return builder.createOrFold<arith::MaxSIOp>(location, a, b); }

Value Code::less(Value a, Value b) { return builder.createOrFold<arith::CmpIOp>(location, arith::CmpIPredicate::slt, a, b); }
Value Code::equal(Value a, Value b) { return builder.createOrFold<arith::CmpIOp>(location, arith::CmpIPredicate::eq, a, b); }
Value Code::both(Value a, Value b) { return builder.createOrFold<arith::AndIOp>(location, a, b); }

Value Code::select(Value condition, Value a, Value b) { return arith::SelectOp::create(builder, location, condition, a, b); }

// ---- Memory ------------------------------------------------------------------------------------------------------------

Value Code::advance(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(builder, location, pointerType, builder.getI8Type(), pointer, ArrayRef<LLVM::GEPArg>{bytes});
}

Value Code::advance(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return LLVM::GEPOp::create(builder, location, pointerType, builder.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
}

Value Code::loadPointer(Value pointer) { return LLVM::LoadOp::create(builder, location, pointerType, pointer, 8); }
Value Code::loadInteger(Value pointer) { return LLVM::LoadOp::create(builder, location, integerType, pointer, 8); }
void Code::storeSlot(Value value, Value pointer) { LLVM::StoreOp::create(builder, location, value, pointer, 8); }
Value Code::null() { return LLVM::ZeroOp::create(builder, location, pointerType); }

Value Code::stackSlots(int64_t count) {
  return LLVM::AllocaOp::create(builder, location, pointerType, builder.getI64Type(), integer(count), 8);
}

void Code::prefetch(Value pointer) { LLVM::Prefetch::create(builder, location, pointer, /*rw=*/0, /*hint=*/2, /*cache=*/1); }

Value Code::loadByte(Value pointer) {
  Value byte = LLVM::LoadOp::create(builder, location, builder.getI8Type(), pointer, 1);
  return arith::UIToFPOp::create(builder, location, builder.getF32Type(), byte);
}

// ---- Scalars -----------------------------------------------------------------------------------------------------------

Value Code::number(double value) {
  return arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(static_cast<float>(value)));
}
Value Code::number64(double value) { return arith::ConstantOp::create(builder, location, builder.getF64FloatAttr(value)); }
Value Code::loadScalar(Value pointer) { return LLVM::LoadOp::create(builder, location, builder.getF32Type(), pointer, 4); }
Value Code::loadScalar64(Value pointer) {
  return arith::ExtFOp::create(builder, location, builder.getF64Type(), loadScalar(pointer));
}
void Code::storeScalar(Value scalar, Value pointer) { LLVM::StoreOp::create(builder, location, scalar, pointer, 4); }
Value Code::toFloat(Value integer) { return arith::SIToFPOp::create(builder, location, builder.getF32Type(), integer); }
Value Code::toDouble(Value integer) { return arith::SIToFPOp::create(builder, location, builder.getF64Type(), integer); }
Value Code::narrow(Value scalar) { return arith::TruncFOp::create(builder, location, builder.getF32Type(), scalar); }

// ---- Vectors -----------------------------------------------------------------------------------------------------------

Value Code::splat(Value scalar) { return vector::BroadcastOp::create(builder, location, vectorType, scalar); }
Value Code::vectorOf(llvm::ArrayRef<float> values) {
  return arith::ConstantOp::create(builder, location, DenseElementsAttr::get(cast<ShapedType>(vectorType), values));
}
Value Code::load(Value pointer) { return LLVM::LoadOp::create(builder, location, vectorType, pointer, 4); }
void Code::store(Value vector, Value pointer) { LLVM::StoreOp::create(builder, location, vector, pointer, 4); }

Value Code::loadBytes(Value pointer) {
  Value bytes = LLVM::LoadOp::create(builder, location, VectorType::get({lanes()}, builder.getI8Type()), pointer, 1);
  return arith::UIToFPOp::create(builder, location, vectorType, bytes);
}

Value Code::loadMasked(Value pointer, Value mask) {
  Value zero = vectorConstant(vectorType, 0);
  return LLVM::MaskedLoadOp::create(builder, location, vectorType, pointer, mask, zero, 4);
}

void Code::storeMasked(Value vector, Value pointer, Value mask) {
  LLVM::MaskedStoreOp::create(builder, location, vector, pointer, mask, 4);
}

Value Code::laneMask(Value low, Value high) {
  Type i32 = builder.getI32Type();
  auto indices = VectorType::get({lanes()}, i32);
  SmallVector<int32_t> numbers(lanes());
  for (int64_t lane = 0; lane < lanes(); ++lane)
    numbers[lane] = static_cast<int32_t>(lane);
  Value lane = arith::ConstantOp::create(builder, location, DenseIntElementsAttr::get(indices, numbers));
  auto bound = [&](Value value) -> Value {
    value = minimum(maximum(value, integer(0)), integer(lanes()));
    value = arith::TruncIOp::create(builder, location, i32, value);
    return vector::BroadcastOp::create(builder, location, indices, value);
  };
  Value above = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::sge, lane, bound(low));
  Value below = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt, lane, bound(high));
  return both(above, below);
}

Value Code::shuffle(Value a, Value b, llvm::ArrayRef<int64_t> chosen) {
  return vector::ShuffleOp::create(builder, location, a, b, chosen);
}

Value Code::sumOfLanes(Value vector) {
  for (int64_t half = lanes() / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < half; ++lane) {
      low.push_back(lane);
      high.push_back(lane + half);
    }
    vector = addF(shuffle(vector, vector, low), shuffle(vector, vector, high));
  }
  return vector::ExtractOp::create(builder, location, vector, 0);
}

Value Code::maximumOfLanes(Value vector) {
  for (int64_t half = lanes() / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < half; ++lane) {
      low.push_back(lane);
      high.push_back(lane + half);
    }
    vector = maximumF(shuffle(vector, vector, low), shuffle(vector, vector, high));
  }
  return vector::ExtractOp::create(builder, location, vector, 0);
}

void Code::transpose(llvm::MutableArrayRef<Value> vectors) {
  // log2(n) perfect shuffles of the rows are a transposition.
  int64_t n = lanes();
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < n / 2; ++lane) {
    low.append({lane, lane + n});
    high.append({lane + n / 2, lane + n / 2 + n});
  }
  for (int64_t stage = 1; stage < n; stage *= 2) {
    SmallVector<Value> next;
    for (int64_t row = 0; row < n / 2; ++row) {
      next.push_back(shuffle(vectors[row], vectors[row + n / 2], low));
      next.push_back(shuffle(vectors[row], vectors[row + n / 2], high));
    }
    llvm::copy(next, vectors.begin());
  }
}

// ---- Floating point ----------------------------------------------------------------------------------------------------

Value Code::vectorConstant(Type type, double value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, location, DenseElementsAttr::get(vector, static_cast<float>(value)));
  return arith::ConstantOp::create(builder, location, builder.getFloatAttr(type, value));
}

Value Code::likeVector(Value like, double value) { return vectorConstant(like.getType(), value); }
Value Code::addF(Value a, Value b) { return arith::AddFOp::create(builder, location, a, b); }
Value Code::subtractF(Value a, Value b) { return arith::SubFOp::create(builder, location, a, b); }
Value Code::multiplyF(Value a, Value b) { return arith::MulFOp::create(builder, location, a, b); }
Value Code::divideF(Value a, Value b) { return arith::DivFOp::create(builder, location, a, b); }
Value Code::fma(Value a, Value b, Value c) { return LLVM::FMAOp::create(builder, location, a.getType(), a, b, c); }
Value Code::squareRoot(Value a) { return LLVM::SqrtOp::create(builder, location, a.getType(), a); }
Value Code::absolute(Value a) { return LLVM::FAbsOp::create(builder, location, a.getType(), a); }
Value Code::copySign(Value magnitude, Value sign) {
  return LLVM::CopySignOp::create(builder, location, magnitude.getType(), magnitude, sign);
}

Value Code::maximumF(Value a, Value b) {
  return select(arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OGT, a, b), a, b);
}
Value Code::minimumF(Value a, Value b) {
  return select(arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OLT, a, b), a, b);
}
Value Code::lessF(Value a, Value b) { return arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OLT, a, b); }

Value Code::scaleByPowerOfTwo(Value a, Value shifted) {
  Type type = builder.getI32Type();
  TypedAttr mantissaBits = builder.getI32IntegerAttr(23);
  if (auto vector = dyn_cast<VectorType>(a.getType())) {
    type = VectorType::get(vector.getShape(), type);
    mantissaBits = DenseElementsAttr::get(cast<ShapedType>(type), int32_t(23));
  }
  Value exponent = arith::BitcastOp::create(builder, location, type, shifted);
  exponent = arith::ShLIOp::create(builder, location, exponent, arith::ConstantOp::create(builder, location, mantissaBits));
  Value bits = arith::BitcastOp::create(builder, location, type, a);
  bits = arith::AddIOp::create(builder, location, bits, exponent);
  return arith::BitcastOp::create(builder, location, a.getType(), bits);
}

Code::FractionExponent Code::splitExponent(Value a) {
  auto vector = dyn_cast<VectorType>(a.getType());
  Type type = builder.getI32Type();
  if (vector)
    type = VectorType::get(vector.getShape(), type);
  auto constant = [&](int32_t value) -> Value {
    TypedAttr attribute = builder.getI32IntegerAttr(value);
    if (vector)
      attribute = DenseElementsAttr::get(cast<ShapedType>(type), value);
    return arith::ConstantOp::create(builder, location, attribute);
  };
  Value bits = arith::BitcastOp::create(builder, location, type, a);
  Value exponent = arith::ShRUIOp::create(builder, location, bits, constant(23));
  exponent = arith::SubIOp::create(builder, location, exponent, constant(127));
  Value fraction = arith::AndIOp::create(builder, location, bits, constant(0x7fffff));
  fraction = arith::OrIOp::create(builder, location, fraction, constant(0x3f800000));
  return {arith::BitcastOp::create(builder, location, a.getType(), fraction),
          arith::SIToFPOp::create(builder, location, a.getType(), exponent)};
}

// ---- Control -----------------------------------------------------------------------------------------------------------

Values Code::loop(Value begin, Value end, Value step, ValueRange carried, LoopBody body) {
  auto loop = scf::ForOp::create(builder, location, begin, end, step, carried,
                                 [&](OpBuilder &, Location, Value index, ValueRange values) {
                                   Block *block = index.getParentBlock();
                                   OpBuilder::InsertionGuard guard(builder);
                                   builder.setInsertionPointToEnd(block);
                                   Values results = body(index, values);
                                   scf::YieldOp::create(builder, location, results);
                                 });
  return Values(loop.getResults());
}

void Code::loop(Value begin, Value end, Value step, llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, {}, [&](Value index, ValueRange) {
    body(index);
    return Values{};
  });
}

void Code::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto branch = scf::IfOp::create(builder, location, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenYield());
  body();
}

void Code::ifThenElse(Value condition, llvm::function_ref<void()> yes, llvm::function_ref<void()> no) {
  auto branch = scf::IfOp::create(builder, location, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenYield());
  yes();
  builder.setInsertionPoint(branch.elseYield());
  no();
}

} // namespace archc::kernels
