//===----------------------------------------------------------------------===//
// Descriptions of machines and tables of measured tilings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"
#include "dialects/HW/IR/HWDialect.h"
#include "nnc/CostModel/Tuning.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Target/CPU/TargetOptions.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace nncfuzz;

bool nncfuzz::isSeed(const std::string &extension) {
  return extension == ".json";
}

std::vector<uint8_t> nncfuzz::change(const std::vector<uint8_t> &bytes,
                                     uint64_t seed) {
  return seed % 2 ? changeText(bytes, seed) : changeBytes(bytes, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  InputFile file(data, size, ".json");
  llvm::consumeError(resolveTarget(file.getPath()).takeError());
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  StringRef text(reinterpret_cast<const char *>(data), size);
  context.loadDialect<hw::HWDialect>();
  llvm::consumeError(TuningTable::parse(&context, text).takeError());
  return 0;
}
