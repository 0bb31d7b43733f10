//===----------------------------------------------------------------------===//
// Which GPU code is made for, and in which forms it is kept.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_GPU_GPUTARGET_H
#define NNC_TARGET_GPU_GPUTARGET_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::nnc {

/// A form of device code.
enum class ImageKind {
  Cubin,   ///< Machine code for the chip, made by NVIDIA's ptxas.
  PTX,     ///< Text that the driver compiles, for the chip and later ones.
  Bitcode, ///< LLVM bitcode as it goes to code generation, for emulators.
};

struct GpuTarget {
  /// As asked for: "cuda:sm_80".
  std::string name;
  /// The row of the table of known machines that describes it.
  std::string machine;
  /// LLVM's name of the processor: "sm_80".
  std::string chip;
  /// LLVM's features: the version of PTX, "+ptx71".
  std::string features;
  /// Ten times the major number of the compute capability, and the minor one.
  int capability = 0;
  /// Of chips whose code runs on no later one: "sm_90a".
  bool isExact = false;
  /// What is kept, best first; a cubin of which `isOptional` is left out where
  /// there is no ptxas.
  std::vector<ImageKind> images = {ImageKind::Cubin, ImageKind::PTX};
  bool isCubinOptional = true;
  /// 0 to 3, as of a C compiler.
  int optLevel = 3;
};

/// The target called `name`: "cuda:sm_80", or a GPU of the table of known
/// machines such as "h200"; nullopt for any other.
std::optional<GpuTarget> findGpuTarget(llvm::StringRef name);

/// "cuda:sm_80", ...
llvm::SmallVector<llvm::StringRef> getGpuTargetNames();

/// Kinds by comma, "cubin,ptx"; fails for what is none and for none.
llvm::Expected<std::vector<ImageKind>> parseImageKinds(llvm::StringRef text);

} // namespace mlir::nnc

#endif // NNC_TARGET_GPU_GPUTARGET_H
