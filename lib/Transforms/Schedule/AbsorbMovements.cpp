//===----------------------------------------------------------------------===//
// Takes movements of elements into the kernels that can do without them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

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
  SmallVector<Operation *> work = getWork(kernel);
  if (work.size() != 1 || kernel->getNumResults() != 1)
    return nullptr;
  Operation *yield = kernel.getBody().front().getTerminator();
  return yield->getOperands() == work.front()->getResults() ? work.front()
                                                            : nullptr;
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
  for (Value input : kernel.getInputs()) {
    auto known = llvm::find(into.getInputs(), input);
    unsigned index = known - into.getInputs().begin();
    if (index == into.getInputs().size()) {
      into.getInputsMutable().append(input);
      body.addArgument(input.getType(), input.getLoc());
    }
    mapping.map(input, body.getArgument(index));
  }
  return cloneBody(builder, kernel, mapping)[0];
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
  mapping.map(consumer.getInputs()[0], yield->getOperand(0));
  yield->setOperand(0, cloneBody(builder, consumer, mapping)[0]);
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
