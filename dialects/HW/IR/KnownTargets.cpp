//===----------------------------------------------------------------------===//
// The table of known machines: a new chip is one row.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/KnownTargets.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nnc::hw;

namespace {
struct Row {
  llvm::StringLiteral name;
  unsigned vectorBits;
  double gflops;   // f32, one core
  double dramGbps; // one core reading
  double launchUs;
  FloatInstructions instructions;
  unsigned vectorRegisters, fmaPorts, fmaLatency;
  int64_t l1KiB, l2KiB, l3KiB;
  unsigned l2BytesPerCycle;
};
} // namespace

// Zen 5: measured (FMA loop, streaming reads, fork-join of a spinning pool).
// Sapphire Rapids and its successor Emerald Rapids: clock of 2.6 GHz under
// 512-bit load as on common cloud machines, caches and ports by Intel's
// optimization manual. The levels: two 256-bit (v3) or 512-bit (v4) FMA ports
// at 2.5 GHz, 10 GB/s a core; estimates, not measurements. Baselines: 128-bit
// without FMA at 2 GHz, two ports.
static const Row table[] = {
    {"znver5",
     512,
     236.0,
     40.0,
     0.4,
     {true, true, true},
     32,
     2,
     4,
     48,
     1024,
     32768,
     32},
    {"sapphirerapids",
     512,
     166.0,
     12.0,
     1.0,
     {true, true, true},
     32,
     2,
     4,
     48,
     2048,
     32768,
     48},
    {"emeraldrapids",
     512,
     166.0,
     12.0,
     1.0,
     {true, true, true},
     32,
     2,
     4,
     48,
     2048,
     32768,
     48},
    {"x86-64-v4",
     512,
     160.0,
     10.0,
     1.0,
     {true, true, true},
     32,
     2,
     4,
     32,
     1024,
     16384,
     32},
    {"x86-64-v3",
     256,
     80.0,
     10.0,
     1.0,
     {true, true},
     16,
     2,
     4,
     32,
     512,
     16384,
     32},
    {"x86-64-v2",
     128,
     16.0,
     10.0,
     1.0,
     {false, true},
     16,
     2,
     8,
     32,
     256,
     8192,
     32},
    {"x86-64",
     128,
     16.0,
     10.0,
     1.0,
     {false, false},
     16,
     2,
     8,
     32,
     256,
     8192,
     32},
    {"aarch64",
     128,
     32.0,
     10.0,
     1.0,
     {true, true},
     32,
     2,
     4,
     32,
     512,
     8192,
     32},
};

static const Row *findRow(StringRef name) {
  const Row *row =
      llvm::find_if(table, [&](const Row &row) { return row.name == name; });
  return row == std::end(table) ? nullptr : row;
}

TargetAttr mlir::nnc::hw::getKnownTarget(MLIRContext *context, StringRef name) {
  const Row *row = findRow(name);
  if (!row)
    return {};
  return TargetAttr::get(context, row->name, row->vectorBits, row->gflops,
                         row->dramGbps, row->launchUs, row->instructions.fma,
                         row->vectorRegisters, row->fmaPorts, row->fmaLatency,
                         row->l1KiB, row->l2KiB, row->l3KiB,
                         row->l2BytesPerCycle);
}

TargetAttr mlir::nnc::hw::findTarget(Operation *op, StringRef name) {
  TargetAttr target = getKnownTarget(op->getContext(), name);
  if (!target)
    op->emitError("target '") << name << "' is not known; known are "
                              << llvm::join(getKnownTargetNames(), ", ");
  return target;
}

std::optional<FloatInstructions>
mlir::nnc::hw::getFloatInstructions(StringRef name) {
  const Row *row = findRow(name);
  return row ? std::optional(row->instructions) : std::nullopt;
}

SmallVector<StringRef> mlir::nnc::hw::getKnownTargetNames() {
  return llvm::map_to_vector(
      table, [](const Row &row) { return StringRef(row.name); });
}
