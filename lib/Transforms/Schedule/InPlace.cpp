//===----------------------------------------------------------------------===//
// Which kernels may write their result over an operand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "InPlace.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The sizes of the dynamic dimensions of a kernel result.
static OperandRange getDims(OpResult result) {
  auto kernel = cast<nn::KernelOp>(result.getOwner());
  int64_t begin = 0;
  for (OpResult other :
       kernel->getResults().take_front(result.getResultNumber()))
    begin += cast<RankedTensorType>(other.getType()).getNumDynamicDims();
  return kernel.getResultDims().slice(
      begin, cast<RankedTensorType>(result.getType()).getNumDynamicDims());
}

/// True if kernels and the host read `made` under its own name or that of a
/// view: it is not handed on by a branch or a loop.
static bool hasPlainUses(Value made) {
  return llvm::all_of(made.getUsers(), [&](Operation *user) {
    if (isView(user))
      return user->getOperand(0) == made && hasPlainUses(user->getResult(0));
    return isa<nn::KernelOp, tensor::DimOp, tensor::ExtractOp>(user);
  });
}

/// True if `argument` goes through element-wise ops of its own shape, one after
/// the other, to the end of the body, and nowhere else.
static bool flowsElementwise(BlockArgument argument) {
  Value value = argument;
  while (value.hasOneUse()) {
    Operation *user = *value.getUsers().begin();
    if (isa<nn::YieldOp>(user))
      return value != argument;
    if (!isa<ScalarOpInterface>(user) ||
        shapeOf(user->getResult(0)) != shapeOf(argument))
      return false;
    value = user->getResult(0);
  }
  return false;
}

/// True if an epilogue can read `value` for a result of `shape`: element by
/// element, along the last axis, or one element for all.
static bool isEpilogueOperand(Value value, ArrayRef<int64_t> shape) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getShape() == shape)
    return true;
  return llvm::all_of(type.getShape().drop_back(type.getRank() ? 1 : 0),
                      [](int64_t size) { return size == 1; });
}

/// True if the body becomes one loop nest: element-wise ops of one shape, or
/// such ops on the sums of one contraction.
static bool isOneNest(Block &body, ArrayRef<int64_t> shape) {
  unsigned contractions = 0;
  bool isFlat = true;
  for (Operation &op : body.without_terminator()) {
    if (isa<ScalarOpInterface>(op)) {
      if (shapeOf(op.getResult(0)) != shape)
        return false;
      for (Value operand : op.getOperands())
        isFlat &= isEpilogueOperand(operand, shape);
      continue;
    }
    if (auto contraction = dyn_cast<kern::EpilogueOpInterface>(op)) {
      hw::TilingAttr tiling = contraction.getTilingAttr();
      // Blocks of the depth keep partial sums in the result.
      if (++contractions > 1 || !tiling || tiling.getKBlock() ||
          !op.getResult(0).hasOneUse())
        return false;
      continue;
    }
    bool isHost = llvm::all_of(op.getResults(), [](Value result) {
      return !isa<RankedTensorType>(result.getType()) ||
             nn::isHostTensor(result);
    });
    if (!isHost && !op.hasTrait<OpTrait::ConstantLike>() &&
        !isa<tensor::EmptyOp>(op))
      return false;
  }
  return contractions == 0 || isFlat;
}

bool mlir::nnc::readsElementwise(nn::KernelOp kernel, unsigned number) {
  return kernel->getNumResults() == 1 &&
         kernel.getInputs()[number].getType() ==
             kernel->getResult(0).getType() &&
         flowsElementwise(kernel.getBody().getArgument(number)) &&
         isOneNest(kernel.getBody().front(), shapeOf(kernel->getResult(0)));
}

bool mlir::nnc::mayOverwrite(nn::KernelOp kernel, OpResult made,
                             const ScheduleLifetimes &lifetimes) {
  if (kernel->getNumResults() != 1 ||
      made.getOwner()->getBlock() != kernel->getBlock())
    return false;
  auto result = cast<OpResult>(kernel->getResult(0));
  // A part has its place in the whole.
  if (getJoinedPart(result))
    return false;
  int64_t position = lifetimes.getPosition(kernel);
  if (lifetimes.getLifetime(made).last != position ||
      lifetimes.getLifetime(result).first != position || !hasPlainUses(made))
    return false;
  std::optional<unsigned> number;
  for (auto [index, input] : llvm::enumerate(kernel.getInputs())) {
    if (getKernelResult(input) != made)
      continue;
    if (number)
      return false;
    number = index;
  }
  if (!number)
    return false;
  Value input = kernel.getInputs()[*number];
  auto type = cast<RankedTensorType>(result.getType());
  if (input.getType() != type)
    return false;
  if (!type.hasStaticShape() &&
      (input != made || !llvm::equal(getDims(made), getDims(result))))
    return false;
  return readsElementwise(kernel, *number);
}

OpResult mlir::nnc::findOverwritable(nn::KernelOp kernel,
                                     const ScheduleLifetimes &lifetimes) {
  for (Value input : kernel.getInputs())
    if (OpResult made = isa<RankedTensorType>(input.getType())
                            ? getKernelResult(input)
                            : OpResult())
      if (mayOverwrite(kernel, made, lifetimes))
        return made;
  return {};
}
