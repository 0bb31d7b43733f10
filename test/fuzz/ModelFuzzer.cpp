//===----------------------------------------------------------------------===//
// ONNX models, binary and text, through the importer and the graph phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"
#include "mlir/IR/Diagnostics.h"
#include "nnc/Import/ONNX/Importer.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Pipelines/Compiler.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace nncfuzz;

bool nncfuzz::isSeed(const std::string &extension) {
  return extension == ".onnx" || extension == ".onnxtxt" ||
         extension == ".textproto";
}

/// A binary model starts with the tag of a field, which is no letter.
static bool isText(const uint8_t *data, size_t size) {
  return size > 0 && (std::isalpha(data[0]) || data[0] == '<' ||
                      data[0] == '#' || data[0] == '/');
}

std::vector<uint8_t> nncfuzz::change(const std::vector<uint8_t> &bytes,
                                     uint64_t seed) {
  return isText(bytes.data(), bytes.size()) ? changeText(bytes, seed)
                                            : changeBytes(bytes, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *extension = !isText(data, size) ? ".onnx"
                          : data[0] == '<'    ? ".onnxtxt"
                                              : ".textproto";
  InputFile file(data, size, extension);
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.getDiagEngine().registerHandler(
      [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module = importONNX(&context, file.getPath(), {});
  if (module)
    (void)runPhases(*module, Phase::Import, Phase::Graph, {});
  return 0;
}
