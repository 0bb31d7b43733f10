//===----------------------------------------------------------------------===//
// NumPy's .npz files: zip archives of .npy members.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_NPZ_H
#define NNC_DATAIO_NPZ_H

#include "nnc/DataIO/TensorProto.h"

namespace nncio {

/// The keys of the arrays, which are the members' names without ".npy".
Result<std::vector<std::string>> listNpz(const std::string &path);

/// The array `key`; the last one if the archive has several of that name. An
/// empty key stands for the only array. Stored and deflated members are read,
/// zip64 too, and checksums are verified.
Result<Tensor> readNpz(const std::string &path, const std::string &key);

/// Writes stored members in the given order.
Status writeNpz(const std::string &path,
                const std::vector<NamedTensor> &tensors);

} // namespace nncio

#endif // NNC_DATAIO_NPZ_H
