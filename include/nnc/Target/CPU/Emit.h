//===----------------------------------------------------------------------===//
// Artifacts as files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_EMIT_H
#define NNC_TARGET_CPU_EMIT_H

#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"
#include "nnc/Target/CPU/WeightsPlace.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>

namespace mlir::nnc {

enum class OutputKind {
  SharedLibrary, ///< .so: code, weights and the runtime.
  Archive,       ///< .a: code and weights; needs libnncrt.a.
  Object,        ///< .o: the same as one relocatable object.
  Assembly,      ///< .s: code and tables, no weights.
  LLVMIR,        ///< .ll: the same as optimized LLVM IR; of a model for a GPU,
                 ///< that of its kernels.
  PTX,           ///< .ptx: kernels for a GPU.
};

/// By the extension of `path`; none if it is another one.
std::optional<OutputKind> getOutputKind(llvm::StringRef path);

struct EmitResult {
  std::string prefix; ///< That the symbols start with.
  uint64_t weightsBytes = 0;
  uint64_t fileBytes = 0; ///< Of the file written.
  /// Milliseconds of each step, by name.
  std::vector<std::pair<std::string, double>> times;
};

/// Makes an artifact of a lowered module (LLVM dialect and `nn.artifact`) and
/// writes it to `path`, "-" for stdout. A file appears when it is complete:
/// until then it lies beside `path` under another name, which is removed on
/// failure and on signals.
llvm::Expected<EmitResult> emitArtifact(ModuleOp module,
                                        const TargetOptions &options,
                                        OutputKind kind, llvm::StringRef path);

/// One of the targets that an artifact is for: a module lowered for it. All
/// modules of an artifact live in one context.
struct ArtifactVariant {
  ModuleOp module;
  TargetOptions options;
};

/// Makes one artifact for several targets, of which the runtime takes the first
/// that the CPU runs: the most demanding should come first. All have the first
/// one's prefix. Variants whose weights are the same share them. Texts
/// (Assembly, LLVMIR) can't hold more than one. With `place` File, which is for
/// shared libraries that become files, the weights of all go to a file beside
/// `path` with the extension `.safetensors`; if there are any.
llvm::Expected<EmitResult>
emitArtifact(llvm::MutableArrayRef<ArtifactVariant> variants, OutputKind kind,
             llvm::StringRef path, WeightsPlace place = WeightsPlace::Embed);

/// Writes the C header of the artifact to `path`, "-" for stdout, in the same
/// manner.
llvm::Error emitCHeader(const ArtifactInfo &info, llvm::StringRef prefix,
                        llvm::StringRef path);

/// Writes what `write` writes to `path`, "-" for stdout, in the same manner:
/// for texts such as `.mlir`.
llvm::Error emitText(llvm::StringRef path,
                     llvm::function_ref<void(llvm::raw_ostream &)> write);

/// An ELF object that holds the weights, read-only, as the hidden symbol
/// PREFIX_weights. Streams them: no more than 64 MiB of transformed weights, or
/// one of them if it is larger, are in memory at a time.
llvm::Error writeWeightsObject(const ArtifactInfo &info,
                               const TargetOptions &options,
                               llvm::raw_ostream &os);

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_EMIT_H
