//===----------------------------------------------------------------------===//
// NumPy's .npy files, format versions 1.0 to 3.0.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_NPY_H
#define NNC_DATAIO_NPY_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

/// A .npy file in two parts, so that elements need no copy. The tensor must
/// outlive it.
struct NpyImage {
  std::string header;
  /// Encoded strings; unused for other elements.
  std::string encoded;
  /// The elements of other tensors.
  Span elements;

  Span data() const { return encoded.empty() ? elements : Span(encoded); }
};

/// Reads every element type; big-endian and Fortran-ordered files are
/// converted. 'V2' is BF16, which has no name in NumPy; 'S' and 'U' strings
/// lose their padding (trailing NULs) and become UTF-8. Refers to `bytes` where
/// it can and then shares `owner`; with a null owner it always copies.
Result<Tensor> parseNpy(Span bytes, std::shared_ptr<const void> owner);
Result<Tensor> readNpy(const std::string &path);

/// Version 1.0, C order, little-endian. Strings become 'U', or 'S' when one is
/// not UTF-8; trailing NULs of a string do not survive the format.
Result<NpyImage> serializeNpy(const Tensor &tensor);
Status writeNpy(const std::string &path, const Tensor &tensor);

} // namespace nncio

#endif // NNC_DATAIO_NPY_H
