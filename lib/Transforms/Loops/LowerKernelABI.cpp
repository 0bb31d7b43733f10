//===----------------------------------------------------------------------===//
// Gives kernels their binary interface.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"
#include "SharedResults.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_LOWERKERNELABIPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static MemRefType getMemRefType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

namespace {
/// Rewrites one kernel function; see the pass.
class ABILowering {
public:
  explicit ABILowering(func::FuncOp function)
      : function(function), builder(function.getContext()),
        body(function.getBody().front()) {}

  void run() {
    SmallVector<BlockArgument> old(body.getArguments());
    SmallVector<Type> resultTypes(function.getResultTypes());
    protectSharedArguments(function);
    addArguments(old, resultTypes);
    builder.setInsertionPointToStart(&body);
    for (auto [index, argument] : llvm::enumerate(old))
      replaceArgument(argument);
    writeResults(resultTypes);
    body.eraseArguments(0, old.size());
    function.setType(builder.getFunctionType(body.getArgumentTypes(), {}));
    for (unsigned i = 0; i < numPointers; ++i)
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          builder.getUnitAttr());
  }

private:
  /// Pointers of inputs and results, scalars, dynamic sizes, units, scratch.
  void addArguments(ArrayRef<BlockArgument> old, ArrayRef<Type> results) {
    Location loc = function.getLoc();
    Type pointer = LLVM::LLVMPointerType::get(function.getContext());
    Type number = builder.getI64Type();
    SmallVector<Type> tensors;
    for (BlockArgument argument : old)
      if (isa<RankedTensorType>(argument.getType())) {
        pointers[argument] = body.addArgument(pointer, loc);
        tensors.push_back(argument.getType());
      }
    for (Type type : results) {
      resultPointers.push_back(body.addArgument(pointer, loc));
      tensors.push_back(type);
    }
    numPointers = tensors.size();
    for (BlockArgument argument : old)
      if (!isa<RankedTensorType>(argument.getType()))
        scalars[argument] = body.addArgument(number, loc);
    for (Type type : tensors)
      for (int64_t i = 0, e = cast<RankedTensorType>(type).getNumDynamicDims();
           i < e; ++i)
        sizes.push_back(body.addArgument(number, loc));
    body.addArgument(number, loc);  // first unit
    body.addArgument(number, loc);  // last unit
    body.addArgument(pointer, loc); // scratch
  }

  SmallVector<Value> takeSizes(Type type) {
    int64_t count = cast<RankedTensorType>(type).getNumDynamicDims();
    SmallVector<Value> taken(sizes.begin() + nextSize,
                             sizes.begin() + nextSize + count);
    nextSize += count;
    return taken;
  }

  void replaceArgument(BlockArgument argument) {
    Location loc = function.getLoc();
    Type type = argument.getType();
    if (!isa<RankedTensorType>(type)) {
      argument.replaceAllUsesWith(fromI64(scalars[argument], type));
      return;
    }
    Value memref = createMemRef(builder, loc, getMemRefType(type),
                                pointers[argument], takeSizes(type));
    memrefs[argument.getArgNumber()] = memref;
    argument.replaceAllUsesWith(bufferization::ToTensorOp::create(
        builder, loc, type, memref, /*restrict=*/true, /*writable=*/false));
  }

  /// A scalar as it was before it was widened to eight bytes.
  Value fromI64(Value value, Type type) {
    Location loc = function.getLoc();
    if (type.isIndex())
      return arith::IndexCastOp::create(builder, loc, type, value);
    Type integer = builder.getIntegerType(type.getIntOrFloatBitWidth());
    if (integer != value.getType())
      value = arith::TruncIOp::create(builder, loc, integer, value);
    if (type != integer)
      value = arith::BitcastOp::create(builder, loc, type, value);
    return value;
  }

  void writeResults(ArrayRef<Type> types) {
    Operation *terminator = body.getTerminator();
    SmallVector<Value> places;
    for (auto [index, type] : llvm::enumerate(types)) {
      SmallVector<Value> dims = takeSizes(type);
      // One memref for both, so that later passes see what is written over
      // what.
      int64_t shared = getSharedArgument(function, index);
      places.push_back(shared >= 0 ? memrefs.lookup(shared)
                                   : createMemRef(builder, function.getLoc(),
                                                  getMemRefType(type),
                                                  resultPointers[index], dims));
    }
    builder.setInsertionPoint(terminator);
    for (auto [value, memref] : llvm::zip(terminator->getOperands(), places)) {
      auto store = bufferization::MaterializeInDestinationOp::create(
          builder, terminator->getLoc(), value, memref);
      store.setRestrict(true);
      store.setWritable(true);
    }
    func::ReturnOp::create(builder, terminator->getLoc());
    terminator->erase();
  }

  func::FuncOp function;
  OpBuilder builder;
  Block &body;
  DenseMap<Value, Value> pointers, scalars;
  DenseMap<int64_t, Value> memrefs; ///< Of tensors, by argument number.
  SmallVector<Value> resultPointers, sizes;
  unsigned numPointers = 0;
  size_t nextSize = 0;
};

struct LowerKernelABI : nnc::impl::LowerKernelABIPassBase<LowerKernelABI> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(kernelAttrName))
      ABILowering(getOperation()).run();
  }
};
} // namespace
