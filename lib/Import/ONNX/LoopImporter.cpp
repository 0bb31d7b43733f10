//===----------------------------------------------------------------------===//
// Loops in the making: carried values, what iterations collect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ControlFlow.h"

#include "GraphImporter.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

/// Carried tensors of at most this many elements may be scalars of the host.
static constexpr int64_t maxCarriedScalars = 8;
/// Carried types only ever get more general, one dimension at a time.
static constexpr int maxAttempts = 64;

/// Starts `value` as scalars of the host?
static bool startsOnHost(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && nn::isHostTensor(value) &&
         type.getElementType().isSignlessInteger() &&
         type.getNumElements() > 0 &&
         type.getNumElements() <= maxCarriedScalars;
}

SmallVector<Value> LoopImporter::flattenCarried(ValueRange values) {
  SmallVector<Value> flat;
  for (auto [value, how] : llvm::zip(values, carried)) {
    if (how.isScalar)
      llvm::append_range(flat, getElements(node, value));
    else
      flat.push_back(castTo(node.builder(), node.loc(), value, how.type));
  }
  return flat;
}

SmallVector<Value> LoopImporter::bindCarried(ValueRange flat) {
  SmallVector<Value> values;
  for (const Carried &how : carried) {
    size_t count =
        how.isScalar ? cast<RankedTensorType>(how.type).getNumElements() : 1;
    values.push_back(how.isScalar ? Value(tensor::FromElementsOp::create(
                                        node.builder(), node.loc(), how.type,
                                        flat.take_front(count)))
                                  : flat.front());
    flat = flat.drop_front(count);
  }
  return values;
}

/// Makes the carried types general enough for what an iteration gives.
FailureOr<bool> LoopImporter::generalize(ValueRange values) {
  bool changed = false;
  for (auto [i, value] : llvm::enumerate(values)) {
    Carried &how = carried[i];
    Type type = value.getType();
    if (type == how.type)
      continue;
    Type joined = how.isEmpty ? type : joinTypes(how.type, type);
    if (!joined)
      return node.error("expects carried value " + Twine(i) +
                        " to keep its type and rank, but an iteration makes " +
                        typeText(type) + " of " + typeText(how.type));
    changed |= how.isScalar || joined != how.type;
    how.isScalar = how.isEmpty = false;
    how.type = joined;
  }
  return changed;
}

/// A loop over `flat` with an empty body.
Operation *LoopImporter::createLoop(ValueRange flat) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  if (!condition) {
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    auto loop = scf::ForOp::create(b, loc, zero, trips, one, flat);
    if (loop.getBody()->mightHaveTerminator())
      loop.getBody()->getTerminator()->erase();
    return loop;
  }
  SmallVector<Value> inits{zero, condition};
  llvm::append_range(inits, flat);
  return scf::WhileOp::create(
      b, loc, TypeRange(ValueRange(inits)), inits,
      [&](OpBuilder &inner, Location, ValueRange arguments) {
        Value goesOn = arguments[1];
        if (trips) {
          Value within = arith::CmpIOp::create(
              inner, loc, arith::CmpIPredicate::slt, arguments[0], trips);
          goesOn = arith::AndIOp::create(inner, loc, goesOn, within);
        }
        scf::ConditionOp::create(inner, loc, goesOn, arguments);
      },
      nullptr);
}

/// Gives the sequences that collect, the last values of a loop, their types.
static void setSequenceType(Operation *loop, unsigned index, Type type) {
  loop->getResult(index).setType(type);
  if (auto repeat = dyn_cast<scf::WhileOp>(loop)) {
    repeat.getInits()[index].setType(type);
    repeat.getBeforeArguments()[index].setType(type);
    repeat.getAfterArguments()[index].setType(type);
    return;
  }
  auto count = cast<scf::ForOp>(loop);
  count.getInitArgs()[index].setType(type);
  count.getRegionIterArg(index).setType(type);
}

/// Ends the body: inserts what it collects and goes on to the next iteration.
void LoopImporter::finishBody(Operation *loop, ValueRange arguments,
                              Value nextCondition, ValueRange outputs) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  SmallVector<Value> next;
  if (nextCondition) {
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    next.push_back(arith::AddIOp::create(b, loc, arguments[0], one));
    next.push_back(nextCondition);
  }
  llvm::append_range(next, flattenCarried(outputs.take_front(carried.size())));
  elementTypes.clear();
  for (auto [how, value] :
       llvm::zip(collected, outputs.drop_front(carried.size()))) {
    unsigned index = next.size();
    elementTypes.push_back(value.getType());
    Type type = getSequenceType(value.getType());
    setSequenceType(loop, index, type);
    Value place = how.isFront ? Value(arith::ConstantIndexOp::create(b, loc, 0))
                              : Value();
    next.push_back(nn::SequenceInsertOp::create(b, loc, type, arguments[index],
                                                value, place));
  }
  scf::YieldOp::create(b, loc, next);
}

/// What was collected as one tensor, the iterations along an axis of it.
FailureOr<Value> LoopImporter::finishCollected(Value sequence, Type element,
                                               const Collected &how) {
  if (how.isSequence)
    return sequence;
  auto type = cast<RankedTensorType>(element);
  FailureOr<int64_t> axis = node.normalizeAxis(how.axis, type.getRank() + 1);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> sizes(type.getShape());
  std::optional<int64_t> count = getConstantIntValue(trips);
  sizes.insert(sizes.begin() + *axis, !condition && count && *count >= 0
                                          ? *count
                                          : ShapedType::kDynamic);
  return Value(nn::SequenceJoinOp::create(
      node.builder(), node.loc(),
      RankedTensorType::get(sizes, type.getElementType()), sequence, *axis,
      /*new_axis=*/true));
}

FailureOr<Operation *> LoopImporter::tryImport(Body body, bool &changed) {
  OpBuilder &b = node.builder();
  SmallVector<Value> flat = flattenCarried(inits);
  Type unknown = nn::SequenceType::get(b.getContext(),
                                       UnrankedTensorType::get(b.getF32Type()));
  for (size_t i = 0; i < collected.size(); ++i)
    flat.push_back(
        nn::SequenceCreateOp::create(b, node.loc(), unknown, ValueRange()));
  Operation *loop = createLoop(flat);
  Block *block = &loop->getRegions().back().front();
  ValueRange arguments(block->getArguments());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(block);
  size_t lead = condition ? 2 : 1;
  SmallVector<Value> values = bindCarried(arguments.drop_front(lead));
  for (auto [how, value] : llvm::zip(carried, values))
    if (how.isEmpty)
      node.getImporter().emptySequences.insert(value);
  FailureOr<SmallVector<Value>> outputs = body(arguments[0], values);
  if (failed(outputs))
    return failure();
  Value nextCondition;
  if (condition) {
    nextCondition = outputs->front();
    outputs->erase(outputs->begin());
  }
  FailureOr<bool> general =
      generalize(ValueRange(*outputs).take_front(carried.size()));
  if (failed(general))
    return failure();
  changed = *general;
  if (changed)
    loop->erase();
  else
    finishBody(loop, condition ? arguments : arguments.drop_front(),
               nextCondition, *outputs);
  return loop;
}

FailureOr<SmallVector<Value>> LoopImporter::run(Body body) {
  for (Value init : inits) {
    auto create = init.getDefiningOp<nn::SequenceCreateOp>();
    carried.push_back({init.getType(), startsOnHost(init),
                       create && create.getElements().empty()});
  }
  for (int attempt = 0; attempt < maxAttempts; ++attempt) {
    bool changed = false;
    FailureOr<Operation *> loop = tryImport(body, changed);
    if (failed(loop))
      return failure();
    if (changed)
      continue;
    ValueRange results = (*loop)->getResults();
    results = results.drop_front(condition ? 2 : 0);
    SmallVector<Value> values =
        bindCarried(results.drop_back(collected.size()));
    for (auto [result, element, how] : llvm::zip(
             results.take_back(collected.size()), elementTypes, collected)) {
      FailureOr<Value> value = finishCollected(result, element, how);
      if (failed(value))
        return failure();
      values.push_back(*value);
    }
    return values;
  }
  return node.error("has carried values whose types do not settle");
}
