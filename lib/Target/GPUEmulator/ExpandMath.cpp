//===----------------------------------------------------------------------===//
// Mathematical intrinsics of NVPTX as instructions of any target. Approximate
// functions become exact ones, within the error that the PTX manual allows.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace nncgpu;

/// Subnormal numbers become zeros of their sign, as `.ftz` has it.
static Value *flush(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  if (!type->getScalarType()->isFloatTy())
    return value;
  Value *least = ConstantFP::get(type, 0x1p-126);
  Value *magnitude = builder.CreateUnaryIntrinsic(Intrinsic::fabs, value);
  Value *zero = builder.CreateBinaryIntrinsic(
      Intrinsic::copysign, ConstantFP::get(type, 0.0), value);
  return builder.CreateSelect(builder.CreateFCmpOLT(magnitude, least), zero,
                              value);
}

/// What an opcode's first part computes, without its modifiers.
static Value *compute(IRBuilder<> &builder, StringRef name, bool isNaN,
                      ArrayRef<Value *> x) {
  auto unary = [&](Intrinsic::ID id) {
    return builder.CreateUnaryIntrinsic(id, x[0]);
  };
  auto binary = [&](Intrinsic::ID id) {
    return builder.CreateBinaryIntrinsic(id, x[0], x[1]);
  };
  Type *type = x[0]->getType();
  if (name == "ex2")
    return unary(Intrinsic::exp2);
  if (name == "lg2")
    return unary(Intrinsic::log2);
  if (name == "sin")
    return unary(Intrinsic::sin);
  if (name == "cos")
    return unary(Intrinsic::cos);
  if (name == "tanh")
    return unary(Intrinsic::tanh);
  if (name == "sqrt")
    return unary(Intrinsic::sqrt);
  if (name == "rsqrt")
    return builder.CreateFDiv(ConstantFP::get(type, 1.0),
                              unary(Intrinsic::sqrt));
  if (name == "rcp")
    return builder.CreateFDiv(ConstantFP::get(type, 1.0), x[0]);
  if (name == "div")
    return builder.CreateFDiv(x[0], x[1]);
  if (name == "add")
    return builder.CreateFAdd(x[0], x[1]);
  if (name == "sub")
    return builder.CreateFSub(x[0], x[1]);
  if (name == "mul")
    return builder.CreateFMul(x[0], x[1]);
  if (name == "fma")
    return builder.CreateIntrinsic(Intrinsic::fma, type, x);
  if (name == "fmin" || name == "min")
    return binary(isNaN ? Intrinsic::minimum : Intrinsic::minnum);
  if (name == "fmax" || name == "max")
    return binary(isNaN ? Intrinsic::maximum : Intrinsic::maxnum);
  if (name == "fabs" || name == "abs")
    return unary(Intrinsic::fabs);
  if (name == "neg")
    return builder.CreateFNeg(x[0]);
  if (name == "floor")
    return unary(Intrinsic::floor);
  if (name == "ceil")
    return unary(Intrinsic::ceil);
  if (name == "trunc")
    return unary(Intrinsic::trunc);
  if (name == "round")
    return unary(Intrinsic::roundeven);
  if (name == "saturate")
    return x[0];
  return nullptr;
}

Value *nncgpu::expandMath(IRBuilder<> &builder, StringRef opcode,
                          ArrayRef<Value *> operands) {
  auto isFloat = [](Value *value) {
    return value->getType()->isFPOrFPVectorTy();
  };
  if (operands.empty() || operands.size() > 3 || !all_of(operands, isFloat))
    return nullptr;
  SmallVector<StringRef> parts;
  opcode.split(parts, '.');
  auto has = [&](StringRef part) { return is_contained(parts, part); };
  // Roundings other than to nearest have no instruction that all targets share.
  if (has("rz") || has("rm") || has("rp") || has("xorsign"))
    return nullptr;
  SmallVector<Value *> x(operands);
  bool flushes = has("ftz");
  if (flushes)
    for (Value *&each : x)
      each = flush(builder, each);
  Value *result = compute(builder, parts[0], has("nan") || has("NaN"), x);
  if (!result)
    return nullptr;
  Type *type = result->getType();
  if (has("sat") || parts[0] == "saturate") {
    // A NaN saturates to 0.
    result = builder.CreateBinaryIntrinsic(Intrinsic::maxnum, result,
                                           ConstantFP::get(type, 0.0));
    result = builder.CreateBinaryIntrinsic(Intrinsic::minnum, result,
                                           ConstantFP::get(type, 1.0));
  }
  if (has("relu")) {
    Value *zero = ConstantFP::get(type, 0.0);
    result = builder.CreateBinaryIntrinsic(Intrinsic::maximum, result, zero);
  }
  return flushes ? flush(builder, result) : result;
}
