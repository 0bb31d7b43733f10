//===----------------------------------------------------------------------===//
// nnc run: a model on given inputs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/RunCommand.h"

#include "Compile.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

static int runRun(const Arguments &arguments) {
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
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(dimOption);
  spec.options.push_back(shapeOption);
  return spec;
}

Command driver::getRunCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runRun};
}
