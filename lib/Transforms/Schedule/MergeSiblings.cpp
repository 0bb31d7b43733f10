//===----------------------------------------------------------------------===//
// Lets one kernel do the work of neighbours that read the same tensor.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_MERGESIBLINGSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// What a kernel does in loops whose iterations are independent.
enum class Family { Other, Movements, Products };

/// Kernels of contractions with their epilogues, or of nothing but element-wise
/// ops and movements.
static Family getFamily(nn::KernelOp kernel) {
  SmallVector<Operation *> work = getWork(kernel);
  if (work.empty())
    return Family::Other;
  Family family = Family::Movements;
  for (Operation *op : work) {
    if (isa<kern::EpilogueOpInterface>(op) && !isa<kern::AttentionOp>(op))
      family = Family::Products;
    else if (!isa<ScalarOpInterface, DataMovementOpInterface, tensor::EmptyOp>(
                 op))
      return Family::Other;
  }
  return family;
}

/// A tensor that both kernels read and that is no constant; null if there is
/// none.
static Value findSharedInput(nn::KernelOp first, nn::KernelOp second) {
  for (Value input : first.getInputs()) {
    Operation *op = input.getDefiningOp();
    if (isa<RankedTensorType>(input.getType()) &&
        !isa_and_nonnull<nn::WeightOp, nn::ConstantOp>(op) &&
        !nn::isHostTensor(input) &&
        llvm::is_contained(second.getInputs(), input))
      return input;
  }
  return {};
}

static bool readsResult(nn::KernelOp first, nn::KernelOp second) {
  return llvm::any_of(second.getInputs(), [&](Value input) {
    return input.getDefiningOp() == first;
  });
}

/// True if nothing but element-wise ops of `second` reads results of `first`.
static bool readsElementwise(nn::KernelOp first, nn::KernelOp second) {
  for (auto [input, argument] :
       llvm::zip(second.getInputs(), second.getBody().getArguments()))
    if (input.getDefiningOp() == first &&
        !llvm::all_of(argument.getUsers(), [](Operation *user) {
          return isa<ScalarOpInterface, tensor::DimOp>(user);
        }))
      return false;
  return true;
}

static bool hasKnownSizes(nn::KernelOp kernel) {
  return llvm::none_of(kernel.getResultDims(), dependsOnData);
}

namespace {
struct MergeSiblings : nnc::impl::MergeSiblingsPassBase<MergeSiblings> {
  using MergeSiblingsPassBase::MergeSiblingsPassBase;

  void runOnOperation() override {
    if (!getOperation()->hasAttr(nn::NNDialect::entryAttrName))
      return;
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    CostModel model(machine);
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (!isa<nn::KernelOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      runOnBlock(*block, model);
  }

private:
  void runOnBlock(Block &block, const CostModel &model) {
    nn::KernelOp last;
    for (nn::KernelOp kernel :
         llvm::make_early_inc_range(block.getOps<nn::KernelOp>()))
      last = last && merges(last, kernel) ? join(last, kernel, model) : kernel;
  }

  bool merges(nn::KernelOp first, nn::KernelOp second) {
    Family family = getFamily(first);
    if (family == Family::Other || family != getFamily(second) ||
        !findSharedInput(first, second))
      return false;
    // What reads its sibling waits for it, whose result then stays in the
    // kernel: worth it for the gate of a product, but not for a product's
    // operand, which would be memory beside the arena's slots.
    if (readsResult(first, second) &&
        (!joinReaders || family != Family::Products ||
         !readsElementwise(first, second)))
      return false;
    llvm::SmallDenseSet<Value> inputs(first.getInputs().begin(),
                                      first.getInputs().end());
    inputs.insert(second.getInputs().begin(), second.getInputs().end());
    if (inputs.size() > maxInputs) {
      decline(first, second,
              "together they have " + Twine(inputs.size()) +
                  " inputs, more than " + Twine(maxInputs));
      return false;
    }
    if (!hasKnownSizes(first) || !hasKnownSizes(second)) {
      decline(first, second, "data decides the size of a result");
      return false;
    }
    if (bringTogether(first, second))
      return true;
    decline(first, second,
            "what it needs is computed from results between the two");
    return false;
  }

  static remark::RemarkOpts options() {
    return remark::RemarkOpts::name("MergeSiblings")
        .category("nnc-merge-siblings");
  }

  void decline(nn::KernelOp first, nn::KernelOp second, const Twine &why) {
    remark::missed(second.getLoc(), options())
        << (second.getName() + " does not join " + first.getName() + ": " + why)
               .str();
  }

  /// The kernel that the next one may join.
  nn::KernelOp join(nn::KernelOp first, nn::KernelOp second,
                    const CostModel &model) {
    MergeForecast forecast = forecastSiblings(model, first, second);
    if (!forecast.pays()) {
      decline(first, second, forecast.describe());
      return second;
    }
    remark::passed(second.getLoc(), options())
        << (second.getName() + " is done by the kernel of " + first.getName() +
            ", which reads the same tensor: " + forecast.describe())
               .str();
    ++numMerged;
    return mergeSiblings(first, second);
  }
};
} // namespace
