//===----------------------------------------------------------------------===//
// Assembly of graphs through all phases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Pipelines/Compiler.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace nncfuzz;

bool nncfuzz::isSeed(const std::string &extension) {
  return extension == ".mlir";
}

std::vector<uint8_t> nncfuzz::change(const std::vector<uint8_t> &bytes,
                                     uint64_t seed) {
  return changeText(bytes, seed);
}

/// Tests of passes have functions without the attributes of entry points.
static void makeEntries(ModuleOp module) {
  Builder builder(module.getContext());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    function->setAttr(nn::NNDialect::entryAttrName, builder.getUnitAttr());
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      function.setArgAttr(i, nn::NNDialect::nameAttrName,
                          builder.getStringAttr("x" + Twine(i)));
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      function.setResultAttr(i, nn::NNDialect::nameAttrName,
                             builder.getStringAttr("y" + Twine(i)));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.getDiagEngine().registerHandler(
      [](Diagnostic &) { return success(); });
  StringRef text(reinterpret_cast<const char *>(data), size);
  SmallVector<StringRef> parts;
  text.split(parts, "// -----");
  for (StringRef part : parts) {
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(part, ParserConfig(&context));
    // Dumps of later phases are the compiler's own.
    if (!module || detectPhase(*module) != Phase::Import)
      continue;
    makeEntries(*module);
    (void)runPhases(*module, Phase::Import, Phase::LLVM, {});
  }
  return 0;
}
