//===----------------------------------------------------------------------===//
// Predicted costs as JSON, and what is asserted of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_COSTREPORT_H
#define NNC_COSTMODEL_COSTREPORT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::nnc {

/// Sums over the kernels; -1 where one is not known.
struct CostTotals {
  double predictedUs = 0, lowUs = -1, highUs = -1;
  int64_t flops = 0;
  int64_t bytes = 0;
  /// Arena and scratch at the given number of threads, of the largest entry.
  int64_t peakBytes = 0;
  /// Of the entry with the largest arena: slots and what kernels share, and the
  /// largest sum of those alive at one time.
  int64_t arenaBytes = 0;
  int64_t arenaLowerBound = 0;
  int64_t weightBytes = 0;
  /// Of a run whose constants come from main memory; of a schedule alone.
  double firstUs = -1;
  /// Modelled, never measured; of a schedule alone.
  double energyUj = -1, co2Ug = -1;
};

/// A kernel of a report; -1 where a number is not known.
struct CostRow {
  std::string name;
  std::vector<std::string> nodes; ///< ONNX names.
  double us = -1, lowUs = -1, highUs = -1;
  int64_t flops = -1, bytes = -1;
  std::string bound = "unknown";
};

/// A key for each row: its nodes, or its name without the number at its end, so
/// that it survives renumbering. No two are equal.
std::vector<std::string> makeCostKeys(llvm::ArrayRef<CostRow> rows);

/// {"version": 1, "target", "totals", "kernels", "remarks"}.
llvm::json::Value makeCostReport(llvm::StringRef target,
                                 const CostTotals &totals,
                                 llvm::ArrayRef<CostRow> rows,
                                 llvm::json::Array remarks);

/// "8MiB", "1.5GB", "4096": bytes. nullopt if it is none.
std::optional<int64_t> parseSize(llvm::StringRef text);

/// What came of assertions.
struct CostVerdict {
  /// One for each that can't be read, or whose quantity is not known.
  std::vector<std::string> misuses;
  /// One for each that does not hold, with the kernels that add most to it.
  std::vector<std::string> failures;
};

/// Judges a list by comma of time<2ms, peak<8MiB, weights<1MB, bytes<1MB and
/// flops<2G.
CostVerdict judgeCosts(llvm::StringRef assertions, const CostTotals &totals,
                       llvm::ArrayRef<CostRow> rows);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_COSTREPORT_H
