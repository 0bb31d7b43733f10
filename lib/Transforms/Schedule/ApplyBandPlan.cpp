//===----------------------------------------------------------------------===//
// Kernels that compute bands of rows, in the place of those that compute all.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BandPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A value that holds some rows of another.
struct Part {
  Value value;
  RowBand rows;
};

class BandRewriter {
public:
  BandRewriter(const BandRegion &region, DenseSet<Operation *> &bands)
      : region(region), bands(bands), builder(region.getKernels().back()),
        parts(region.getKernels().size()), joined(region.getKernels().size()) {
    builder.setInsertionPointAfter(region.getKernels().back());
  }

  void emit(const BandStep &step);
  void finish();

private:
  Value getRows(Value value, RowBand rows);
  Value joinParts(unsigned maker, RowBand &rows);
  Value slice(Value value, RowBand rows);
  nn::KernelOp createKernel(const BandStep &step, ArrayRef<Value> inputs);
  void moveViewsBehind(Operation *op);

  const BandRegion &region;
  DenseSet<Operation *> &bands;
  OpBuilder builder;
  /// By kernel: the latest band, or all parts of what is kept.
  SmallVector<SmallVector<Part>> parts;
  /// By kernel, tensors joined of parts `first` to `second`.
  SmallVector<DenseMap<std::pair<size_t, size_t>, Value>> joined;
  /// Slices that exist: of a value, from a row on, so many.
  DenseMap<std::tuple<Value, int64_t, int64_t>, Value> slices;
};
} // namespace

/// The places `rows` of a tensor.
static Value createSlice(OpBuilder &builder, Location loc, Value value,
                         RowBand rows) {
  RankedTensorType type = getBandType(value.getType(), rows);
  SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> steps(type.getRank(), builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(builder.getIndexAttr(size));
  offsets[rows.axis] = builder.getIndexAttr(rows.begin);
  return tensor::ExtractSliceOp::create(builder, loc, type, value, offsets,
                                        sizes, steps);
}

static bool hasAllRows(Value value, RowBand rows) {
  return rows.size() ==
         cast<RankedTensorType>(value.getType()).getDimSize(rows.axis);
}

/// Rows of `value`, counted from its first.
Value BandRewriter::slice(Value value, RowBand rows) {
  if (hasAllRows(value, rows))
    return value;
  Value &known = slices[{value, rows.begin, rows.end}];
  if (!known)
    known = createSlice(builder, value.getLoc(), value, rows);
  return known;
}

/// One tensor with `rows` of what a kernel of the region makes, or more: then
/// they are counted from its first row.
Value BandRewriter::joinParts(unsigned maker, RowBand &rows) {
  ArrayRef<Part> own = parts[maker];
  size_t first = 0;
  while (first + 1 < own.size() && own[first].rows.end <= rows.begin)
    ++first;
  size_t last = first;
  while (last + 1 < own.size() && own[last].rows.end < rows.end)
    ++last;
  rows.begin -= own[first].rows.begin;
  rows.end -= own[first].rows.begin;
  if (first == last)
    return own[first].value;
  Value &known = joined[maker][{first, last}];
  if (known)
    return known;
  SmallVector<Value> values;
  for (const Part &part : own.slice(first, last + 1 - first))
    values.push_back(part.value);
  nn::KernelOp kernel = region.getKernels()[maker];
  RowBand all{rows.axis, own[first].rows.begin, own[last].rows.end};
  known = tensor::ConcatOp::create(
      builder, kernel.getLoc(),
      getBandType(kernel->getResult(0).getType(), all), rows.axis, values);
  return known;
}

/// A tensor of the rows of `value`, which the region makes or which is there.
Value BandRewriter::getRows(Value value, RowBand rows) {
  if (!region.findMaker(value))
    return slice(value, rows);
  auto view = value.getDefiningOp<nn::ReshapeOp>();
  if (!view) {
    Value whole = joinParts(*region.findMaker(value), rows);
    return slice(whole, rows);
  }
  RowBand covered = rows;
  RowBand from = getViewedRows(view, covered);
  Value source = getRows(view.getInput(), from);
  RankedTensorType type = getBandType(view.getType(), covered);
  SmallVector<Value> sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(
        arith::ConstantIntOp::create(builder, view.getLoc(), size, 64));
  Value shape = tensor::FromElementsOp::create(
      builder, view.getLoc(),
      RankedTensorType::get({type.getRank()}, builder.getI64Type()), sizes);
  Value viewed = nn::ReshapeOp::create(builder, view.getLoc(), type, source,
                                       shape, /*allow_zero=*/true);
  return slice(viewed, {rows.axis, rows.begin - covered.begin,
                        rows.end - covered.begin});
}

/// The kernel of a step on `inputs`, in the order of its analysis.
nn::KernelOp BandRewriter::createKernel(const BandStep &step,
                                        ArrayRef<Value> inputs) {
  nn::KernelOp whole = region.getKernels()[step.kernel];
  KernelBand band = *analyzeBand(whole, step.rows);
  std::string name = (whole.getName() + "[" + Twine(step.rows.begin) + ":" +
                      Twine(step.rows.end) + "]")
                         .str();
  SmallVector<Type> types{
      getBandType(whole->getResult(0).getType(), step.rows)};
  auto kernel = nn::KernelOp::create(
      builder, whole.getLoc(), types, builder.getStringAttr(name),
      IntegerAttr(), inputs, ValueRange(), ArrayAttr(), hw::CostAttr());
  Block &body = kernel.getBody().emplaceBlock();
  OpBuilder inner = OpBuilder::atBlockEnd(&body);
  IRMapping mapping;
  SmallVector<Value> arguments;
  for (auto [input, value] : llvm::zip(band.inputs, inputs)) {
    Value argument = body.addArgument(value.getType(), value.getLoc());
    // What is no stretch of memory is cut here.
    if (input.band &&
        !hasAllRows(argument, {input.band->axis, 0, input.band->size()}))
      argument = createSlice(inner, value.getLoc(), argument, *input.band);
    arguments.push_back(argument);
  }
  auto find = [&](Value value, std::optional<RowBand> rows) -> Value {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument)
      return mapping.lookup(value);
    for (auto [input, own] : llvm::zip(band.inputs, arguments))
      if (input.number == argument.getArgNumber() && input.band == rows)
        return own;
    return {};
  };
  for (Operation &op : whole.getBody().front().without_terminator()) {
    SmallVector<Value> operands;
    auto rows = band.bands.find(&op);
    if (rows == band.bands.end()) {
      if (!band.wholes.contains(&op))
        continue;
      for (Value operand : op.getOperands())
        operands.push_back(find(operand, std::nullopt));
      Operation *copy = inner.clone(op);
      copy->setOperands(operands);
      mapping.map(op.getResults(), copy->getResults());
      continue;
    }
    OperandBands needed;
    (void)succeeded(getOperandBands(&op, rows->second, needed));
    for (auto [operand, part] : llvm::zip(op.getOperands(), needed))
      operands.push_back(find(operand, part));
    mapping.map(op.getResult(0), buildBand(inner, &op, rows->second, operands));
  }
  Value yielded = whole.getBody().front().getTerminator()->getOperand(0);
  nn::YieldOp::create(inner, whole.getLoc(), find(yielded, band.result));
  return kernel;
}

void BandRewriter::emit(const BandStep &step) {
  nn::KernelOp whole = region.getKernels()[step.kernel];
  KernelBand band = *analyzeBand(whole, step.rows);
  SmallVector<Value> inputs;
  for (const KernelBand::Input &input : band.inputs) {
    Value value = whole.getInputs()[input.number];
    std::optional<int64_t> axis = findRowAxis(value);
    bool isMade = bool(region.findMaker(value));
    if (isMade || (input.band && axis == input.band->axis))
      value = getRows(value, input.band.value_or(getAllRows(value)));
    inputs.push_back(value);
  }
  nn::KernelOp kernel = createKernel(step, inputs);
  bands.insert(kernel);
  if (!region.isKept(step.kernel))
    parts[step.kernel].clear();
  parts[step.kernel].push_back({kernel->getResult(0), step.rows});
}

/// Lets views that stand before `op`, whose results they read, follow it.
void BandRewriter::moveViewsBehind(Operation *op) {
  SmallVector<Operation *> users(op->getUsers());
  for (Operation *user : users)
    if (user->getBlock() == op->getBlock() && user->isBeforeInBlock(op)) {
      user->moveAfter(op);
      moveViewsBehind(user);
    }
}

void BandRewriter::finish() {
  SmallVector<Operation *> wholes;
  for (auto [number, kernel] : llvm::enumerate(region.getKernels())) {
    if (!region.isKept(number))
      continue;
    RowBand all = getAllRows(kernel->getResult(0));
    Value whole = joinParts(number, all);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : kernel->getResult(0).getUses())
      uses.push_back(&use);
    for (OpOperand *use : uses)
      use->set(whole);
    wholes.push_back(whole.getDefiningOp());
  }
  // Users inside are erased, views of results that nothing else uses too.
  for (nn::KernelOp kernel : llvm::reverse(region.getKernels())) {
    SetVector<Operation *> views;
    views.insert(kernel);
    for (size_t i = 0; i < views.size(); ++i)
      views.insert(views[i]->user_begin(), views[i]->user_end());
    for (Operation *view : llvm::reverse(views.getArrayRef()))
      view->erase();
  }
  for (Operation *whole : wholes)
    moveViewsBehind(whole);
}

void mlir::nnc::applyBandPlan(const BandRegion &region, const BandPlan &plan,
                              DenseSet<Operation *> &bands) {
  BandRewriter rewriter(region, bands);
  for (const BandStep &step : plan.steps)
    rewriter.emit(step);
  rewriter.finish();
}
