//===- Code.h - The vocabulary of generated kernels -----------------------===//
//
// A thin layer over MLIR's builders with the few words kernels are written in: pointers with byte offsets, i64 arithmetic, f32
// vectors of the target's length, counted loops. Which dialects they become is decided in Code.cpp alone, which also keeps the
// dialects' headers out of every other file (they dominate build time).
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_CODE_H
#define ARCHC_PASSES_KERNELS_CODE_H

#include "passes/Kernels/KernelTarget.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace archc::kernels {

using mlir::Value;
using Values = llvm::SmallVector<mlir::Value, 4>;

class Code {
public:
  Code(mlir::ModuleOp module, const KernelTarget &target, mlir::Location location);

  const KernelTarget &target() const { return kernelTarget; }
  int64_t lanes() const { return kernelTarget.vectorLength; }
  int64_t vectorBytes() const { return 4 * lanes(); }

  // ---- Functions
  enum ArgumentKind { Pointer, Integer };
  bool hasFunction(llvm::StringRef name);
  /// Defines a function without results, insertion point in `body`; an internal one is never inlined.
  void defineFunction(llvm::StringRef name, llvm::ArrayRef<ArgumentKind> arguments, bool exported,
                      llvm::function_ref<void(mlir::ValueRange)> body);
  void call(llvm::StringRef name, mlir::ValueRange arguments);

  // ---- i64 arithmetic (values are non-negative unless a comparison says otherwise) and i1
  Value integer(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, integer(b)); }
  Value subtract(Value a, Value b);
  Value multiply(Value a, Value b);
  Value multiply(Value a, int64_t b) { return multiply(a, integer(b)); }
  Value divide(Value a, Value b);
  Value divide(Value a, int64_t b) { return divide(a, integer(b)); }
  Value divideUp(Value a, Value b) { return divide(subtract(add(a, b), integer(1)), b); }
  Value remainder(Value a, Value b);
  Value minimum(Value a, Value b);
  Value maximum(Value a, Value b);
  Value less(Value a, Value b); // signed
  Value equal(Value a, Value b);
  Value both(Value a, Value b);
  Value select(Value condition, Value a, Value b); // any type

  // ---- Memory: pointers and byte offsets
  Value advance(Value pointer, Value bytes);
  Value advance(Value pointer, int64_t bytes);
  Value loadPointer(Value pointer);
  Value loadInteger(Value pointer);
  void storeSlot(Value pointerOrInteger, Value pointer);
  Value stackSlots(int64_t count); // 8 bytes each; only at a function's start
  void prefetch(Value pointer);    // to L2
  Value loadByte(Value pointer);   // as a scalar f32
  Value null();

  // ---- Scalars f32 and f64
  Value number(double value); // f32
  Value number64(double value);
  Value loadScalar(Value pointer);
  Value loadScalar64(Value pointer); // an f32 in memory, extended
  void storeScalar(Value scalar, Value pointer);
  Value toFloat(Value integer);
  Value toDouble(Value integer);
  Value narrow(Value scalar64); // one rounding

  // ---- Vectors of `lanes()` f32
  Value splat(Value scalar);
  Value splat(double value) { return splat(number(value)); }
  Value vectorOf(llvm::ArrayRef<float> values);
  Value load(Value pointer);
  void store(Value vector, Value pointer);
  Value loadBytes(Value pointer); // `lanes()` u8, converted
  /// Lanes outside `mask` read as 0, are not written, and never fault.
  Value loadMasked(Value pointer, Value mask);
  void storeMasked(Value vector, Value pointer, Value mask);
  /// Lanes l with low <= l < high (signed i64).
  Value laneMask(Value low, Value high);
  Value sumOfLanes(Value vector); // a fixed tree
  Value maximumOfLanes(Value vector);
  /// Transposes `lanes()` vectors.
  void transpose(llvm::MutableArrayRef<Value> vectors);

  // ---- Arithmetic of f32/f64 scalars and vectors
  Value addF(Value a, Value b);
  Value subtractF(Value a, Value b);
  Value multiplyF(Value a, Value b);
  Value divideF(Value a, Value b);
  Value fma(Value a, Value b, Value c);
  Value squareRoot(Value a);
  Value absolute(Value a);
  Value copySign(Value magnitude, Value sign);
  Value maximumF(Value a, Value b);           // a > b ? a : b: a NaN in b stays
  Value minimumF(Value a, Value b);           // a < b ? a : b
  Value lessF(Value a, Value b);              // a mask
  Value likeVector(Value like, double value); // the constant in the type of `like`
  /// a = fraction * 2^exponent with 1 <= fraction < 2, for a positive normal a; the exponent as a float.
  struct FractionExponent {
    Value fraction, exponent;
  };
  FractionExponent splitExponent(Value a);
  /// a * 2^n, n in the low bits of the f32 `shifted`; a and the product are normal.
  Value scaleByPowerOfTwo(Value a, Value shifted);

  // ---- Control
  using LoopBody = llvm::function_ref<Values(Value index, mlir::ValueRange carried)>;
  Values loop(Value begin, Value end, Value step, mlir::ValueRange carried, LoopBody body);
  void loop(Value begin, Value end, Value step, llvm::function_ref<void(Value)> body);
  void loop(Value begin, Value end, int64_t step, llvm::function_ref<void(Value)> body) { loop(begin, end, integer(step), body); }
  void ifThen(Value condition, llvm::function_ref<void()> body);
  void ifThenElse(Value condition, llvm::function_ref<void()> yes, llvm::function_ref<void()> no);

  mlir::MLIRContext *context() { return builder.getContext(); }

protected:
  Value vectorConstant(mlir::Type type, double value);
  Value shuffle(Value a, Value b, llvm::ArrayRef<int64_t> lanes);

  mlir::ModuleOp module;
  const KernelTarget &kernelTarget;
  mlir::Location location;
  mlir::OpBuilder builder;
  mlir::Type pointerType, integerType, vectorType;
};

/// A kernel-private name for the internal function that does `what` with structure `key`: equal keys share one function.
std::string sharedName(llvm::StringRef what, llvm::StringRef key);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_CODE_H
