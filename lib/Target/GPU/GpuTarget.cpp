//===----------------------------------------------------------------------===//
// The table of chips of GPUs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPU/GpuTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir::nnc;
using llvm::StringRef;

namespace {
/// A chip, the machine that predictions are for (see KnownTargets.h), and the
/// first version of PTX that knows it (PTX ISA, table of target names).
struct Chip {
  StringRef name, machine, chip, features;
  int capability;
  bool isExact;
};
} // namespace

static constexpr Chip chips[] = {
    {"cuda:sm_80", "a100", "sm_80", "+ptx71", 80, false},
    {"cuda:sm_90", "h100", "sm_90", "+ptx78", 90, false},
    {"cuda:sm_90a", "h200", "sm_90a", "+ptx80", 90, true},
    {"cuda:sm_120", "rtx5090", "sm_120", "+ptx87", 120, false},
};

std::optional<GpuTarget> mlir::nnc::findGpuTarget(StringRef name) {
  const Chip *chip = llvm::find_if(chips, [&](const Chip &chip) {
    return chip.name == name || chip.machine == name;
  });
  if (chip == std::end(chips))
    return std::nullopt;
  GpuTarget target;
  target.name = chip->name.str();
  target.machine = chip->machine.str();
  target.chip = chip->chip.str();
  target.features = chip->features.str();
  target.capability = chip->capability;
  target.isExact = chip->isExact;
  return target;
}

llvm::SmallVector<StringRef> mlir::nnc::getGpuTargetNames() {
  return llvm::map_to_vector(chips, [](const Chip &chip) { return chip.name; });
}

llvm::Expected<std::vector<ImageKind>>
mlir::nnc::parseImageKinds(StringRef text) {
  llvm::SmallVector<StringRef> names;
  text.split(names, ',');
  std::vector<ImageKind> kinds;
  for (StringRef name : names) {
    auto kind = llvm::StringSwitch<std::optional<ImageKind>>(name.trim())
                    .Case("cubin", ImageKind::Cubin)
                    .Case("ptx", ImageKind::PTX)
                    .Case("bitcode", ImageKind::Bitcode)
                    .Default(std::nullopt);
    if (!kind)
      return llvm::createStringError(
          "expects cubin, ptx or bitcode, several by comma, but found '" +
          name.trim() + "'");
    kinds.push_back(*kind);
  }
  return kinds;
}
