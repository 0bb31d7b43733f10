//===----------------------------------------------------------------------===//
// From a module in the LLVM dialect to machine code in memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_CODEGEN_H
#define NNC_TARGET_CPU_CODEGEN_H

#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"
#include "nnc/Target/CPU/WeightsPlace.h"
#include "nnc/Target/GPU/DeviceCode.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::nnc {

/// What translation to LLVM IR needs in the context of a module. `translate`
/// adds it itself; call this where contexts are shared between threads.
void registerTargetTranslations(DialectRegistry &registry);

/// An LLVM module and the context it lives in.
struct CodeModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

/// What links the artifact: decides what it exports.
struct ArtifactUse {
  enum Kind {
    /// Part of a program: PREFIX_model and the PREFIX_* functions.
    Link,
    /// A library of its own: `nnc_library` too.
    SharedLibrary,
    /// A variant behind the first: its table alone, which the others know.
    Variant,
  };

  ArtifactUse(Kind kind, WeightsPlace weights = WeightsPlace::Embed)
      : kind(kind), weights(weights) {}

  Kind kind;
  /// What the symbol PREFIX_weights is: the weights, or what the runtime has to
  /// know of their file.
  WeightsPlace weights;
};

/// LLVM IR of a lowered module, with the tables of `info` and the functions
/// PREFIX_*, everything else internal. `options.prefix` must be set. The
/// weights are the undefined symbol PREFIX_weights.
llvm::Expected<CodeModule> translate(ModuleOp module, const ArtifactInfo &info,
                                     const TargetOptions &options,
                                     ArtifactUse use);

/// Adds the tables of `info` and the PREFIX_* functions to `module`. `device`:
/// the kernels of a model for a GPU, null for a CPU.
llvm::Error emitTables(llvm::Module &module, const ArtifactInfo &info,
                       const TargetOptions &options, ArtifactUse use,
                       const DeviceCode *device = nullptr);

/// LLVM IR of the kernels of a module that is lowered for the GPU of `options`.
/// Fails for one that is lowered for a CPU.
llvm::Expected<DeviceModule> translateDevicePart(ModuleOp module,
                                                 const ArtifactInfo &info,
                                                 const TargetOptions &options);

/// Code generator for a target; position-independent code, small code model.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetOptions &options);

/// Runs LLVM's pipeline of the level in `options`.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              const TargetOptions &options);

using ObjectBytes = llvm::SmallVector<char, 0>;

/// An ELF object, or the text of an assembly file. Changes `module`.
llvm::Expected<ObjectBytes> generateCode(llvm::Module &module,
                                         llvm::TargetMachine &machine,
                                         llvm::CodeGenFileType kind);

/// ELF objects that together are what `translate`, `optimize` and
/// `generateCode` make: the module is cut into parts, which the threads of its
/// context compile. The objects do not depend on how many threads there are.
/// The first one has the tables. `options.prefix` must be set.
llvm::Expected<std::vector<ObjectBytes>>
compileObjects(ModuleOp module, const ArtifactInfo &info,
               const TargetOptions &options, ArtifactUse use);

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_CODEGEN_H
