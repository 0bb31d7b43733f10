//===----------------------------------------------------------------------===//
// The compiler's phases: what the driver runs, and what can be stopped after,
// dumped and resumed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_PIPELINES_COMPILER_H
#define NNC_PIPELINES_COMPILER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include <functional>
#include <optional>
#include <string>

namespace mlir::nnc {

/// Levels of the IR in the order in which they are reached.
enum class Phase {
  Import,   ///< nn ops as imported
  Graph,    ///< shapes refined, folded, canonical
  Schedule, ///< nn.kernel ops in order, storage assigned, costs annotated
  Loops,    ///< one function a distinct kernel: linalg made loops on memrefs
  LLVM      ///< LLVM dialect, with the tables of the artifact as attributes
};

/// "import", "graph", "schedule", "loops", "llvm"; nullopt for other names.
std::optional<Phase> parsePhase(StringRef name);
StringRef stringifyPhase(Phase phase);

struct CompilerOptions {
  /// A name in the table of known targets (KnownTargets.h), or a file with a
  /// description, that costs are predicted for; "host" is resolved by the
  /// caller.
  std::string target = "x86-64-v3";
  /// Threads of a run that costs are predicted for.
  int64_t threads = 1;
  /// How freely results may be rounded: "strict", "default" (Winograd's F(2,3);
  /// sums of products take numbers below the normal range for 0) or "relaxed"
  /// (F(4,3) too).
  std::string precision = "default";
  /// A file of measured tilings, or empty (TuningTable).
  std::string tuning;
  /// The tiling of each contraction by its number in the model's list, for who
  /// measures them; -1: the best one.
  int64_t tilingCandidate = -1;
  /// Let ops work in the order of axes that they prefer.
  bool assignLayout = true;
  /// Let a kernel do the work of several ops. Without it there is a kernel an
  /// op, for comparison.
  bool fuse = true;
  /// Let kernels run in the order that needs the least memory.
  bool orderKernels = true;
  /// Bytes that the arena shall fit into, by recomputation if need be; 0 for
  /// none. It is not an error if that is impossible.
  int64_t arenaBudget = 0;
  /// What a work unit costs at least, in additions; fewer where the cutting
  /// itself is to be tested.
  int64_t unitWork = 20000;
  /// Have kernels check each access to memory; for CPUs.
  bool checkBounds = false;
  /// Called after each phase, for dumps; may be empty.
  std::function<void(Phase, ModuleOp)> afterPhase;
};

/// The passes that lead from the phase before `phase` to `phase`; what the
/// named pipelines nnc-graph, nnc-schedule, nnc-loops and nnc-llvm run.
void buildPhasePipeline(OpPassManager &manager, Phase phase,
                        const CompilerOptions &options);

/// Runs all phases after `from` up to and with `to`. Errors are emitted as
/// diagnostics.
LogicalResult runPhases(ModuleOp module, Phase from, Phase to,
                        const CompilerOptions &options);

/// Takes a module of the loops phase to the tables of the artifact, and not to
/// code: for those who ask what it needs.
LogicalResult makeArtifactTables(ModuleOp module);

/// The phase that `module` is in, judged by its ops.
Phase detectPhase(ModuleOp module);

/// Registers the named pipelines.
void registerPipelines();

} // namespace mlir::nnc

#endif // NNC_PIPELINES_COMPILER_H
