//===----------------------------------------------------------------------===//
// --pipeline: passes of the user's own in place of the first phases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CustomPipeline.h"

#include "nnc/InitAllPasses.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Pipelines/GivenPasses.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const nncrun::OptionSpec driver::pipelineOption = {
    "pipeline", "PASSES",
    "run these passes, as nnc-opt --pass-pipeline takes them, in place of the "
    "graph phase and of later phases whose form they reach"};

/// The parser's message without the text that it points at.
static std::string cleanMessage(StringRef text) {
  size_t at = text.find("error: ");
  if (at != StringRef::npos)
    text = text.substr(at + StringRef("error: ").size());
  return text.split('\n').first.str();
}

int driver::checkPipeline(const Arguments &arguments) {
  if (!arguments.has("pipeline"))
    return nncrun::ExitDone;
  std::string text = arguments.get("pipeline");
  if (StringRef(text).trim().empty())
    return reportError("--pipeline expects passes such as "
                       "'nnc-graph', but found none",
                       nncrun::ExitUsage);
  for (const char *option : {"quantize", "prune", "recipe"})
    if (arguments.has(option))
      return reportError("--" + std::string(option) +
                             " works at the end of the graph phase, which "
                             "--pipeline replaces; name its passes there",
                         nncrun::ExitUsage);
  if (arguments.get("compile-to") == "import")
    return reportError("--pipeline runs after import, where --compile-to stops",
                       nncrun::ExitUsage);
  registerAllPasses();
  OpPassManager manager(ModuleOp::getOperationName());
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePipeline(text, manager, stream)))
    return reportError("--pipeline: " + cleanMessage(message) +
                           "; nnc-opt --help lists passes and their options",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

int driver::runPipeline(const Arguments &arguments, ModuleOp module) {
  if (!arguments.has("pipeline"))
    return nncrun::ExitDone;
  if (detectPhase(module) != Phase::Import)
    return reportError("--pipeline takes the place of the graph phase, which "
                       "the module is past; run the passes by nnc-opt",
                       nncrun::ExitUsage);
  if (failed(runGivenPasses(module, arguments.get("pipeline"))))
    return reportError("--pipeline: its passes failed", nncrun::ExitInput);
  return nncrun::ExitDone;
}
