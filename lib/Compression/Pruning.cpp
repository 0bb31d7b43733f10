//===----------------------------------------------------------------------===//
// Steps of pruning: what they are called, and who does them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Pruning.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::nnc;

static llvm::Error expect(const Twine &expected, StringRef found) {
  return llvm::createStringError("expected " + expected + ", but found '" +
                                 found + "'");
}

/// A share from 0 to below 1.
static llvm::Error readShare(StringRef text, double &share) {
  if (text.getAsDouble(share) || !(share > 0 && share < 1))
    return expect("a share between 0 and 1", text);
  return llvm::Error::success();
}

/// A number from 1 to 64.
static llvm::Error readCount(StringRef text, int64_t &count) {
  if (text.getAsInteger(10, count) || count < 1 || count > 64)
    return expect("a number from 1 to 64", text);
  return llvm::Error::success();
}

std::optional<PruneMethod> mlir::nnc::parsePruneMethod(StringRef name) {
  return llvm::StringSwitch<std::optional<PruneMethod>>(name)
      .Case("auto", PruneMethod::Auto)
      .Case("magnitude", PruneMethod::Magnitude)
      .Case("wanda", PruneMethod::Wanda)
      .Case("sparsegpt", PruneMethod::SparseGpt)
      .Default(std::nullopt);
}

/// "R x C" behind a block's sparsity.
static llvm::Error readBlock(StringRef text, PruneStep &step) {
  auto [rows, columns] = text.split('x');
  if (llvm::Error error = readCount(rows, step.blockRows))
    return error;
  return readCount(columns, step.blockColumns);
}

llvm::Expected<PruneStep> mlir::nnc::parsePruneStep(StringRef text) {
  PruneStep step;
  SmallVector<StringRef> parts;
  text.split(parts, ':');
  auto pattern = llvm::StringSwitch<std::optional<PrunePattern>>(parts[0])
                     .Case("channel", PrunePattern::Channel)
                     .Case("block", PrunePattern::Block)
                     .Case("unstructured", PrunePattern::Unstructured)
                     .Case("nm", PrunePattern::NM)
                     .Case("lowrank", PrunePattern::LowRank)
                     .Default(std::nullopt);
  bool isBlock = pattern == PrunePattern::Block,
       isNM = pattern == PrunePattern::NM;
  size_t most = isBlock || isNM ? 3 : 2;
  if (!pattern || parts.size() < (isNM ? 3 : 2) || parts.size() > most)
    return expect("channel:FRACTION, block:SPARSITY[:RxC], nm:N:M, "
                  "unstructured:SPARSITY or lowrank:ENERGY",
                  text);
  step.pattern = *pattern;
  llvm::Error error =
      isNM ? readCount(parts[1], step.n) : readShare(parts[1], step.amount);
  if (!error && isNM)
    error = readCount(parts[2], step.m);
  if (!error && isBlock && parts.size() == 3)
    error = readBlock(parts[2], step);
  if (!error && isNM && step.n >= step.m)
    error = expect("N of nm:N:M below M", text);
  if (error)
    return std::move(error);
  return step;
}

llvm::Error mlir::nnc::prune(ModuleOp module, const PruneStep &step,
                             const DataSet *data, hw::TargetAttr target) {
  switch (step.pattern) {
  case PrunePattern::Channel:
    return pruneChannels(module, step, data, target);
  case PrunePattern::LowRank:
    return factorWeights(module, step, data, target);
  case PrunePattern::Block:
  case PrunePattern::Unstructured:
  case PrunePattern::NM:
    return pruneWeights(module, step, data, target);
  }
  return llvm::Error::success();
}
