//===----------------------------------------------------------------------===//
// Linking in this process.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_LINK_H
#define NNC_LIB_TARGET_CPU_LINK_H

#include "nnc/Target/CPU/TargetOptions.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::nnc {

/// The runtime's archive for a target: as in the options, or beside the
/// running program in ../lib (for another architecture ../lib/ARCH). Fails
/// naming the places that were looked at.
llvm::Expected<std::string> findRuntimeArchive(const TargetOptions &options);

/// A shared library called `soname` of `objects` and the runtime, written to
/// `output`. It needs libc and libm only.
llvm::Error linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                              llvm::StringRef output, llvm::StringRef soname,
                              const TargetOptions &options);

/// One relocatable object of several.
llvm::Error linkRelocatable(llvm::ArrayRef<std::string> objects,
                            llvm::StringRef output,
                            const TargetOptions &options);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_LINK_H
