//===----------------------------------------------------------------------===//
// Weights in a file beside the library.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_WEIGHTS_H
#define NNC_LIB_RUNTIME_WEIGHTS_H

#include "nnc/Runtime/nncrt_weights.h"

namespace nncrt {

/// A mapped file.
struct MappedWeights {
  void *data = nullptr;
  uint64_t bytes = 0;

  void release();
};

/// XXH64 with seed 0: what nncrt_weights_file holds.
uint64_t hashBytes(const uint8_t *data, uint64_t bytes);

/// Are the weights of `tables` in a file of their own?
inline bool hasWeightsFile(const nncrt_model &tables) {
  return tables.abi_version & NNCRT_WEIGHTS_IN_FILE;
}

/// Is what such tables, of which the rest is checked, say of the file
/// consistent?
nnc_status checkWeightsFile(const nncrt_model &tables, nnc_error *error);

/// Maps the weights of `tables`, which are in a file, from `path`, or
/// with NULL from the folder of what holds the tables; checks size and hash.
/// `complete` gets the tables with the weights in place and without other
/// variants. The caller releases `weights` when nothing uses `complete` any
/// more.
nnc_status mapWeights(const nncrt_model &tables, const char *path,
                      nncrt_model &complete, MappedWeights &weights,
                      nnc_error *error);

} // namespace nncrt

#endif // NNC_LIB_RUNTIME_WEIGHTS_H
