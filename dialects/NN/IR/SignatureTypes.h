//===----------------------------------------------------------------------===//
// What the type of an entry's input or output says.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_SIGNATURETYPES_H
#define NNC_DIALECTS_NN_IR_SIGNATURETYPES_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc {
/// On a module: the tables of the artifact, see ArtifactInfo.
inline constexpr llvm::StringLiteral artifactAttrName = "nn.artifact";
} // namespace mlir::nnc

namespace mlir::nnc::nn {

/// A tensor, a sequence of such tensors, or either one that may be absent.
struct SignatureType {
  TensorType tensor; ///< unranked only for sequences
  bool isSequence = false;
  bool isOptional = false;
};

/// Nullopt for a type that no input or output can have: sequences and optional
/// values have no strings.
std::optional<SignatureType> getSignatureType(Type type);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_SIGNATURETYPES_H
