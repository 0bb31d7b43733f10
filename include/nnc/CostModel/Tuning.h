//===----------------------------------------------------------------------===//
// Tilings that were measured, in a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_TUNING_H
#define NNC_COSTMODEL_TUNING_H

#include "dialects/HW/IR/HWDialect.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace mlir::nnc {

/// An algorithm for a contraction with its tiling.
struct MeasuredTiling {
  int64_t winogradTile = 0; ///< 0: the direct algorithm.
  hw::TilingAttr tiling;
  double microseconds = 0; ///< Median of one thread's run of all such kernels.
};

/// The contents of a tuning file, JSON:
/// {"version": 1, "entries": [{"target", "key", "winograd_tile", "lanes",
/// "rows", "vectors", "m_block", "n_block", "k_block", "prefetch", "us"}]}, one
/// entry a target and kernel, in the order of these.
class TuningTable {
public:
  /// Fails with what is wrong in the text, and where.
  static llvm::Expected<TuningTable> parse(MLIRContext *context,
                                           StringRef text);
  /// Reads a file of at most 64 MiB.
  static llvm::Expected<TuningTable> load(MLIRContext *context, StringRef path);

  /// What was measured to be best for a kernel, or null.
  const MeasuredTiling *find(StringRef target, StringRef key) const;
  void set(StringRef target, StringRef key, MeasuredTiling tiling);
  bool empty() const { return entries.empty(); }
  std::string print() const;

private:
  std::map<std::pair<std::string, std::string>, MeasuredTiling> entries;
};

/// Identifies a contraction that is not yet tiled by all that a tiling depends
/// on: its name, operands' types and attributes. Empty if a size is not known,
/// for which nothing can be measured.
std::string getTuningKey(Operation *op);

/// The attribute of a tiled op that holds its key, where keys are wanted.
inline constexpr StringLiteral tuningKeyAttrName = "kern.tuning_key";

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_TUNING_H
