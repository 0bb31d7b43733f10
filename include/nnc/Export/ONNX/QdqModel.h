//===----------------------------------------------------------------------===//
// Writes ONNX files with conversions to 8 bits in them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_EXPORT_ONNX_QDQMODEL_H
#define NNC_EXPORT_ONNX_QDQMODEL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::nnc {

/// A product whose data and weight become bytes.
struct QdqProduct {
  /// Names of ONNX nodes; one of them is a Conv, MatMul or Gemm. A node without
  /// a name goes by its first output.
  std::vector<std::string> nodes;
  /// `ui8` number q of the data stands for (q - zeroPoint) * scale.
  float scale = 1;
  int64_t zeroPoint = 0;
  /// Means of the data's channels, to give back what rounded weights take from
  /// the bias of a Conv; may be empty.
  std::vector<double> channelMean;
};

/// The model at `path` as the bytes of a binary ONNX file, with QuantizeLinear
/// and DequantizeLinear around the data of `products`, and weights as `i8`
/// initializers with a scale for each channel of the result. What nodes only
/// move or compare gets the same scale at both sides. All else stays as it is.
/// Errors: operator set below 13, whose DequantizeLinear has one scale; weights
/// that are no f32 constants of the main graph; a product that is not found.
llvm::Expected<std::string> makeQdqModel(llvm::StringRef path,
                                         llvm::ArrayRef<QdqProduct> products);

} // namespace mlir::nnc

#endif // NNC_EXPORT_ONNX_QDQMODEL_H
