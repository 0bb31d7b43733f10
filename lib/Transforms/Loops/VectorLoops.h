//===----------------------------------------------------------------------===//
// Loops over vectors for one linalg op on memrefs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_VECTORLOOPS_H
#define NNC_LIB_TRANSFORMS_LOOPS_VECTORLOOPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <optional>

namespace mlir::nnc {

/// Loops `first` to `last` of an op as one: contiguous for all its operands.
struct LoopRange {
  unsigned first;
  unsigned last;
};

/// Blocks that are turned around side by side before the next ones along the
/// vectors: both sides then use neighbouring cache lines while the pages that
/// are touched stay within the first-level TLB (64 entries on current x86-64).
constexpr int64_t blocksAside = 4;

/// How the loops of a linalg op on memrefs are emitted. A plan makes no IR.
class VectorPlan {
public:
  /// `numOuter` leading loops are run by the caller. The others are planned
  /// here; if there are none, the op is done on scalars. Fails if no loop of
  /// them can be that over vectors of `vectorBits` bits.
  static std::optional<VectorPlan>
  create(linalg::LinalgOp op, unsigned numOuter, unsigned vectorBits);

  linalg::LinalgOp op;
  /// What the output holds at the start, if it is not in memory.
  Value init;
  unsigned numOuter = 0;
  /// Of the loops behind the outer ones.
  SmallVector<LoopRange> ranges;
  /// Number of the range over vectors, or none.
  std::optional<unsigned> vectorRange;
  bool reducesVector = false;
  /// Number of the range along which the inputs in `crossed` are contiguous
  /// while vectors run along the other one: blocks of `width` by `width`
  /// elements are turned around in registers.
  std::optional<unsigned> crossRange;
  /// By operand; empty without a `crossRange`.
  SmallVector<bool> crossed;
  /// Elements of a vector.
  unsigned width = 1;
  /// True if a part of a vector can be done under a mask.
  bool canMask = false;

  /// The iterations of a range, or ShapedType::kDynamic.
  int64_t getStaticExtent(LoopRange range) const;
  bool isReduction(LoopRange range) const;
  /// True for a reduction whose iterations can keep results in registers.
  bool isSum(LoopRange range) const;
  /// The range that a single op is cut along: the longer one of those in which
  /// something is contiguous.
  LoopRange getPartRange() const;
};

/// True if `loop` is a reduction and all its iterations work on the same
/// elements of the outputs. Others scatter: a transposed convolution adds each
/// input to several places.
bool isSumLoop(linalg::LinalgOp op, unsigned loop);

/// For each loop but the last, whether it and the next may be one.
SmallVector<bool> getJoinableLoops(linalg::LinalgOp op);

/// The op that folds an element into output number `output` of a reduction, or
/// null if there is no single one.
Operation *getCombiner(linalg::LinalgOp op, unsigned output);

/// Adds `factor` times a linear expression to the coefficients of its
/// dimensions and a constant; false if it is not linear.
bool addCoefficients(AffineExpr expr, int64_t factor,
                     MutableArrayRef<int64_t> coefficients, int64_t &constant);

/// The end of the last whole step of `step` from `begin` on.
Value createWholeEnd(OpBuilder &builder, Location loc, Value begin, Value end,
                     int64_t step);

/// A loop from `begin` to `end`, or null if there is nothing between them.
scf::ForOp createLoop(OpBuilder &builder, Location loc, Value begin, Value end,
                      int64_t step, ValueRange carried);

/// Emits planned loops.
class VectorLoops {
public:
  /// Makes what all iterations share at the builder's place, in front of the
  /// outer loops.
  VectorLoops(OpBuilder &builder, VectorPlan plan);

  /// Iterations of loops of the op.
  Value getExtent(LoopRange range) const;
  /// Emits the body of the outer loops. `outer` are their ranges, at the
  /// iterations `at`; of the plan's part range only `begin` to `end`, if given.
  void emit(ArrayRef<LoopRange> outer, ValueRange at, Value begin = {},
            Value end = {});

private:
  /// Places in the operands' memory (in elements), and the loops' iterations.
  struct Point {
    SmallVector<Value> offsets;
    SmallVector<Value> iterations;
  };
  /// A value of the body: of one lane for all, or of each. One that `counts`
  /// has a scalar for lane 0 and is one more in each lane after it.
  struct Lane {
    Value scalar = {};
    Value vector = {};
    bool counts = false;
  };
  using Emit = function_ref<SmallVector<Value>(Point, ValueRange)>;

  Value number(int64_t value);
  Value add(Value a, Value b);
  Value mul(Value a, Value b);
  VectorType vectorType(Type type, unsigned width) const;

  void addOperand(OpOperand &operand);
  Point advance(Point point, LoopRange range, Value by);
  SmallVector<Value> emitNest(ArrayRef<LoopRange> ranges, Point point,
                              ValueRange carried, Emit body);

  void emitParallel(Point point, Value begin, Value end);
  void emitTile(Point point, Value at, unsigned width, unsigned count,
                Value mask);
  void emitCrossed(const Point &point, Value begin, Value end);
  void emitCrossedPart(const Point &point, std::pair<Value, Value> cross,
                       std::pair<Value, Value> vector);
  Value emitSteps(LoopRange range, std::pair<Value, Value> bounds,
                  function_ref<void(Value, Value)> body);
  void emitCrossedElements(const Point &point, std::pair<Value, Value> cross,
                           std::pair<Value, Value> vector);
  void emitBlock(const Point &point, Value numColumns, Value numRows);
  SmallVector<Value> loadBlock(const Point &point, unsigned operand,
                               Value numColumns, Value numRows);
  void emitReduction(Point point, Value begin, Value end);
  SmallVector<Value> emitPartials(Point point, Value begin, Value end,
                                  unsigned count, ValueRange partials);
  Value foldLanes(Value vector, Operation *combiner);
  Value combine(Operation *combiner, Value a, Value b);
  void storeResults(const Point &point, ValueRange values, Value mask);

  SmallVector<Value> evaluate(const Point &point, unsigned width, Value mask,
                              ValueRange sums);
  Lane evaluateOp(Operation &op, const Point &point, unsigned width, Value mask,
                  DenseMap<Value, Lane> &lanes);
  Lane evaluateLoad(Operation &op, unsigned width, Value mask,
                    DenseMap<Value, Lane> &lanes);
  Lane load(const Point &point, unsigned operand, unsigned width, Value mask);
  /// Which of `width` iterations from `at` come before `end`.
  Value createMask(Value at, Value end, unsigned width);
  Value loadVector(Value memref, ValueRange indices, unsigned width,
                   Value mask);
  Value asVector(Lane lane, unsigned width);

  OpBuilder &builder;
  Location loc;
  VectorPlan plan;
  /// One an operand: its memory in one dimension (null for a scalar), where it
  /// begins, and how far apart the iterations of each loop are.
  SmallVector<Value> memories, origins;
  SmallVector<SmallVector<Value>> strides;
  SmallVector<Value> extents;
  /// For each output what folds its partial results.
  SmallVector<Operation *> combiners;
  /// Of operands that are crossed, what the vector at the current place holds.
  DenseMap<unsigned, Value> turned;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_VECTORLOOPS_H
