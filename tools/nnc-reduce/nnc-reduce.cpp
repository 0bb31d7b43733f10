//===----------------------------------------------------------------------===//
// Makes a module that shows a fault smaller. MLIR's own reducer reads memory
// that it has freed as soon as a pattern leaves an op out, so this is another.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Reducer.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace mlir::nnc;
namespace cl = llvm::cl;

static cl::opt<std::string> input(cl::Positional, cl::desc("<module>"),
                                  cl::init("-"));
static cl::opt<std::string> output("o", cl::desc("the file to write"),
                                   cl::value_desc("FILE"), cl::init("-"));
static cl::opt<std::string>
    program("test", cl::Required, cl::value_desc("PROGRAM"),
            cl::desc("called with a file: exit code 1 if the fault is there"));

/// Runs the program on the module. Exit code 1 is of interest.
static bool runTest(const std::string &path, ModuleOp module) {
  llvm::SmallString<128> file;
  int descriptor = -1;
  if (llvm::sys::fs::createTemporaryFile("nnc-reduce", "mlir", descriptor,
                                         file))
    return false;
  llvm::FileRemover remover(file);
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    module->print(stream, OpPrintingFlags().enableDebugInfo());
  }
  return llvm::sys::ExecuteAndWait(path, {path, file}) == 1;
}

static int fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << "\n";
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv,
                              "makes a module that shows a fault "
                              "smaller\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(input.getValue(), &context);
  if (!module)
    return EXIT_FAILURE;
  if (!findEntry(*module))
    return fail("the module has no entry point: expected a function with "
                "'nn.entry' or one public function");
  llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(program);
  if (!path)
    return fail("--test: cannot find the program '" + program + "'");
  // Attempts that are no valid modules are nobody's business.
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  auto test = [&](ModuleOp candidate) { return runTest(*path, candidate); };
  if (!test(*module))
    return fail("--test: expected exit code 1 for the module itself");
  module = reduceModule(std::move(module), test);
  std::string message;
  auto file = openOutputFile(output, &message);
  if (!file)
    return fail(message);
  module->print(file->os(), OpPrintingFlags().enableDebugInfo());
  file->os() << "\n";
  file->keep();
  return EXIT_SUCCESS;
}
