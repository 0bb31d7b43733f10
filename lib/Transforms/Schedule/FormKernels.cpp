//===----------------------------------------------------------------------===//
// Makes every graph op a kernel of the schedule.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/HostScalars.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NarrowWeights.h"
#include "dialects/NN/IR/SameDims.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nnc/Analysis/IndexMaterializer.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/Analysis/ShapeResolver.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_FORMKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
class KernelFormer {
public:
  explicit KernelFormer(func::FuncOp function)
      : function(function), builder(function.getContext()) {}

  LogicalResult run();

private:
  void findDims();
  void useKnownDims(Operation *op);
  LogicalResult runOnBlock(Block &block);
  LogicalResult runOnRegions(Operation *op);
  LogicalResult formKernel(Operation *op);
  bool haveSameDims(Operation *op);
  void materializeOperands(Operation *op);
  void bufferCarried(LoopLikeOpInterface loop);
  LogicalResult keepOnHost(Operation *op);
  void replaceDims(tensor::DimOp op);
  void copyOutputs(Operation *terminator);
  bool isKnownEarly(Value value);
  Value materialize(Location loc, Value value);
  Value readOnHost(Value tensor);
  nn::KernelOp createKernel(Location loc, ArrayRef<Value> operands,
                            TypeRange resultTypes, ValueRange resultDims,
                            IRMapping &mapping, StringRef kind);
  void addInput(Value operand, llvm::SetVector<Value> &inputs,
                SmallVectorImpl<Operation *> &clones);
  std::string getName(Location loc, StringRef fallback);

  func::FuncOp function;
  OpBuilder builder;
  ShapeResolver shapes;
  /// Of tensors with dynamic dimensions: those that the inputs tell, null where
  /// they do not.
  DenseMap<Operation *, SmallVector<SmallVector<Value>>> knownDims;
  llvm::StringSet<> names;
  DenseSet<Value> checkedDims;
  int64_t order = 0;
};
} // namespace

/// The ONNX node name of a location, or "".
static StringRef getNodeName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().getValue();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    return getNodeName(fused.getLocations().front());
  return "";
}

std::string KernelFormer::getName(Location loc, StringRef fallback) {
  std::string base = getNodeName(loc).str();
  if (base.empty())
    base = fallback.str();
  std::string name = base;
  for (int64_t number = 1; !names.insert(name).second; ++number)
    name = base + "#" + std::to_string(number);
  return name;
}

/// Tensors that a kernel makes itself: host scalars and small constants.
static bool isMadeInKernel(Value value) { return nn::isHostTensor(value); }

void KernelFormer::addInput(Value operand, llvm::SetVector<Value> &inputs,
                            SmallVectorImpl<Operation *> &clones) {
  Operation *definition = operand.getDefiningOp();
  if (definition && nn::isMadeInProducts(definition)) {
    for (Value part : definition->getOperands())
      addInput(part, inputs, clones);
    if (!llvm::is_contained(clones, definition))
      clones.push_back(definition);
    return;
  }
  if (!definition || !isMadeInKernel(operand)) {
    inputs.insert(operand);
    return;
  }
  if (!llvm::is_contained(clones, definition))
    clones.push_back(definition);
  for (Value scalar : definition->getOperands())
    inputs.insert(scalar);
}

/// A kernel around nothing: its body has the inputs mapped and what is made
/// inside cloned.
nn::KernelOp KernelFormer::createKernel(Location loc, ArrayRef<Value> operands,
                                        TypeRange resultTypes,
                                        ValueRange resultDims,
                                        IRMapping &mapping, StringRef kind) {
  llvm::SetVector<Value> inputs;
  SmallVector<Operation *> clones;
  for (Value operand : operands)
    addInput(operand, inputs, clones);
  auto kernel = nn::KernelOp::create(
      builder, loc, resultTypes, builder.getStringAttr(getName(loc, kind)),
      builder.getI64IntegerAttr(order++), inputs.getArrayRef(), resultDims,
      /*slots=*/ArrayAttr(), /*cost=*/hw::CostAttr());
  Block &body = kernel.getBody().emplaceBlock();
  for (Value input : inputs)
    mapping.map(input, body.addArgument(input.getType(), loc));
  OpBuilder inner = OpBuilder::atBlockEnd(&body);
  for (Operation *clone : clones)
    inner.clone(*clone, mapping);
  return kernel;
}

/// A tensor whose elements decide shapes, as scalars: the kernel then sees the
/// very numbers that the host sized its results by.
Value KernelFormer::readOnHost(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (isMadeInKernel(tensor) || !type.hasStaticShape() || type.getRank() > 1 ||
      type.getNumElements() > nn::hostScalarLimit || type.getNumElements() == 0)
    return tensor;
  Location loc = tensor.getLoc();
  SmallVector<Value> scalars;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Value> position;
    if (type.getRank())
      position.push_back(arith::ConstantIndexOp::create(builder, loc, i));
    scalars.push_back(
        tensor::ExtractOp::create(builder, loc, tensor, position));
  }
  return tensor::FromElementsOp::create(builder, loc, type, scalars);
}

/// True if no dynamic dimension of an operand may be broadcast.
bool KernelFormer::haveSameDims(Operation *op) {
  SmallVector<Dim> shape = shapes.getShape(builder, op->getResult(0));
  for (Value operand : op->getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    SmallVector<Dim> dims = shapes.getShape(builder, operand);
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis) &&
          !dims[axis].isSameAs(shape[shape.size() - dims.size() + axis]))
        return false;
  }
  return true;
}

/// What the dimensions of the function's tensors are, as far as the inputs
/// tell: one value for equal ones, however they came about.
void KernelFormer::findDims() {
  Block &body = function.getBody().front();
  SymbolicShapes symbolic(function);
  SmallVector<Operation *> ops;
  for (Operation &op : body)
    if (isa<ShapeOpInterface>(op))
      ops.push_back(&op);
  IndexMaterializer values(body, symbolic);
  values.requireRanges();
  for (Operation *op : ops) {
    SmallVector<SmallVector<Value>> &dims = knownDims[op];
    for (Value result : op->getResults()) {
      auto type = cast<RankedTensorType>(result.getType());
      SmallVector<Value> &own = dims.emplace_back(type.getRank());
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (type.isDynamicDim(axis))
          own[axis] = values.getIndex(symbolic.getShape(result)[axis]);
    }
  }
}

/// Has the resolver take what findDims has found for the results of `op`.
void KernelFormer::useKnownDims(Operation *op) {
  auto known = knownDims.find(op);
  if (known == knownDims.end())
    return;
  for (auto [result, dims] : llvm::zip(op->getResults(), known->second)) {
    SmallVector<Dim> shape = shapes.getShape(builder, result);
    for (auto [dim, value] : llvm::zip(shape, dims))
      if (value) {
        std::optional<int64_t> number = getConstantIntValue(value);
        dim = number ? Dim(*number) : Dim(value);
      }
    shapes.setShape(result, shape);
  }
}

LogicalResult KernelFormer::formKernel(Operation *op) {
  builder.setInsertionPoint(op);
  SmallVector<DimBuilder::Check> checks;
  SmallVector<Value> steering;
  if (failed(shapes.resolve(builder, op, &checks, &steering)))
    return failure();
  useKnownDims(op);
  for (OpOperand &operand : op->getOpOperands())
    if (llvm::is_contained(steering, operand.get()))
      operand.set(readOnHost(operand.get()));
  SmallVector<Value> resultDims;
  for (Value result : op->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    for (auto [axis, dim] : llvm::enumerate(shapes.getShape(builder, result))) {
      if (!type.isDynamicDim(axis))
        continue;
      Value size = getAsIndexValue(builder, op->getLoc(), dim);
      resultDims.push_back(size);
      // Dimensions of the inputs are checked by the runtime, others once.
      auto ofInput = size.getDefiningOp<tensor::DimOp>();
      if ((ofInput && isa<BlockArgument>(ofInput.getSource())) ||
          !checkedDims.insert(size).second)
        continue;
      Value zero = arith::ConstantIndexOp::create(builder, op->getLoc(), 0);
      checks.push_back(
          {arith::CmpIOp::create(builder, op->getLoc(),
                                 arith::CmpIPredicate::sge, size, zero),
           "a computed dimension is negative"});
    }
  }
  std::string name = getNodeName(op->getLoc()).str();
  for (const DimBuilder::Check &check : checks)
    nn::AssertOp::create(builder, op->getLoc(), check.first,
                         (name.empty() ? "" : "node '" + name + "': ") +
                             check.second);
  IRMapping mapping;
  nn::KernelOp kernel = createKernel(
      op->getLoc(), llvm::to_vector(op->getOperands()), op->getResultTypes(),
      resultDims, mapping, op->getName().stripDialect());
  OpBuilder inner = OpBuilder::atBlockEnd(&kernel.getBody().front());
  Operation *copy = inner.clone(*op, mapping);
  if (isa<ScalarOpInterface>(op) && !resultDims.empty() && haveSameDims(op))
    copy->setAttr(nn::sameDimsAttrName, builder.getUnitAttr());
  nn::YieldOp::create(inner, op->getLoc(), copy->getResults());
  for (auto [from, to] : llvm::zip(op->getResults(), kernel.getResults()))
    shapes.setShape(to, shapes.getShape(builder, from));
  op->replaceAllUsesWith(kernel.getResults());
  op->erase();
  return success();
}

/// A kernel that copies `value`, an argument, a constant or scalars, into a
/// buffer of its own.
Value KernelFormer::materialize(Location loc, Value value) {
  SmallVector<Value> resultDims;
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<Dim> shape = shapes.getShape(builder, value);
  for (auto [axis, dim] : llvm::enumerate(shape))
    if (type.isDynamicDim(axis))
      resultDims.push_back(getAsIndexValue(builder, loc, dim));
  IRMapping mapping;
  nn::KernelOp kernel =
      createKernel(loc, value, type, resultDims, mapping, "copy");
  OpBuilder inner = OpBuilder::atBlockEnd(&kernel.getBody().front());
  nn::YieldOp::create(inner, loc, mapping.lookup(value));
  shapes.setShape(kernel.getResult(0), shape);
  return kernel.getResult(0);
}

LogicalResult KernelFormer::keepOnHost(Operation *op) {
  auto reshape = dyn_cast<nn::ReshapeOp>(op);
  if (!reshape) {
    if (nn::isHostOp(op))
      materializeOperands(op);
    return success();
  }
  builder.setInsertionPoint(op);
  SmallVector<DimBuilder::Check> checks;
  if (failed(shapes.resolve(builder, op, &checks)))
    return failure();
  useKnownDims(op);
  std::string name = getNodeName(op->getLoc()).str();
  for (const DimBuilder::Check &check : checks)
    nn::AssertOp::create(builder, op->getLoc(), check.first,
                         (name.empty() ? "" : "node '" + name + "': ") +
                             check.second);
  // The run wants every dimension as it is, not 0 or -1 in its place.
  SmallVector<Dim> shape = shapes.getShape(builder, reshape.getResult());
  SmallVector<Value> sizes;
  for (Dim dim : shape)
    sizes.push_back(arith::IndexCastOp::create(
        builder, op->getLoc(), builder.getI64Type(),
        getAsIndexValue(builder, op->getLoc(), dim)));
  if (!reshape.getType().hasStaticShape()) {
    auto type =
        RankedTensorType::get({int64_t(sizes.size())}, builder.getI64Type());
    reshape.getShapeMutable().assign(
        tensor::FromElementsOp::create(builder, op->getLoc(), type, sizes));
    reshape.setAllowZero(true);
  }
  if (isMadeInKernel(reshape.getInput()))
    reshape.getInputMutable().assign(
        materialize(op->getLoc(), reshape.getInput()));
  return success();
}

void KernelFormer::replaceDims(tensor::DimOp op) {
  std::optional<int64_t> axis = op.getConstantIndex();
  Operation *source = op.getSource().getDefiningOp();
  if (!axis ||
      !isa_and_nonnull<nn::KernelOp, nn::ReshapeOp, tensor::CastOp>(source))
    return;
  builder.setInsertionPoint(op);
  Dim dim = shapes.getShape(builder, op.getSource())[*axis];
  op.replaceAllUsesWith(getAsIndexValue(builder, op.getLoc(), dim));
  op.erase();
}

/// True if `value` follows from the inputs without running a kernel.
static bool isEarly(Value value, DenseMap<Value, bool> &known) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return isa<func::FuncOp>(value.getParentBlock()->getParentOp());
  if (op->getNumRegions())
    return false;
  auto [entry, isNew] = known.try_emplace(value, true);
  if (!isNew)
    return entry->second;
  bool early = llvm::all_of(op->getOperands(),
                            [&](Value v) { return isEarly(v, known); });
  return known[value] = early;
}

/// True if the dimensions of `value`, a kernel's result or a view of one, are
/// known before that kernel runs.
bool KernelFormer::isKnownEarly(Value value) {
  if (value.getDefiningOp<nn::KernelOp>() ||
      cast<RankedTensorType>(value.getType()).hasStaticShape())
    return true;
  DenseMap<Value, bool> known;
  return llvm::all_of(shapes.getShape(builder, value), [&](Dim dim) {
    return dim.getConstant() || isEarly(dim.getValue(), known);
  });
}

void KernelFormer::copyOutputs(Operation *terminator) {
  builder.setInsertionPoint(terminator);
  llvm::SmallDenseSet<Value> returned;
  for (OpOperand &operand : terminator->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    Value root = getKernelResult(operand.get());
    if (root && isKnownEarly(operand.get()) && returned.insert(root).second)
      continue;
    Value copy = materialize(operand.get().getLoc(), operand.get());
    operand.set(copy);
    returned.insert(copy);
  }
}

/// True for tensors that have no memory yet: scalars of the host.
static bool needsMemory(Value value) {
  return value.getDefiningOp<tensor::FromElementsOp>();
}

/// Gives memory to what an op of the host passes on.
void KernelFormer::materializeOperands(Operation *op) {
  builder.setInsertionPoint(op);
  for (OpOperand &operand : op->getOpOperands())
    if (needsMemory(operand.get()))
      operand.set(materialize(op->getLoc(), operand.get()));
}

/// For what the condition of a `scf.while` passes into the body: what it has
/// passed; else the value itself.
static Value getForwarded(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto loop = argument
                  ? dyn_cast<scf::WhileOp>(argument.getOwner()->getParentOp())
                  : scf::WhileOp();
  if (!loop || argument.getOwner() != loop.getAfterBody())
    return value;
  return loop.getConditionOp().getArgs()[argument.getArgNumber()];
}

/// What a loop hands to its next iteration goes into a buffer that nothing in
/// the iteration reads or writes until its end: kernels of the body may still
/// read the old value while they make the new one. A value that is not of the
/// iteration's own making is copied twice, since it may be another carried
/// one's buffer.
void KernelFormer::bufferCarried(LoopLikeOpInterface loop) {
  auto yielded = loop.getYieldedValuesMutable();
  if (!yielded)
    return;
  SmallVector<OpOperand *> carried;
  for (auto [operand, argument] : llvm::zip(*yielded, loop.getRegionIterArgs()))
    if (isa<RankedTensorType>(operand.get().getType()) &&
        getForwarded(operand.get()) != argument)
      carried.push_back(&operand);
  if (carried.empty())
    return;
  builder.setInsertionPoint(carried.front()->getOwner());
  for (OpOperand *operand : carried) {
    OpResult own = getKernelResult(operand->get());
    if (!own || own.getOwner()->getBlock() != operand->getOwner()->getBlock())
      operand->set(materialize(operand->get().getLoc(), operand->get()));
  }
  for (OpOperand *operand : carried)
    operand->set(materialize(operand->get().getLoc(), operand->get()));
}

/// Forms kernels in the regions of a branch or a loop. What was found out about
/// shapes inside is forgotten outside, where it is not defined.
LogicalResult KernelFormer::runOnRegions(Operation *op) {
  materializeOperands(op);
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      ShapeResolver outerShapes = shapes;
      DenseSet<Value> outerDims = checkedDims;
      if (failed(runOnBlock(block)))
        return failure();
      materializeOperands(block.getTerminator());
      shapes = std::move(outerShapes);
      checkedDims = std::move(outerDims);
    }
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
    ShapeResolver outerShapes = shapes;
    bufferCarried(loop);
    shapes = std::move(outerShapes);
  }
  return success();
}

LogicalResult KernelFormer::runOnBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      replaceDims(dim);
      continue;
    }
    // Widened in the kernels of the products that read it.
    if (nn::isMadeInProducts(&op))
      continue;
    bool isWork = isa<ShapeOpInterface>(op) && !isa<nn::ReshapeOp>(op);
    if (failed(op.getNumRegions() ? runOnRegions(&op)
               : isWork           ? formKernel(&op)
                                  : keepOnHost(&op)))
      return failure();
  }
  return success();
}

LogicalResult KernelFormer::run() {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("expects one block");
  Block &body = function.getBody().front();
  findDims();
  if (failed(runOnBlock(body)))
    return failure();
  copyOutputs(body.getTerminator());
  return success();
}

namespace {
struct FormKernels : nnc::impl::FormKernelsPassBase<FormKernels> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(nn::NNDialect::entryAttrName) &&
        failed(KernelFormer(getOperation()).run()))
      signalPassFailure();
  }
};
} // namespace
