//===----------------------------------------------------------------------===//
// Takes movements of elements into the kernels that can do without them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/HostScalars.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ABSORBMOVEMENTSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// The op that is all that the kernel does, beside making scalars for it; null
/// if there are several, or results are not the op's.
static Operation *getOnlyOp(nn::KernelOp kernel) {
  Operation *only = nullptr;
  Block &body = kernel.getBody().front();
  for (Operation &op : body.without_terminator()) {
    bool isScalar = op.getNumResults() == 1 &&
                    (!isa<RankedTensorType>(op.getResult(0).getType()) ||
                     nn::isHostTensor(op.getResult(0)));
    if (isScalar)
      continue;
    if (only)
      return nullptr;
    only = &op;
  }
  bool yieldsIt = only && kernel->getNumResults() == 1 &&
                  body.getTerminator()->getOperands() == only->getResults();
  return yieldsIt ? only : nullptr;
}

static void remarkAbsorbed(Operation *op, nn::KernelOp movement) {
  remark::passed(op->getLoc(), remark::RemarkOpts::name("AbsorbMovements")
                                   .category("nnc-absorb-movements"))
      << movement.getName() << " becomes an index map";
}

/// Clones what `kernel` does to the builder's place in the body of `into`,
/// which gets its inputs; returns the clone of its result.
static Value cloneInto(OpBuilder &builder, nn::KernelOp kernel,
                       nn::KernelOp into) {
  IRMapping mapping;
  Block &body = into.getBody().front();
  for (auto [input, argument] :
       llvm::zip(kernel.getInputs(), kernel.getBody().getArguments())) {
    auto known = llvm::find(into.getInputs(), input);
    if (known != into.getInputs().end()) {
      mapping.map(argument, body.getArgument(known - into.getInputs().begin()));
      continue;
    }
    into.getInputsMutable().append(input);
    mapping.map(argument, body.addArgument(input.getType(), input.getLoc()));
  }
  for (Operation &op : kernel.getBody().front().without_terminator())
    builder.clone(op, mapping);
  return mapping.lookup(
      kernel.getBody().front().getTerminator()->getOperand(0));
}

static void dropUnusedInputs(nn::KernelOp kernel) {
  Block &body = kernel.getBody().front();
  for (unsigned index = body.getNumArguments(); index-- > 0;) {
    if (!body.getArgument(index).use_empty())
      continue;
    body.eraseArgument(index);
    kernel.getInputsMutable().erase(index);
  }
}

/// The kernel, in the block of `kernel`, that makes what operand `index` of
/// `reader` is read from through movements, if it is one more of these.
static nn::KernelOp findProducer(nn::KernelOp kernel,
                                 MovementReaderOpInterface reader,
                                 unsigned index, BlockArgument &argument) {
  Value value = reader->getOperand(index);
  while (Operation *inner = value.getDefiningOp()) {
    if (!isa<DataMovementOpInterface>(inner))
      return {};
    value = inner->getOperand(0);
  }
  argument = cast<BlockArgument>(value);
  auto producer =
      kernel.getInputs()[argument.getArgNumber()].getDefiningOp<nn::KernelOp>();
  if (!producer || producer->getBlock() != kernel->getBlock())
    return {};
  Operation *movement = getOnlyOp(producer);
  return movement && isa<DataMovementOpInterface>(movement) &&
                 reader.readsThrough(index, movement)
             ? producer
             : nn::KernelOp();
}

/// Replaces what the reader has from movements by those.
static int64_t absorbProducers(nn::KernelOp kernel,
                               MovementReaderOpInterface reader) {
  int64_t count = 0;
  for (unsigned index = 0; index < reader->getNumOperands(); ++index) {
    BlockArgument argument;
    while (nn::KernelOp producer =
               findProducer(kernel, reader, index, argument)) {
      // The first op of the body, so that it comes before all that reads it.
      OpBuilder builder = OpBuilder::atBlockBegin(&kernel.getBody().front());
      Value moved = cloneInto(builder, producer, kernel);
      argument.replaceAllUsesWith(moved);
      remarkAbsorbed(reader, producer);
      dropUnusedInputs(kernel);
      kernel->setLoc(FusedLoc::get(kernel->getContext(),
                                   {kernel.getLoc(), producer.getLoc()}));
      if (producer.use_empty())
        producer.erase();
      ++count;
    }
  }
  return count;
}

/// Writes the result where its only reader would move it.
static int64_t absorbConsumer(nn::KernelOp kernel,
                              MovementReaderOpInterface reader) {
  if (kernel->getNumResults() != 1 || !kernel->hasOneUse())
    return 0;
  Operation *yield = kernel.getBody().front().getTerminator();
  auto consumer = dyn_cast<nn::KernelOp>(*kernel->user_begin());
  if (yield->getOperand(0) != reader->getResult(0) || !consumer ||
      consumer->getBlock() != kernel->getBlock() ||
      consumer.getInputs().size() != 1)
    return 0;
  Operation *movement = getOnlyOp(consumer);
  if (!movement || !reader.writesThrough(movement))
    return 0;
  remarkAbsorbed(reader, consumer);
  OpBuilder builder(yield);
  IRMapping mapping;
  mapping.map(consumer.getBody().getArgument(0), yield->getOperand(0));
  for (Operation &op : consumer.getBody().front().without_terminator())
    builder.clone(op, mapping);
  yield->setOperand(0, mapping.lookup(movement->getResult(0)));
  kernel->setLoc(FusedLoc::get(kernel->getContext(),
                               {kernel.getLoc(), consumer.getLoc()}));
  // The sizes of the moved result are known where the consumer is.
  kernel->moveBefore(consumer);
  kernel.getResultDimsMutable().assign(consumer.getResultDims());
  kernel->getResult(0).setType(consumer->getResult(0).getType());
  consumer->replaceAllUsesWith(kernel);
  consumer.erase();
  return 1;
}

namespace {
struct AbsorbMovements : nnc::impl::AbsorbMovementsPassBase<AbsorbMovements> {
  void runOnOperation() override {
    SmallVector<std::pair<nn::KernelOp, MovementReaderOpInterface>> readers;
    getOperation().walk([&](nn::KernelOp kernel) {
      if (auto reader =
              dyn_cast_or_null<MovementReaderOpInterface>(getOnlyOp(kernel)))
        readers.push_back({kernel, reader});
    });
    for (auto [kernel, reader] : readers) {
      numAbsorbed += absorbProducers(kernel, reader);
      numAbsorbed += absorbConsumer(kernel, reader);
    }
  }
};
} // namespace
