//===----------------------------------------------------------------------===//
// Lets kernels look before they touch memory, for those who debug a compiler.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_CHECKBOUNDSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Of the runtime: notes the first access that was left out, by its text.
static constexpr StringLiteral reportName = "nncrt_out_of_bounds";

namespace {
/// What an op touches: elements from `indices` on, in the shape of `vector`, or
/// one; of those only the lanes of `mask`, where there is one.
struct Access {
  Value memory;
  SmallVector<Value> indices;
  VectorType vector;
  Value mask;
};

class BoundsChecker {
public:
  explicit BoundsChecker(ModuleOp module)
      : module(module), symbols(module), builder(module.getContext()) {}

  /// Returns the number of checks.
  int64_t run(func::FuncOp kernel);

private:
  static std::optional<Access> getAccess(Operation *op);
  Value isInside(Location loc, const Access &access);
  Value areLanesInside(Location loc, const Access &access, Value size);
  Value isBelow(Location loc, Value at, int64_t extent, Value size);
  Value flatten(Location loc, Value memory, ValueRange indices, Value &size);
  void guard(Operation *op, Value inside);
  Value getText(Operation *op);
  LLVM::LLVMFuncOp getReport();

  ModuleOp module;
  SymbolTable symbols;
  OpBuilder builder;
  StringRef kernelName;
  llvm::StringMap<LLVM::GlobalOp> texts;
};
} // namespace

std::optional<Access> BoundsChecker::getAccess(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Access>>(op)
      .Case<memref::LoadOp, memref::StoreOp>([](auto access) {
        return Access{access.getMemref(), access.getIndices(), {}, {}};
      })
      .Case<vector::LoadOp, vector::StoreOp>([](auto access) {
        return Access{
            access.getBase(), access.getIndices(), access.getVectorType(), {}};
      })
      .Case<vector::MaskedLoadOp, vector::MaskedStoreOp>([](auto access) {
        return Access{access.getBase(), access.getIndices(),
                      access.getVectorType(), access.getMask()};
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// Lanes that a mask leaves out may lie anywhere.
Value BoundsChecker::areLanesInside(Location loc, const Access &access,
                                    Value size) {
  int64_t lanes = access.vector.getNumElements();
  auto places = VectorType::get(lanes, builder.getIndexType());
  auto spread = [&](Value scalar) -> Value {
    return vector::BroadcastOp::create(builder, loc, places, scalar);
  };
  Value steps =
      arith::ConstantOp::create(builder, loc,
                                builder.getIndexVectorAttr(llvm::to_vector(
                                    llvm::seq<int64_t>(0, lanes))));
  Value at =
      arith::AddIOp::create(builder, loc, spread(access.indices.back()), steps);
  // Negative places are large ones of unsigned numbers.
  Value outside = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge,
                                        at, spread(size));
  Value wrong = arith::AndIOp::create(builder, loc, outside, access.mask);
  Value any = vector::ReductionOp::create(builder, loc,
                                          vector::CombiningKind::OR, wrong);
  Value yes =
      arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
  return arith::XOrIOp::create(builder, loc, any, yes);
}

/// The place of an element of a memref without gaps, counted from its first.
Value BoundsChecker::flatten(Location loc, Value memory, ValueRange indices,
                             Value &size) {
  Value at;
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  for (int64_t axis = 0; axis < rank; ++axis) {
    Value extent = memref::DimOp::create(builder, loc, memory, axis);
    at = at ? arith::AddIOp::create(
                  builder, loc, arith::MulIOp::create(builder, loc, at, extent),
                  indices[axis])
                  .getResult()
            : indices[axis];
    size = size ? arith::MulIOp::create(builder, loc, size, extent).getResult()
                : extent;
  }
  return at;
}

/// True where places from `at` on, `extent` of them, lie below `size`: at <
/// size - (extent - 1), both unsigned. A size too small has no such place.
Value BoundsChecker::isBelow(Location loc, Value at, int64_t extent,
                             Value size) {
  Value room = arith::SubIOp::create(
      builder, loc, size,
      arith::ConstantIndexOp::create(builder, loc, extent - 1));
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  room = arith::MaxSIOp::create(builder, loc, room, zero);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, at,
                               room);
}

Value BoundsChecker::isInside(Location loc, const Access &access) {
  Value all;
  auto also = [&](Value one) {
    all = all ? arith::AndIOp::create(builder, loc, all, one).getResult() : one;
  };
  auto type = cast<MemRefType>(access.memory.getType());
  int64_t first =
      type.getRank() - (access.vector ? access.vector.getRank() : 0);
  // Vectors may go on in the next line of memory without gaps.
  bool isFlat = access.vector && access.vector.getRank() == 1 && !access.mask &&
                type.getLayout().isIdentity();
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Value size = memref::DimOp::create(builder, loc, access.memory, axis);
    int64_t extent =
        axis < first || isFlat ? 1 : access.vector.getDimSize(axis - first);
    if (access.mask && axis + 1 == type.getRank())
      also(areLanesInside(loc, access, size));
    else
      also(isBelow(loc, access.indices[axis], extent, size));
  }
  if (isFlat) {
    Value size;
    Value at = flatten(loc, access.memory, access.indices, size);
    also(isBelow(loc, at, access.vector.getNumElements(), size));
  }
  if (!access.mask)
    return all;
  // Nothing is touched without a lane.
  Value any = vector::ReductionOp::create(
      builder, loc, vector::CombiningKind::OR, access.mask);
  Value yes =
      arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
  Value none = arith::XOrIOp::create(builder, loc, any, yes);
  return arith::OrIOp::create(builder, loc, all, none);
}

LLVM::LLVMFuncOp BoundsChecker::getReport() {
  if (auto known = symbols.lookup<LLVM::LLVMFuncOp>(reportName))
    return known;
  OpBuilder::InsertionGuard insertion(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()),
      LLVM::LLVMPointerType::get(builder.getContext()));
  auto report =
      LLVM::LLVMFuncOp::create(builder, module.getLoc(), reportName, type);
  symbols.insert(report);
  return report;
}

/// "kernel_conv, node 'Conv_3': vector.load outside of memref<8x4xf32>", as
/// bytes with a 0 at their end.
Value BoundsChecker::getText(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << kernelName;
  Location loc = op->getLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().front();
  if (auto name = dyn_cast<NameLoc>(loc))
    stream << ", node '" << name.getName().getValue() << "'";
  stream << ": " << op->getName() << " outside of "
         << getAccess(op)->memory.getType();
  LLVM::GlobalOp &global = texts[text];
  if (!global) {
    OpBuilder::InsertionGuard insertion(builder);
    builder.setInsertionPointToStart(module.getBody());
    std::string bytes = text + '\0';
    auto type =
        LLVM::LLVMArrayType::get(builder.getI8Type(), unsigned(bytes.size()));
    global = LLVM::GlobalOp::create(
        builder, module.getLoc(), type, /*isConstant=*/true,
        LLVM::Linkage::Internal, "nnc_access", builder.getStringAttr(bytes));
    symbols.insert(global);
  }
  return LLVM::AddressOfOp::create(builder, op->getLoc(), global);
}

/// Leaves `op` out, and has it yield zeros, unless `inside` holds.
void BoundsChecker::guard(Operation *op, Value inside) {
  Location loc = op->getLoc();
  auto branch = scf::IfOp::create(builder, loc, op->getResultTypes(), inside,
                                  /*withElseRegion=*/true);
  op->replaceAllUsesWith(branch.getResults());
  // Without results, blocks come with their terminators.
  auto fill = [&](Block &block, function_ref<SmallVector<Value>()> make) {
    builder.setInsertionPointToStart(&block);
    SmallVector<Value> values = make();
    if (!values.empty()) {
      builder.setInsertionPointToEnd(&block);
      scf::YieldOp::create(builder, loc, values);
    }
  };
  fill(branch.getThenRegion().front(), [&] {
    op->remove();
    builder.insert(op);
    return SmallVector<Value>(op->getResults());
  });
  fill(branch.getElseRegion().front(), [&] {
    LLVM::CallOp::create(builder, loc, getReport(), getText(op));
    return llvm::map_to_vector(op->getResultTypes(), [&](Type type) -> Value {
      return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    });
  });
}

int64_t BoundsChecker::run(func::FuncOp kernel) {
  kernelName = kernel.getName();
  SmallVector<Operation *> ops;
  kernel.walk([&](Operation *op) {
    if (getAccess(op))
      ops.push_back(op);
  });
  int64_t count = 0;
  for (Operation *op : ops) {
    builder.setInsertionPoint(op);
    // Of memory without axes nothing lies outside.
    if (Value inside = isInside(op->getLoc(), *getAccess(op))) {
      guard(op, inside);
      ++count;
    }
  }
  return count;
}

namespace {
struct CheckBounds : nnc::impl::CheckBoundsPassBase<CheckBounds> {
  void runOnOperation() override {
    BoundsChecker checker(getOperation());
    for (auto kernel :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      numChecks += checker.run(kernel);
  }
};
} // namespace
