//===----------------------------------------------------------------------===//
// Lowers one entry function to calls of the runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_HOST_HOSTLOWERING_H
#define NNC_LIB_TRANSFORMS_HOST_HOSTLOWERING_H

#include "ArtifactTables.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::nnc {

/// Builds `NAME(context) -> status` from an entry function on tensors. Every
/// tensor becomes the pointer to its bytes; host scalars stay what they are.
class HostLowering {
public:
  /// `isDevice`: tensors lie in the memory of a GPU.
  HostLowering(func::FuncOp entry, SymbolTable &symbols, ArtifactTables &tables,
               bool isDevice);

  /// The new function; the entry is left for the caller to erase.
  FailureOr<func::FuncOp> run();

private:
  LogicalResult lowerOp(Operation *op);
  /// All ops of a block but its terminator.
  LogicalResult lowerBlock(Block &block);
  LogicalResult lowerControlFlow(Operation *op);
  LogicalResult lowerIf(scf::IfOp op);
  LogicalResult lowerFor(scf::ForOp op);
  LogicalResult lowerWhile(scf::WhileOp op);
  LogicalResult lowerSelect(arith::SelectOp op);
  /// Ops on sequences and optional values, which are pointers to the runtime's
  /// lists.
  LogicalResult lowerSequenceOp(Operation *op);
  LogicalResult lowerInsert(nn::SequenceInsertOp op);
  LogicalResult lowerOptionalGet(nn::OptionalGetOp op);
  /// `list` with one more element, before `position` (i64).
  FailureOr<Value> insertIntoList(Operation *op, Value list, Value position,
                                  Value tensor);
  /// The tensor `result` from a call that gives its data and writes its
  /// dimensions into the array at the end of `operands`.
  void bindFromList(Value result, StringRef runtimeEntry,
                    SmallVector<Value> operands);
  Value getLength(Value list);
  /// Where the host can read `bytes` (i64) of a tensor, until the next run.
  Value readOnHost(Value pointer, Value bytes);
  /// Where kernels can read `bytes` (i64) that the host has made.
  Value giveToKernels(Value pointer, Value bytes);
  /// Bytes of a tensor of these dimensions, as i64.
  Value countBytes(RankedTensorType type, ValueRange dims);
  Value loadInput(BlockArgument argument);
  /// Before the first kernel: memory for this run.
  void start();
  LogicalResult lowerExtract(tensor::ExtractOp op);
  /// Part of a tensor in memory, or a tensor of parts that lie side by side.
  LogicalResult lowerStretch(Operation *op);
  LogicalResult lowerLaunch(nn::LaunchOp op);
  void lowerAssert(nn::AssertOp op);
  /// Ends the run with `message` if `fails` holds.
  void lowerCheck(Value fails, StringRef message);
  void lowerPlace(ValueRange sizes, ArrayRef<int64_t> lifetimes);
  void lowerConstant(Value result, Attribute data);
  FailureOr<Value> getResultPointer(OpResult result, nn::SlotAttr slot);
  FailureOr<Value> getOutputPointer(int64_t index);
  /// Before the first kernel: how much scratch they need. `isPlaced`: the run
  /// places the arena.
  void prepareScratch(bool isPlaced);
  void prepareLaunch(nn::LaunchOp launch, bool isPlaced);
  /// Finds room in a fixed arena for what the units of kernels share.
  void placeShared();
  /// What the companion function of a launch's kernel makes of the sizes alone;
  /// nothing if there is no such function.
  SmallVector<Value> callCompanion(nn::LaunchOp launch, StringRef suffix,
                                   ArrayRef<Value> scalars);
  /// Memory that all units of a launch share.
  Value getSharedPointer(nn::LaunchOp launch, ArrayRef<Value> scalars);
  /// An array with the number of units of each phase.
  Value getUnits(nn::LaunchOp launch, func::FuncOp kernel,
                 ArrayRef<Value> scalars);
  /// Host scalars and dynamic sizes that a kernel takes, as i64; nullopt if one
  /// is not known yet.
  std::optional<SmallVector<Value>> getKernelScalars(nn::LaunchOp launch);
  FlatSymbolRefAttr getThunk(func::FuncOp kernel);
  /// A phase as a CPU's runtime calls it (nncrt_kernel_fn).
  func::FuncOp createThunk(func::FuncOp kernel, StringRef name);
  /// Thunks of all phases.
  SmallVector<Attribute> getThunks(func::FuncOp kernel);

  Value call(StringRef runtimeEntry, Type result, ValueRange operands);
  Value number(int64_t value);
  Value number32(int64_t value);
  Value toI64(Value scalar);
  Value offsetPointer(Value pointer, Value bytes);
  Value loadElement(Value pointer, Value index, Type elementType);
  /// An array on the stack holding i64 values.
  Value createArray(ValueRange values);
  /// Returns `status()` from the function if `condition` holds.
  void returnIf(Value condition, function_ref<Value()> status);
  void returnIfNonzero(Value status);
  void returnIfNull(Value pointer);
  /// Dimensions of a tensor as i64; nullopt if one is not known yet.
  std::optional<SmallVector<Value>> getDims(Value tensor);
  /// What a value is across blocks: a scalar itself; of a tensor the pointer
  /// and each dynamic dimension.
  FailureOr<SmallVector<Value>> flatten(Operation *op, ValueRange values);
  /// A new block with arguments for such values of these types.
  Block *createBlock(TypeRange types);
  /// Takes `flat`, as made by flatten, as the values of `targets`.
  void bind(ValueRange targets, ValueRange flat);
  Value getDynamicDim(Value tensor, int64_t axis);

  func::FuncOp entry;
  SymbolTable &symbols;
  ArtifactTables &tables;
  bool isDevice;
  OpBuilder builder;
  Location loc;
  func::FuncOp host;
  Value context;
  IRMapping mapping; ///< tensors to pointers, scalars to scalars
  /// Dimensions of tensors that come from branches and loops, as i64.
  DenseMap<Value, SmallVector<Value>> boundDims;
  SmallVector<Value> offsets; ///< of arena slots when placed by the run
  EntryStorage storage;
  Value scratch;           ///< bytes of one thread
  Value shared;            ///< bytes that the units of a kernel share
  int64_t sharedBytes = 0; ///< of the kernels where they are fixed
  Value sharedOffset;      ///< in an arena that the run places
  DenseMap<Operation *, int64_t> fixedShared; ///< in a fixed one, by launch
  int64_t sharedPool = 0; ///< pool slot for those known late
  bool isStarted = false; ///< the first kernel has been reached
  Type pointerType;
  /// Launches whose scratch is known only when they start.
  DenseSet<Operation *> lateScratch;
  /// Launches whose shared memory is known only when they start, or has no
  /// place in the arena.
  DenseSet<Operation *> lateShared;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_HOST_HOSTLOWERING_H
