//===----------------------------------------------------------------------===//
// nnc run: a model on given inputs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/RunCommand.h"

#include "Launcher.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// A compiled library by --run-with: nnc-run does it all.
static int launchLibrary(const std::string &library,
                         const Arguments &arguments) {
  std::optional<Launcher> launcher;
  TargetOptions target = readLibraryTarget(library);
  if (int code = readLauncher(arguments, target, launcher))
    return code;
  std::vector<std::string> words = launcher->words;
  for (const nncrun::OptionSpec &option : nncrun::runOptions())
    for (const std::string &value : arguments.getAll(option.name))
      words.push_back("--" + std::string(option.name) + "=" + value);
  words.insert(words.end(), {"--", library});
  nncio::Result<int> code = runProgram(words, "", "");
  return code ? *code : reportError(code.error(), nncrun::ExitInternal);
}

static int runRun(const Arguments &arguments) {
  if (arguments.has("run-with") && arguments.has("reference"))
    return reportError("--reference and --run-with exclude each other",
                       nncrun::ExitUsage);
  nncio::Result<ModelPath> model = findModel(arguments.operands[0]);
  bool isLibrary = model && model->kind == ModelKind::Library;
  if (isLibrary && arguments.has("run-with"))
    return launchLibrary(model->path, arguments);
  if (arguments.has("run-with") && arguments.has("profile"))
    return reportError("--profile with --run-with needs a compiled library",
                       nncrun::ExitUsage);
  OpenedModel opened;
  if (int code = openModel(arguments.operands[0], arguments, opened))
    return code;
  return nncrun::runExecutable(*opened.executable, arguments,
                               arguments.operands[0], opened.path.folder);
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "run",
      "MODEL",
      1,
      1,
      "Runs a model once. MODEL is a compiled library, or a model that is "
      "compiled in memory; a folder's first data set gives inputs that are not "
      "named.",
      "nnc run model.so --input x=@x.npy --output y=@y.npy",
      nncrun::runOptions()};
  spec.options.push_back(
      {"reference", nullptr, "compute by the reference interpreter"});
  spec.options.push_back(runWithOption);
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(dimOption);
  spec.options.push_back(shapeOption);
  return spec;
}

Command driver::getRunCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runRun};
}
