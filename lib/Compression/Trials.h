//===----------------------------------------------------------------------===//
// What products lose by bytes, measured on data by one compiled module in which
// each product exists twice.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_TRIALS_H
#define NNC_LIB_COMPRESSION_TRIALS_H

#include "Products.h"
#include "nnc/Compression/Calibrators.h"
#include "nnc/Compression/Observe.h"

namespace mlir::nnc {

/// Sums of squares over all samples.
struct SignalAndNoise {
  double signal = 0, noise = 0;

  /// dB, at most 200.
  double getSqnr() const;
};

/// Products as they are beside products of what their data becomes on the way
/// to bytes and back. Weights stay as they are. Scales are inputs, so that one
/// compilation serves all trials.
class RangeTrials {
public:
  static llvm::Expected<RangeTrials> create(ModuleOp module,
                                            ArrayRef<ProductLayer> layers);

  /// The outputs of each layer with its data in its range.
  llvm::Expected<std::vector<SignalAndNoise>> run(ArrayRef<RealRange> ranges,
                                                  const DataSet &data);

private:
  std::shared_ptr<nncrun::Executable> executable;
};

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_TRIALS_H
