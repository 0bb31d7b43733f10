//===----------------------------------------------------------------------===//
// Which CPU code is made for.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_TARGETOPTIONS_H
#define NNC_TARGET_CPU_TARGETOPTIONS_H

#include "nnc/Target/GPU/GpuTarget.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::nnc {

struct TargetOptions {
  /// As asked for: "host", "x86-64-v3", "znver5", …
  std::string name;
  /// The row of the table of known machines (see KnownTargets.h), or the file,
  /// that describes the target best; what the cost model takes.
  std::string machine;
  std::string triple;
  /// The oldest CPU of the architecture. Code uses its instructions and those
  /// of `features`, nothing else.
  std::string cpu;
  /// The CPU that instructions are scheduled for.
  std::string tuneCpu;
  /// LLVM's names, sorted. The artifact lists them, and its runtime refuses to
  /// open it on a machine that lacks one.
  std::vector<std::string> features;
  /// Where kernels run; nullopt: on the CPU. All of the above is then about the
  /// host functions.
  std::optional<GpuTarget> gpu;
  /// 0 to 3, as of a C compiler.
  int optLevel = 3;
  /// What exported symbols start with, a C identifier; empty: made from the
  /// name of the output file.
  std::string prefix;
  /// libnncrt.a for `triple`, for shared libraries; empty: looked for beside
  /// the running program.
  std::string runtimeArchive;

  /// Of an artifact for several targets: what stands behind the prefix in the
  /// symbols of this variant, empty for the first one.
  std::string variant;
  /// The same of the variant that follows; empty: none.
  std::string nextVariant;
  /// The same of the variant whose weights are this one's too; nullopt: it has
  /// its own.
  std::optional<std::string> weightsVariant;

  /// What symbols of this variant start with.
  std::string symbolPrefix() const { return prefix + variant; }

  bool hasFeature(llvm::StringRef feature) const;
  /// Of the triple: "x86_64", "aarch64".
  llvm::StringRef getArchitecture() const;
  /// Of the machine that nnc runs on.
  bool isHostArchitecture() const;
};

/// The target called `name`: "host", a level such as "x86-64-v3", a CPU by
/// LLVM's name such as "znver5", "aarch64" or an AArch64 CPU of the table of
/// known machines, a GPU such as "cuda:sm_80" beside a CPU of this machine's
/// architecture, or a file FILE.json with a description (the name in it is one
/// of these). Fails, listing what is known, for any other name.
/// Optimization level, prefix and archive keep their defaults.
llvm::Expected<TargetOptions> resolveTarget(llvm::StringRef name);

/// The folder of the running program's build with what is made for the target's
/// architecture: libnncrt.a, and nnc-run if it is another one than this
/// machine's. It may be missing.
std::string getTargetFolder(const TargetOptions &options);

/// Whether this process can run code made for `options`; else an error that
/// names what is missing.
llvm::Error checkRunsHere(const TargetOptions &options);

/// A C identifier from the stem of the file name in `path`. Never one that
/// makes names of the runtime itself.
std::string makeSymbolPrefix(llvm::StringRef path);

/// Fails if `prefix` is no C identifier or makes names of the runtime itself.
llvm::Error checkSymbolPrefix(llvm::StringRef prefix);

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_TARGETOPTIONS_H
