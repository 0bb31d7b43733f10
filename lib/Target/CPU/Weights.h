//===----------------------------------------------------------------------===//
// The bytes of the weight section in order.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_WEIGHTS_H
#define NNC_LIB_TARGET_CPU_WEIGHTS_H

#include "nnc/Runtime/nncrt_weights.h"
#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::nnc {

/// Gives all `info.weightsBytes` bytes to `sink`, piece by piece; what no
/// constant covers is zero. Transforms of weights run here, in the threads of
/// the context; each weight is loaded once.
llvm::Error copyWeights(const ArtifactInfo &info,
                        llvm::function_ref<void(const uint8_t *, size_t)> sink);

/// An ELF object that holds `bytes`, read-only, as the hidden symbol
/// PREFIX_weights.
llvm::Error writeBytesObject(llvm::StringRef bytes,
                             const TargetOptions &options,
                             llvm::raw_ostream &os);

/// The weights of one variant in a file of several.
struct WeightsBlock {
  const ArtifactInfo *info;
  std::string name;    ///< What its tensors' names start with.
  uint64_t offset = 0; ///< In the data, a multiple of NNCRT_ALIGNMENT.
};

/// The header of a safetensors file, with its length in front, for blocks by
/// rising offset: each weight is a tensor with the type and shape that kernels
/// read, and what lies between is padding. The data follow it, aligned.
std::string makeWeightsHeader(llvm::ArrayRef<WeightsBlock> blocks);

/// The whole file, with the header that `makeWeightsHeader` gives.
llvm::Error writeWeightsFile(llvm::ArrayRef<WeightsBlock> blocks,
                             llvm::StringRef header, llvm::raw_ostream &os);

/// Size and hash of the file at `path`, and the name that `finalPath` gives it;
/// no offset.
llvm::Expected<nncrt_weights_file>
describeWeightsFile(llvm::StringRef path, llvm::StringRef finalPath);

/// Fails if there is a file at `path` that `writeWeightsFile` has not written:
/// weights of the model's own may have that name.
llvm::Error checkReplaceable(llvm::StringRef path);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_WEIGHTS_H
