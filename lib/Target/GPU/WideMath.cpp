//===----------------------------------------------------------------------===//
// Functions of f64 for GPUs, which have no library.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPU/WideMath.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"

#include <cmath>
#include <limits>

using namespace mlir::nnc;
using llvm::Value;
using llvm::Intrinsic::ID;

namespace {
/// Builds the functions' arithmetic.
class WideMath {
public:
  explicit WideMath(llvm::Module &module)
      : module(module), b(module.getContext()), type(b.getDoubleTy()) {}

  /// The function for an intrinsic; null if it has none here.
  llvm::Function *get(ID id);

private:
  Value *number(double value) { return llvm::ConstantFP::get(type, value); }
  Value *integer(int64_t value) { return b.getInt64(value); }
  Value *call(ID id, llvm::ArrayRef<Value *> args) {
    return b.CreateIntrinsic(id, {type}, args);
  }
  Value *fma(Value *x, Value *y, Value *z) {
    return call(llvm::Intrinsic::fma, {x, y, z});
  }
  Value *absolute(Value *x) { return call(llvm::Intrinsic::fabs, {x}); }
  /// c[0] + x (c[1] + x (c[2] + ...)).
  Value *horner(Value *x, llvm::ArrayRef<double> c) {
    Value *sum = number(c.back());
    for (double next : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, number(next));
    return sum;
  }
  /// 2^n of an i64 within the range of normal numbers.
  Value *powerOfTwo(Value *n) {
    Value *biased = b.CreateAdd(n, integer(1023));
    return b.CreateBitCast(b.CreateShl(biased, 52), type);
  }
  Value *exponential(Value *x);
  Value *logarithm(Value *x);
  Value *power(Value *x, Value *y);
  Value *wholePower(Value *x, Value *n);
  Value *sine(Value *x, int64_t quarters);
  Value *build(ID id, llvm::Function *function);

  llvm::Module &module;
  llvm::IRBuilder<> b;
  llvm::Type *type;
};
} // namespace

static constexpr double ln2High = 0x1.62e42fefa3800p-1,
                        ln2Low = 0x1.ef35793c76730p-45,
                        log2e = 1.4426950408889634,
                        log10e = 0.43429448190325182;
/// Half a turn's half, in three parts.
static constexpr double quarter[] = {
    0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};

/// x = k ln 2 + r, e^x = 2^k e^r.
Value *WideMath::exponential(Value *x) {
  Value *clamped = call(llvm::Intrinsic::minnum, {x, number(710)});
  clamped = call(llvm::Intrinsic::maxnum, {clamped, number(-750)});
  Value *k =
      call(llvm::Intrinsic::rint, {b.CreateFMul(clamped, number(log2e))});
  Value *r = fma(k, number(-ln2High), clamped);
  r = fma(k, number(-ln2Low), r);
  double factors[14] = {1};
  for (int i = 1; i < 14; ++i)
    factors[i] = factors[i - 1] / i;
  Value *result = horner(r, factors);
  // In two steps: 2^k may be no normal number.
  Value *whole = b.CreateFPToSI(k, b.getInt64Ty());
  Value *half = b.CreateAShr(whole, 1);
  result = b.CreateFMul(result, powerOfTwo(half));
  result = b.CreateFMul(result, powerOfTwo(b.CreateSub(whole, half)));
  return b.CreateSelect(b.CreateFCmpUNO(x, x), x, result);
}

/// x = 2^e m, m around 1; log m = 2 artanh s, s = (m - 1) / (m + 1).
Value *WideMath::logarithm(Value *x) {
  Value *isSmall = b.CreateFCmpOLT(x, number(0x1p-1022));
  Value *scaled = b.CreateSelect(isSmall, b.CreateFMul(x, number(0x1p54)), x);
  Value *bits = b.CreateBitCast(scaled, b.getInt64Ty());
  Value *e = b.CreateSub(b.CreateLShr(bits, 52), integer(1023));
  e = b.CreateSub(e, b.CreateSelect(isSmall, integer(54), integer(0)));
  Value *mantissa = b.CreateAnd(bits, integer((int64_t(1) << 52) - 1));
  Value *m =
      b.CreateBitCast(b.CreateOr(mantissa, integer(int64_t(1023) << 52)), type);
  Value *isLarge = b.CreateFCmpOGT(m, number(1.4142135623730951));
  m = b.CreateSelect(isLarge, b.CreateFMul(m, number(0.5)), m);
  e = b.CreateAdd(e, b.CreateZExt(isLarge, b.getInt64Ty()));
  Value *f = b.CreateFSub(m, number(1));
  Value *s = b.CreateFDiv(f, b.CreateFAdd(m, number(1)));
  Value *z = b.CreateFMul(s, s);
  double factors[12];
  for (int i = 0; i < 12; ++i)
    factors[i] = 2.0 / (2 * i + 3);
  // 2 s = f - s f, of which f is exact.
  Value *tail = b.CreateFMul(z, horner(z, factors));
  Value *part = b.CreateFMul(s, b.CreateFSub(tail, f));
  Value *scale = b.CreateSIToFP(e, type);
  Value *result = fma(scale, number(ln2Low), part);
  result = b.CreateFAdd(result, f);
  result = fma(scale, number(ln2High), result);
  double infinity = std::numeric_limits<double>::infinity();
  result = b.CreateSelect(b.CreateFCmpOEQ(x, number(infinity)), x, result);
  result =
      b.CreateSelect(b.CreateFCmpOEQ(x, number(0)), number(-infinity), result);
  Value *nan = llvm::ConstantFP::getQNaN(type);
  return b.CreateSelect(b.CreateFCmpUGE(x, number(0)),
                        b.CreateSelect(b.CreateFCmpUNO(x, x), x, result), nan);
}

/// x^n by squares, of a whole number from 0 to 127.
Value *WideMath::wholePower(Value *x, Value *n) {
  Value *bits = b.CreateFPToSI(n, b.getInt64Ty());
  Value *result = number(1), *square = x;
  for (int i = 0; i < 7; ++i) {
    Value *isSet =
        b.CreateICmpNE(b.CreateAnd(bits, integer(int64_t(1) << i)), integer(0));
    result = b.CreateSelect(isSet, b.CreateFMul(result, square), result);
    square = b.CreateFMul(square, square);
  }
  return result;
}

Value *WideMath::power(Value *x, Value *y) {
  auto isWhole = [&](Value *value) {
    return b.CreateFCmpOEQ(call(llvm::Intrinsic::trunc, {value}), value);
  };
  Value *size = absolute(x), *count = absolute(y);
  Value *general = exponential(b.CreateFMul(y, logarithm(size)));
  Value *isInteger = isWhole(y);
  Value *isOdd = b.CreateAnd(
      isInteger, b.CreateNot(isWhole(b.CreateFMul(y, number(0.5)))));
  Value *isNegative = b.CreateFCmpOLT(x, number(0));
  Value *nan = llvm::ConstantFP::getQNaN(type);
  Value *negative = b.CreateSelect(
      isInteger, b.CreateSelect(isOdd, b.CreateFNeg(general), general), nan);
  general = b.CreateSelect(isNegative, negative, general);
  Value *isSmall = b.CreateAnd(isInteger, b.CreateFCmpOLT(count, number(128)));
  Value *whole = wholePower(x, b.CreateSelect(isSmall, count, number(0)));
  whole = b.CreateSelect(b.CreateFCmpOLT(y, number(0)),
                         b.CreateFDiv(number(1), whole), whole);
  Value *result = b.CreateSelect(isSmall, whole, general);
  return b.CreateSelect(b.CreateFCmpOEQ(x, number(1)), x, result);
}

/// The sine of x and `quarters` quarters of a turn.
Value *WideMath::sine(Value *x, int64_t quarters) {
  Value *n = call(llvm::Intrinsic::rint,
                  {b.CreateFMul(x, number(0.63661977236758134))});
  Value *isCounted = b.CreateFCmpOLT(absolute(n), number(0x1p52));
  n = b.CreateSelect(isCounted, n, number(0));
  Value *r = x;
  for (double part : quarter)
    r = fma(n, number(-part), r);
  Value *z = b.CreateFMul(r, r);
  double odd[9] = {1}, even[10] = {1};
  for (int i = 1; i < 9; ++i)
    odd[i] = -odd[i - 1] / (2 * i * (2 * i + 1));
  for (int i = 1; i < 10; ++i)
    even[i] = -even[i - 1] / (2 * i * (2 * i - 1));
  Value *sin = b.CreateFMul(r, horner(z, odd)), *cos = horner(z, even);
  Value *turn =
      b.CreateAdd(b.CreateFPToSI(n, b.getInt64Ty()), integer(quarters));
  auto isBit = [&](int64_t bit) {
    return b.CreateICmpNE(b.CreateAnd(turn, integer(bit)), integer(0));
  };
  Value *result = b.CreateSelect(isBit(1), cos, sin);
  return b.CreateSelect(isBit(2), b.CreateFNeg(result), result);
}

Value *WideMath::build(ID id, llvm::Function *function) {
  Value *x = function->getArg(0);
  switch (id) {
  case llvm::Intrinsic::exp:
    return exponential(x);
  case llvm::Intrinsic::exp2:
    return exponential(b.CreateFMul(x, number(1 / log2e)));
  case llvm::Intrinsic::log:
    return logarithm(x);
  case llvm::Intrinsic::log2:
    return b.CreateFMul(logarithm(x), number(log2e));
  case llvm::Intrinsic::log10:
    return b.CreateFMul(logarithm(x), number(log10e));
  case llvm::Intrinsic::pow:
    return power(x, function->getArg(1));
  case llvm::Intrinsic::sin:
    return sine(x, 0);
  case llvm::Intrinsic::cos:
    return sine(x, 1);
  default:
    return nullptr;
  }
}

llvm::Function *WideMath::get(ID id) {
  std::string name =
      ("nnc." + llvm::Intrinsic::getBaseName(id).drop_front(5)).str();
  if (llvm::Function *known = module.getFunction(name))
    return known;
  llvm::SmallVector<llvm::Type *> operands(id == llvm::Intrinsic::pow ? 2 : 1,
                                           type);
  llvm::Function *function =
      llvm::Function::Create(llvm::FunctionType::get(type, operands, false),
                             llvm::GlobalValue::InternalLinkage, name, module);
  b.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "", function));
  Value *result = build(id, function);
  if (!result) {
    function->eraseFromParent();
    return nullptr;
  }
  b.CreateRet(result);
  function->setDoesNotThrow();
  return function;
}

void mlir::nnc::expandWideMath(llvm::Module &module) {
  WideMath math(module);
  llvm::SmallVector<llvm::Function *> intrinsics;
  for (llvm::Function &function : module)
    if (function.isIntrinsic() && function.getReturnType()->isDoubleTy())
      intrinsics.push_back(&function);
  for (llvm::Function *intrinsic : intrinsics)
    for (llvm::User *user : llvm::make_early_inc_range(intrinsic->users())) {
      auto *call = llvm::dyn_cast<llvm::CallInst>(user);
      llvm::Function *function =
          call ? math.get(intrinsic->getIntrinsicID()) : nullptr;
      if (function)
        call->setCalledFunction(function);
    }
}
