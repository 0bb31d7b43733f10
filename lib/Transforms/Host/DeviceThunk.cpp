//===----------------------------------------------------------------------===//
// The function that a GPU starts a phase of a kernel with.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "DeviceThunk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nnc/Transforms/DevicePasses.h"

using namespace mlir;
using namespace mlir::nnc;

/// Arguments of a kernel that stand for the units and the scratch.
static constexpr unsigned numUnitArguments = 3;

std::string mlir::nnc::getDeviceThunkName(func::FuncOp kernel) {
  std::string name = kernel.getSymName().str();
  llvm::replace(name, '.', '_');
  return name + "_gpu";
}

namespace {
/// The number of who takes units, a thread or a block, in the grid, and how
/// many of these there are, as i64.
struct GridPosition {
  Value number, count;

  GridPosition(OpBuilder &builder, Location loc, bool isBlock) {
    auto read = [&](Value value) -> Value {
      return arith::ExtUIOp::create(builder, loc, builder.getI64Type(), value);
    };
    Type i32 = builder.getI32Type();
    number = read(NVVM::BlockIdXOp::create(builder, loc, i32));
    count = read(NVVM::GridDimXOp::create(builder, loc, i32));
    if (isBlock)
      return;
    Value thread = read(NVVM::ThreadIdXOp::create(builder, loc, i32));
    Value threads = read(NVVM::BlockDimXOp::create(builder, loc, i32));
    number = arith::MulIOp::create(builder, loc, number, threads);
    number = arith::AddIOp::create(builder, loc, number, thread);
    count = arith::MulIOp::create(builder, loc, count, threads);
  }
};
} // namespace

/// The thunk without a body.
static func::FuncOp createFunction(OpBuilder &builder, func::FuncOp kernel,
                                   StringRef name) {
  Type global = LLVM::LLVMPointerType::get(
      builder.getContext(), unsigned(NVVM::NVVMMemorySpace::Global));
  auto inGlobalMemory = [&](Type type) {
    return isa<LLVM::LLVMPointerType>(type) ? global : type;
  };
  SmallVector<Type> types = llvm::map_to_vector(
      kernel.getArgumentTypes().drop_back(numUnitArguments), inGlobalMemory);
  Type i64 = builder.getI64Type();
  types.append({i64, global, i64});
  auto thunk = func::FuncOp::create(builder, kernel.getLoc(), name,
                                    builder.getFunctionType(types, {}));
  thunk.setPrivate();
  StringRef noAlias = LLVM::LLVMDialect::getNoAliasAttrName();
  // What is written by one thread and read by another one behind a barrier must
  // not be taken for memory that nobody else knows.
  bool isShared = kernel->hasAttr(blockThreadsAttrName);
  for (auto [index, type] : llvm::enumerate(types))
    if (type == global && !isShared)
      thunk.setArgAttr(index, noAlias, builder.getUnitAttr());
  for (unsigned i = 0; isShared && i < kernel.getNumArguments(); ++i)
    kernel.removeArgAttr(i, noAlias);
  return thunk;
}

func::FuncOp mlir::nnc::createDeviceThunk(OpBuilder &builder,
                                          func::FuncOp kernel, StringRef name) {
  Location loc = kernel.getLoc();
  func::FuncOp thunk = createFunction(builder, kernel, name);
  Block *body = thunk.addEntryBlock();
  builder.setInsertionPointToStart(body);
  Type generic = LLVM::LLVMPointerType::get(builder.getContext());
  auto toGeneric = [&](Value value) -> Value {
    if (!isa<LLVM::LLVMPointerType>(value.getType()))
      return value;
    return LLVM::AddrSpaceCastOp::create(builder, loc, generic, value);
  };
  SmallVector<Value> arguments =
      llvm::map_to_vector(body->getArguments().drop_back(numUnitArguments),
                          [&](BlockArgument a) { return toGeneric(a); });
  ArrayRef<BlockArgument> last =
      body->getArguments().take_back(numUnitArguments);
  Attribute blockThreads = kernel->getAttr(blockThreadsAttrName);
  if (blockThreads)
    thunk->setAttr(blockThreadsAttrName, blockThreads);
  GridPosition position(builder, loc, /*isBlock=*/bool(blockThreads));
  Value offset = arith::MulIOp::create(builder, loc, position.number, last[2]);
  Value scratch =
      LLVM::GEPOp::create(builder, loc, generic, builder.getI8Type(),
                          toGeneric(last[1]), ArrayRef<LLVM::GEPArg>{offset});
  Value one =
      arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(1));
  auto loop = scf::ForOp::create(builder, loc, position.number, last[0],
                                 position.count);
  builder.setInsertionPointToStart(loop.getBody());
  Value unit = loop.getInductionVar();
  arguments.append(
      {unit, arith::AddIOp::create(builder, loc, unit, one), scratch});
  func::CallOp::create(builder, loc, kernel, arguments);
  builder.setInsertionPointToEnd(body);
  func::ReturnOp::create(builder, loc);
  return thunk;
}
