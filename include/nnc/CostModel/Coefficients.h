//===----------------------------------------------------------------------===//
// What is fitted on measured kernels: a handful of factors a machine.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_COEFFICIENTS_H
#define NNC_COSTMODEL_COEFFICIENTS_H

#include "dialects/HW/IR/HWDialect.h"

namespace mlir::nnc {

/// The terms of a kernel's time. Each is known in microseconds from the kernel
/// and the machine's description; a coefficient says by what it is multiplied.
enum class CostTerm : unsigned {
  Launch,      ///< starting a kernel: `launch_us`
  ForkJoin,    ///< waking threads and waiting for them: `fork_join_us`
  Product,     ///< contractions by the cycles of their tilings
  Broadcast,   ///< factors of products, loaded to all lanes, two a cycle
  Strip,       ///< sums that are cleared, finished and written, a tile each
  Window,      ///< depthwise convolutions by the cycles of their tilings
  Transform,   ///< Winograd's transforms
  Arithmetic,  ///< vectors of additions and the like, one a cycle
  Division,    ///< divisions: `divide_gops`
  Function,    ///< exponentials and the like: `exp_gops`
  Scalar,      ///< operations one by one, one a cycle
  Move,        ///< vectors that are loaded and stored, one a cycle
  Shuffle,     ///< elements that change places within vectors, one a cycle
  Line,        ///< starts of innermost loops, one a cycle
  Step,        ///< steps of recurrences, 200 cycles each
  SecondCache, ///< bytes from the second-level cache: `l2_gbps`
  ThirdCache,  ///< bytes from the last-level cache: `l3_gbps`
  Memory,      ///< bytes from main memory: `dram_gbps`
};
inline constexpr unsigned numCostTerms = unsigned(CostTerm::Memory) + 1;

/// What multiplies the terms, and what lies around a prediction. Fields have
/// their names in `#hw.target`'s `coefficients`; what that leaves out is as
/// here, fitted on an Emerald Rapids and close to one where the description
/// already says all.
struct CostCoefficients {
  double terms[numCostTerms];
  /// Share of the shorter one of computing and reading that the longer one does
  /// not hide, 0: all is hidden, 1: none.
  double overlap;
  /// What a further thread adds, as a share of what one does alone: 1 for cores
  /// of their own, less for threads that share a core's units and caches.
  double sharing;
  /// Nine of ten measurements are at least, and at most, this multiple of the
  /// prediction.
  double low, high;

  CostCoefficients();
  static CostCoefficients get(hw::TargetAttr target);
};

/// "launch", "fork_join", …: a term's name in descriptions and reports.
StringRef stringifyCostTerm(CostTerm term);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_COEFFICIENTS_H
