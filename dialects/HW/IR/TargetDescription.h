//===----------------------------------------------------------------------===//
// A machine in plain numbers: a row of the table, or a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_HW_IR_TARGETDESCRIPTION_H
#define NNC_DIALECTS_HW_IR_TARGETDESCRIPTION_H

#include "dialects/HW/IR/HWDialect.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>

namespace mlir::nnc::hw {

/// Which arithmetic of floats is one instruction.
struct FloatInstructions {
  /// Multiply-add that rounds once.
  bool fma = false;
  /// Rounding to whole numbers in every direction.
  bool rounding = false;
  /// A vector of floats times powers of two, rounded once: AVX-512's vscalefps
  /// for 128, 256 and 512 bits.
  bool scaling = false;
};

/// The fields of `#hw.target`, with the units given there.
struct TargetDescription {
  std::string name;
  unsigned vectorBits = 128;
  unsigned vectorRegisters = 16, fmaPorts = 2, fmaLatency = 4;
  FloatInstructions instructions;
  double ghz = 0, gflops = 0, matrixGflops = 0, expGops = 0, divideGops = 0;
  int64_t l1KiB = 32, l2KiB = 512, l3KiB = 8192;
  unsigned l2BytesPerCycle = 32, cores = 1;
  double l2Gbps = 0, l3Gbps = 0, l3GbpsAll = 0, dramGbps = 0, dramGbpsAll = 0;
  double launchUs = 0, forkJoinUs = 0;
  double idleWatts = 0, flopPj = 0, cacheBytePj = 0, dramBytePj = 0;
  double noise = 0;
  bool gpu = false, validated = false;
  /// What was fitted, by the names of nnc/CostModel/Coefficients.h.
  std::map<std::string, double> coefficients;

  TargetAttr getAttr(MLIRContext *context) const;

  /// {"version": 1, "name", the fields of `#hw.target` and of FloatInstructions
  /// by their names, "coefficients": {…}}.
  std::string toJson() const;

  /// Reads the same. Fields that are absent keep what `base`, the name of a
  /// row, has, or what a target has by default. Fails for JSON that is none,
  /// unknown fields, wrong types and numbers that no machine has.
  static llvm::Expected<TargetDescription> parse(StringRef json);

  /// Reads a file of at most 1 MiB.
  static llvm::Expected<TargetDescription> load(StringRef path);
};

/// The row of the table called `name`, null if there is none.
const TargetDescription *findDescription(StringRef name);

/// True for what `--target` takes as a file instead of a name.
bool isTargetFile(StringRef name);

} // namespace mlir::nnc::hw

#endif // NNC_DIALECTS_HW_IR_TARGETDESCRIPTION_H
