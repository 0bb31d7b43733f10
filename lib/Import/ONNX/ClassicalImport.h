//===----------------------------------------------------------------------===//
// What the importers of classical machine learning share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_CLASSICALIMPORT_H
#define NNC_LIB_IMPORT_ONNX_CLASSICALIMPORT_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// The domain ai.onnx.ml.
inline constexpr llvm::StringLiteral classicalDomain = "ai.onnx.ml";

/// What turns raw scores into the ones of the result.
enum class PostTransform { None, Softmax, Logistic, SoftmaxZero, Probit };

/// Attribute 'post_transform'.
FailureOr<PostTransform> readPostTransform(NodeBinder &node);

/// [rows, classes] scores after the transform; null after an error.
Value applyPostTransform(NodeBinder &node, Value scores,
                         PostTransform transform);

/// Input 0 as a matrix of f32, or f64 for f64: a tensor of rank 1 is one row.
/// Null after an error.
Value readFeatures(NodeBinder &node);

/// A constant of the numbers with an element type.
Value createNumbers(NodeBinder &node, Type type, ArrayRef<double> numbers,
                    ArrayRef<int64_t> shape);

/// Floats in attribute `name`, or of any float type in the tensor attribute
/// `name`_as_tensor; none if there is neither.
FailureOr<SmallVector<double>> readFloats(NodeBinder &node, StringRef name);

/// The integers in attribute `name`; reports labels in attribute `strings`.
FailureOr<SmallVector<int64_t>> readLabels(NodeBinder &node, StringRef name,
                                           StringRef strings);

/// For [rows, classes] scores, the label of the greatest of each row.
Value pickLabels(NodeBinder &node, Value scores, ArrayRef<int64_t> labels);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_CLASSICALIMPORT_H
