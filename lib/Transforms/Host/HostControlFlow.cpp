//===----------------------------------------------------------------------===//
// Branches and loops of an entry function, lowered to blocks. Tensors go from
// block to block as a pointer and their dynamic dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "HostLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Values across blocks
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> HostLowering::flatten(Operation *op,
                                                    ValueRange values) {
  SmallVector<Value> flat;
  for (Value value : values) {
    flat.push_back(mapping.lookup(value));
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.hasStaticShape())
      continue;
    std::optional<SmallVector<Value>> dims = getDims(value);
    if (!dims)
      return op->emitOpError("passes on a tensor whose dimensions are not "
                             "known yet");
    for (auto [axis, dim] : llvm::enumerate(*dims))
      if (type.isDynamicDim(axis))
        flat.push_back(dim);
  }
  return flat;
}

Block *HostLowering::createBlock(TypeRange types) {
  SmallVector<Type> flat;
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    flat.push_back(tensor || !type.isIntOrIndexOrFloat() ? pointerType : type);
    if (tensor)
      flat.append(tensor.getNumDynamicDims(), builder.getI64Type());
  }
  OpBuilder::InsertionGuard guard(builder);
  return builder.createBlock(&host.getBody(), host.getBody().end(), flat,
                             SmallVector<Location>(flat.size(), loc));
}

void HostLowering::bind(ValueRange targets, ValueRange flat) {
  for (Value target : targets) {
    mapping.map(target, flat.front());
    flat = flat.drop_front();
    auto type = dyn_cast<RankedTensorType>(target.getType());
    if (!type)
      continue;
    SmallVector<Value> dims;
    for (int64_t size : type.getShape()) {
      bool isDynamic = ShapedType::isDynamic(size);
      dims.push_back(isDynamic ? flat.front() : number(size));
      flat = flat.drop_front(isDynamic);
    }
    boundDims[target] = dims;
  }
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult HostLowering::lowerControlFlow(Operation *op) {
  // Memory is reserved whichever way the run takes.
  if (op->walk([](nn::LaunchOp) {
          return WalkResult::interrupt();
        }).wasInterrupted())
    start();
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return lowerIf(branch);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return lowerFor(loop);
  return lowerWhile(cast<scf::WhileOp>(op));
}

LogicalResult HostLowering::lowerIf(scf::IfOp op) {
  Block *after = createBlock(op.getResultTypes());
  Block *arms[] = {createBlock({}), op.elseBlock() ? createBlock({}) : after};
  cf::CondBranchOp::create(builder, loc, mapping.lookup(op.getCondition()),
                           arms[0], ValueRange(), arms[1], ValueRange());
  Block *sources[] = {op.thenBlock(), op.elseBlock()};
  for (auto [arm, source] : llvm::zip(arms, sources)) {
    if (!source)
      continue;
    builder.setInsertionPointToStart(arm);
    if (failed(lowerBlock(*source)))
      return failure();
    loc = op.getLoc();
    FailureOr<SmallVector<Value>> results =
        flatten(op, source->getTerminator()->getOperands());
    if (failed(results))
      return failure();
    cf::BranchOp::create(builder, loc, after, *results);
  }
  builder.setInsertionPointToStart(after);
  bind(op.getResults(), after->getArguments());
  return success();
}

LogicalResult HostLowering::lowerFor(scf::ForOp op) {
  SmallVector<Type> types{op.getInductionVar().getType()};
  llvm::append_range(types, op.getInitArgs().getTypes());
  Block *header = createBlock(types);
  Block *body = createBlock({});
  Block *after = createBlock({});
  FailureOr<SmallVector<Value>> inits = flatten(op, op.getInitArgs());
  if (failed(inits))
    return failure();
  inits->insert(inits->begin(), mapping.lookup(op.getLowerBound()));
  cf::BranchOp::create(builder, loc, header, *inits);

  builder.setInsertionPointToStart(header);
  Value position = header->getArgument(0);
  auto predicate = op.getUnsignedCmp() ? arith::CmpIPredicate::ult
                                       : arith::CmpIPredicate::slt;
  Value goesOn = arith::CmpIOp::create(builder, loc, predicate, position,
                                       mapping.lookup(op.getUpperBound()));
  cf::CondBranchOp::create(builder, loc, goesOn, body, ValueRange(), after,
                           ValueRange());

  builder.setInsertionPointToStart(body);
  mapping.map(op.getInductionVar(), position);
  bind(op.getRegionIterArgs(), header->getArguments().drop_front());
  if (failed(lowerBlock(*op.getBody())))
    return failure();
  loc = op.getLoc();
  FailureOr<SmallVector<Value>> next =
      flatten(op, op.getBody()->getTerminator()->getOperands());
  if (failed(next))
    return failure();
  next->insert(next->begin(),
               arith::AddIOp::create(builder, loc, position,
                                     mapping.lookup(op.getStep())));
  cf::BranchOp::create(builder, loc, header, *next);

  builder.setInsertionPointToStart(after);
  bind(op.getResults(), header->getArguments().drop_front());
  return success();
}

LogicalResult HostLowering::lowerWhile(scf::WhileOp op) {
  Block *before = createBlock(op.getInits().getTypes());
  Block *body = createBlock(TypeRange(ValueRange(op.getAfterArguments())));
  Block *after = createBlock(op.getResultTypes());
  FailureOr<SmallVector<Value>> inits = flatten(op, op.getInits());
  if (failed(inits))
    return failure();
  cf::BranchOp::create(builder, loc, before, *inits);

  builder.setInsertionPointToStart(before);
  bind(op.getBeforeArguments(), before->getArguments());
  if (failed(lowerBlock(*op.getBeforeBody())))
    return failure();
  loc = op.getLoc();
  scf::ConditionOp condition = op.getConditionOp();
  FailureOr<SmallVector<Value>> passed = flatten(op, condition.getArgs());
  if (failed(passed))
    return failure();
  cf::CondBranchOp::create(builder, loc,
                           mapping.lookup(condition.getCondition()), body,
                           *passed, after, *passed);

  builder.setInsertionPointToStart(body);
  bind(op.getAfterArguments(), body->getArguments());
  if (failed(lowerBlock(*op.getAfterBody())))
    return failure();
  loc = op.getLoc();
  FailureOr<SmallVector<Value>> next =
      flatten(op, op.getYieldOp().getOperands());
  if (failed(next))
    return failure();
  cf::BranchOp::create(builder, loc, before, *next);

  builder.setInsertionPointToStart(after);
  bind(op.getResults(), after->getArguments());
  return success();
}

LogicalResult HostLowering::lowerSelect(arith::SelectOp op) {
  FailureOr<SmallVector<Value>> chosen = flatten(op, op.getTrueValue());
  FailureOr<SmallVector<Value>> other = flatten(op, op.getFalseValue());
  if (failed(chosen) || failed(other))
    return failure();
  Value condition = mapping.lookup(op.getCondition());
  SmallVector<Value> results;
  for (auto [a, b] : llvm::zip(*chosen, *other))
    results.push_back(arith::SelectOp::create(builder, loc, condition, a, b));
  bind(op.getResult(), results);
  return success();
}
