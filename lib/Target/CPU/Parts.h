//===----------------------------------------------------------------------===//
// A lowered module cut into parts that are compiled side by side.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_PARTS_H
#define NNC_LIB_TARGET_CPU_PARTS_H

#include "mlir/IR/OwningOpRef.h"
#include "nnc/Target/CPU/Artifact.h"

namespace mlir::nnc {

/// A part of a module: symbols that it defines and those that it only uses.
struct CodePart {
  SmallVector<Operation *> definitions;
  /// Kernels that another part defines.
  SmallVector<Operation *> declarations;
};

/// The first part has the host functions, the others kernels of `info`. How a
/// module is cut depends on nothing but the module. What several parts need,
/// and is no kernel, each of them defines for itself; a module whose code could
/// tell copies apart, by writing to them, is one part.
SmallVector<CodePart> cutIntoParts(ModuleOp module, const ArtifactInfo &info);

/// The host functions, and the kernels of a model for a GPU with what they
/// need.
struct DeviceParts {
  CodePart host, device;
};
DeviceParts cutForDevice(ModuleOp module, const ArtifactInfo &info);

/// A module of its own for a part.
OwningOpRef<ModuleOp> makePartModule(ModuleOp module, const CodePart &part);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_PARTS_H
