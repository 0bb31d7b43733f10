//===----------------------------------------------------------------------===//
// Lowering of random numbers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Each element runs the ten rounds on its own number.
struct LowerRandomBits : NNLoweringPattern<nn::RandomBitsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::RandomBitsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<Value> sizes;
    for (Dim dim : shape)
      sizes.push_back(b.index(dim));
    auto body = [&](OpBuilder &inner, Location loc, ValueRange indices) {
      ImplicitLocOpBuilder ib(loc, inner);
      Value number = arith::ConstantIndexOp::create(ib, 0);
      for (auto [size, index] : llvm::zip(sizes, indices)) {
        number = arith::MulIOp::create(ib, number, size);
        number = arith::AddIOp::create(ib, number, index);
      }
      number = arith::IndexCastOp::create(ib, ib.getI64Type(), number);
      return Block{ib, op.getSeed(), op.getStream()}.run(number);
    };
    results.push_back(b.byIndex(shape, b.builder.getI32Type(), body));
    return success();
  }

private:
  /// One block of the generator; words are i64 below 2^32.
  struct Block {
    ImplicitLocOpBuilder &b;
    uint64_t seed, stream;

    Value constant(uint64_t number) {
      return arith::ConstantIntOp::create(b, b.getI64Type(), int64_t(number));
    }
    Value low(Value x) {
      return arith::AndIOp::create(b, x, constant(0xFFFFFFFF));
    }
    Value high(Value x) { return arith::ShRUIOp::create(b, x, constant(32)); }
    Value mix(Value product, Value x, uint32_t key) {
      Value mixed = arith::XOrIOp::create(b, high(product), x);
      return arith::XOrIOp::create(b, mixed, constant(key));
    }

    Value run(Value number) {
      Value x[4] = {low(number), high(number), constant(stream & 0xFFFFFFFF),
                    constant(stream >> 32)};
      uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
      for (int round = 0; round < 10; ++round) {
        Value p = arith::MulIOp::create(b, x[0], constant(0xD2511F53));
        Value q = arith::MulIOp::create(b, x[2], constant(0xCD9E8D57));
        Value x0 = mix(q, x[1], k0), x2 = mix(p, x[3], k1);
        x[0] = x0, x[1] = low(q), x[2] = x2, x[3] = low(p);
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
      }
      return arith::TruncIOp::create(b, b.getI32Type(), x[0]);
    }
  };
};
} // namespace

void mlir::nnc::populateNNRandomToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerRandomBits>(converter, patterns.getContext());
}
