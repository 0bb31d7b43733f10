//===----------------------------------------------------------------------===//
// Taking weights away: channels, blocks, patterns and ranks.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_PRUNING_H
#define NNC_COMPRESSION_PRUNING_H

#include "dialects/HW/IR/HWDialect.h"
#include "nnc/Compression/LinearLayer.h"

namespace mlir::nnc {

enum class PrunePattern { Channel, Block, Unstructured, NM, LowRank };

/// How much weights count.
enum class PruneMethod {
  Auto,      ///< SparseGpt with data, else Magnitude.
  Magnitude, ///< |w|
  Wanda,     ///< |w| times the norm of its input, held against its row's.
  SparseGpt  ///< By what the others can make up for, which they then do.
};

/// One step of pruning.
struct PruneStep {
  PrunePattern pattern = PrunePattern::Block;
  /// Channel: the share of channels that go; Block and Unstructured: the share
  /// of weights that become 0; LowRank: the share of the output's energy that
  /// stays.
  double amount = 0;
  /// Of a block: outputs by elements of the depth.
  int64_t blockRows = 4, blockColumns = 1;
  /// Of each `m` weights along the depth `n` stay.
  int64_t n = 2, m = 4;
  PruneMethod method = PruneMethod::Auto;
  /// Channels are kept in multiples of this.
  int64_t align = 16;
  /// Weights of layers with fewer are left alone.
  int64_t leastWeights = 512;
  /// Names of nodes, or parts of them, whose layers are left alone.
  SmallVector<std::string> keep;
  /// Spread sparsity over layers by what each costs and saves, in place of the
  /// same share of each.
  bool spreads = true;
  /// Channels: leave shapes and put zeros in place, to compare with.
  bool masks = false;
};

/// Reads "channel:FRACTION", "block:SPARSITY[:RxC]", "nm:N:M",
/// "unstructured:SPARSITY" or "lowrank:ENERGY". An error says what was
/// expected.
llvm::Expected<PruneStep> parsePruneStep(StringRef text);

/// "magnitude", "wanda", "sparsegpt" or "auto"; nullopt for other names.
std::optional<PruneMethod> parsePruneMethod(StringRef name);

/// Runs a step on the main function of `module` (graph phase); `data`, which
/// may be null, is what importance and compensation come from, `target` the
/// machine by whose predictions layers are judged. Each decision is a remark.
/// Errors: a message.
llvm::Error prune(ModuleOp module, const PruneStep &step, const DataSet *data,
                  hw::TargetAttr target);

/// Parts of prune, one a pattern family.
llvm::Error pruneChannels(ModuleOp module, const PruneStep &step,
                          const DataSet *data, hw::TargetAttr target);
llvm::Error pruneWeights(ModuleOp module, const PruneStep &step,
                         const DataSet *data, hw::TargetAttr target);
llvm::Error factorWeights(ModuleOp module, const PruneStep &step,
                          const DataSet *data, hw::TargetAttr target);

/// True if the layer is one of those that a step leaves alone by name.
bool isKeptByName(const LinearLayer &layer, const PruneStep &step);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_PRUNING_H
