//===----------------------------------------------------------------------===//
// Judges models: everything that computes one must give the same.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_DIFFERENTIAL_H
#define NNC_SMITH_DIFFERENTIAL_H

#include "nnc/Smith/Generator.h"

#include <functional>

namespace nncsmith {

enum class Verdict : char {
  Agrees = 'a',
  /// The importer or the graph phase says that it is not supported.
  Refused = 'r',
  Differs = 'd',
  /// An accepted model is not compiled, or its code does not run.
  Fails = 'f',
  Crashes = 'c',
  Hangs = 'h'
};

struct Finding {
  Verdict verdict = Verdict::Crashes;
  /// Empty where all agrees.
  std::string reason;

  /// Neither agrees nor is refused.
  bool isBug() const {
    return verdict != Verdict::Agrees && verdict != Verdict::Refused;
  }
};

/// "agrees", "refused", "differs", …
const char *verdictName(Verdict verdict);

/// All ways to compile that this machine can run: -O3, -O0, -O1, one kernel an
/// operator, relaxed precision, little memory, other levels of the instruction
/// set, and dimensions known.
std::vector<Variant> getVariants();

/// Of them -O1 or -O3 and `count` others, which `seed` chooses.
std::vector<Variant> pickVariants(uint64_t seed, size_t count);

/// Compares the code of each variant with the reference interpreter, and runs
/// it again, on three threads and with other sizes of free dimensions. In this
/// process: crashes are the caller's.
Finding judge(const SmithModel &model, const std::vector<Variant> &variants);

/// Whether a model that may be nonsense is refused, or compiled: with nothing
/// but a message. In this process.
Finding judgeNonsense(const SmithModel &model);

/// Why the results of code are not those of the interpreter, or nothing. An
/// element may be off by some times what roundings anywhere in the model move
/// it by, which is found out by computing with noise.
std::string explainDifference(mlir::ModuleOp module, const Tensors &inputs,
                              const Tensors &actual, const Tensors &expected);

/// Runs `work` in a process of its own, which gets `seconds`.
Finding runApart(const std::function<Finding()> &work, unsigned seconds);

/// Judges models of many seeds, some in a process. `done` hears of each in
/// order; false ends it.
void judgeSeeds(uint64_t first, uint64_t count, unsigned seconds,
                const std::function<Finding(uint64_t)> &judgeSeed,
                const std::function<bool(uint64_t, const Finding &)> &done);

/// Makes a model for which `isBad` holds as small as it gets: fewer outputs,
/// nodes replaced by inputs that hold what they gave, dimensions known.
SmithModel shrink(const SmithModel &model,
                  const std::function<bool(const SmithModel &)> &isBad);

} // namespace nncsmith

#endif // NNC_SMITH_DIFFERENTIAL_H
