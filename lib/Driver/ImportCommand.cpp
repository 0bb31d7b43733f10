//===----------------------------------------------------------------------===//
// nnc import: a model as nn ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "nnc/Runner/Data.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

static int runImport(const Arguments &arguments) {
  if (!arguments.has("o"))
    return reportError("nnc import: expected -o FILE.mlir, or -o - for stdout",
                       nncrun::ExitUsage);
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  std::string text = printModule(*module);
  return writeText(arguments.get("o"), text);
}

Command driver::getImportCommand() {
  static const CommandSpec spec = {
      "import",
      "MODEL",
      1,
      1,
      "Translates a model into nn ops and writes them. Weights stay references "
      "into the model's file.",
      "nnc import model.onnx -o model.mlir --dim batch=1",
      {{"o", "FILE.mlir", "where to write; '-' is stdout"},
       {"inline-weights", nullptr, "copy the weights into the text"},
       dimOption,
       shapeOption}};
  return {&spec, runImport};
}
