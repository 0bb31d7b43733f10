//===----------------------------------------------------------------------===//
// Reads models in all their forms.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "DimBounds.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdio>
#include <set>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const nncrun::OptionSpec driver::dimOption = {
    "dim", "NAME=N",
    "fix a symbolic dimension of the inputs; NAME<=N bounds it"};
const nncrun::OptionSpec driver::shapeOption = {
    "shape", "INPUT=1x3x224x224", "fix an input's shape; '?' stays free"};

nncio::Result<ModelPath> driver::findModel(const std::string &path) {
  using Out = nncio::Result<ModelPath>;
  ModelPath model;
  model.path = path;
  if (llvm::sys::fs::is_directory(path)) {
    model.folder = path;
    llvm::SmallString<128> file(path);
    llvm::sys::path::append(file, "model.onnx");
    if (!llvm::sys::fs::exists(file))
      return Out::failure("'" + path + "' is a folder without model.onnx");
    model.path = file.str().str();
    return model;
  }
  if (!llvm::sys::fs::exists(path))
    return Out::failure("'" + path + "' does not exist");
  llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".mlir" || extension == ".mlirbc")
    model.kind = ModelKind::MLIR;
  if (extension == ".so")
    model.kind = ModelKind::Library;
  return model;
}

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

/// The message after where it belongs, which the importer has put in front
/// itself.
static std::string describeDiagnostic(Diagnostic &diagnostic) {
  std::string message = diagnostic.str();
  std::string where = describeLocation(diagnostic.getLocation());
  StringRef text = message;
  if (!where.empty() && !text.starts_with("node '") && !text.contains(where))
    message = where + ": " + message;
  return message;
}

Session::Session(bool quiet, bool threads)
    : context(makeRegistry(), threads ? MLIRContext::Threading::ENABLED
                                      : MLIRContext::Threading::DISABLED),
      quiet(quiet) {
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
    std::string message = describeDiagnostic(diagnostic);
    if (isError)
      errors.push_back(message);
    if (this->quiet || diagnostic.getSeverity() == DiagnosticSeverity::Remark)
      return success();
    std::fprintf(stderr, "%s: %s\n", isError ? "error" : "warning",
                 message.c_str());
    return success();
  });
}

/// The size that the options give dimension `axis` of an argument; its own if
/// they say nothing.
static int64_t getGivenSize(func::FuncOp function, unsigned argument,
                            int64_t axis, const ImportOptions &options) {
  auto type = cast<RankedTensorType>(function.getArgumentTypes()[argument]);
  auto name = function.getArgAttrOfType<StringAttr>(
      argument, nn::NNDialect::nameAttrName);
  auto shape = options.shapes.find(name ? name.getValue() : "");
  if (shape != options.shapes.end() && axis < int64_t(shape->second.size()) &&
      shape->second[axis] >= 0)
    return shape->second[axis];
  auto dims = function.getArgAttrOfType<ArrayAttr>(
      argument, nn::NNDialect::dimNamesAttrName);
  auto dim = dims && axis < int64_t(dims.size())
                 ? dyn_cast<StringAttr>(dims[axis])
                 : StringAttr();
  auto size = options.dims.find(dim ? dim.getValue() : "");
  if (size != options.dims.end() && type.isDynamicDim(axis))
    return size->second;
  return type.getDimSize(axis);
}

/// Gives the inputs of entry points the sizes that the options name; the graph
/// phase carries them on.
static LogicalResult specialize(ModuleOp module, const ImportOptions &options) {
  if (options.dims.empty() && options.shapes.empty())
    return success();
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr(nn::NNDialect::entryAttrName))
      continue;
    Block &body = function.getBody().front();
    OpBuilder builder = OpBuilder::atBlockBegin(&body);
    for (BlockArgument argument : body.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      SmallVector<int64_t> sizes;
      for (int64_t axis = 0; type && axis < type.getRank(); ++axis)
        sizes.push_back(
            getGivenSize(function, argument.getArgNumber(), axis, options));
      if (!type || type.getShape() == ArrayRef<int64_t>(sizes))
        continue;
      if (failed(verifyCompatibleShape(type.getShape(), sizes)))
        return function.emitError("argument ")
               << argument.getArgNumber() << " has type " << type
               << ", which --shape contradicts";
      auto cast =
          tensor::CastOp::create(builder, argument.getLoc(), type, argument);
      argument.replaceAllUsesExcept(cast, cast);
      argument.setType(RankedTensorType::get(sizes, type.getElementType()));
    }
    function.setType(builder.getFunctionType(body.getArgumentTypes(),
                                             function.getResultTypes()));
  }
  return success();
}

OwningOpRef<ModuleOp> Session::load(const ModelPath &model,
                                    const ImportOptions &options) {
  if (model.kind == ModelKind::ONNX)
    return importONNX(&context, model.path, options);
  std::string why;
  auto buffer = llvm::MemoryBuffer::getFile(model.path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/true);
  if (!buffer) {
    emitError(UnknownLoc::get(&context))
        << "cannot read '" << model.path
        << "': " << buffer.getError().message();
    return {};
  }
  llvm::SourceMgr manager;
  manager.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(manager, &context);
  if (module && failed(specialize(*module, options)))
    return {};
  return module;
}

/// Splits at the last '=': names may contain one.
static bool splitAssignment(StringRef text, StringRef &name, StringRef &value) {
  std::tie(name, value) = text.rsplit('=');
  return !name.empty() && !value.empty() && text.contains('=');
}

static int addDim(StringRef text, ImportOptions &options) {
  StringRef name, value;
  int64_t size = 0;
  if (!splitAssignment(text, name, value) || value.getAsInteger(10, size) ||
      size < 0)
    return reportError(
        "--dim expects NAME=N or NAME<=N with N of at least 0, but found '" +
            text.str() + "'",
        nncrun::ExitUsage);
  options.dims[name] = size;
  return nncrun::ExitDone;
}

static int addShape(StringRef text, ImportOptions &options) {
  auto fail = [&] {
    return reportError("--shape expects INPUT=DIMxDIM..., but found '" +
                           text.str() + "'",
                       nncrun::ExitUsage);
  };
  StringRef name, value;
  // A scalar has no dimension to give.
  if (!splitAssignment(text, name, value))
    return fail();
  SmallVector<StringRef> parts;
  value.split(parts, 'x');
  SmallVector<int64_t> sizes;
  for (StringRef part : parts) {
    int64_t size = -1;
    if (part != "?" && (part.getAsInteger(10, size) || size < 0))
      return fail();
    sizes.push_back(size);
  }
  options.shapes[name] = std::move(sizes);
  return nncrun::ExitDone;
}

int driver::readImportOptions(const Arguments &arguments,
                              ImportOptions &options) {
  for (const std::string &text : arguments.getAll("dim"))
    if (!isDimBound(text))
      if (int code = addDim(text, options))
        return code;
  for (const std::string &text : arguments.getAll("shape"))
    if (int code = addShape(text, options))
      return code;
  return nncrun::ExitDone;
}

int driver::checkImportOptions(ModuleOp module, const ImportOptions &options) {
  func::FuncOp entry = findEntry(module);
  if (!entry || (options.dims.empty() && options.shapes.empty()))
    return nncrun::ExitDone;
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  std::set<std::string> dims;
  std::vector<std::string> names;
  for (const nncrun::ValueInfo &info : signature->inputs) {
    names.push_back(info.name);
    dims.insert(info.dimNames.begin(), info.dimNames.end());
  }
  auto refuse = [](const char *what, StringRef name,
                   const std::vector<std::string> &known) {
    std::string list;
    for (const std::string &one : known)
      if (!one.empty())
        list += (list.empty() ? "" : ", ") + one;
    return reportError(std::string("the model has no ") + what + " '" +
                           name.str() + "'; it has " +
                           (list.empty() ? "none" : list),
                       nncrun::ExitUsage);
  };
  for (const auto &entry : options.dims)
    if (!dims.count(entry.getKey().str()))
      return refuse("symbolic dimension", entry.getKey(),
                    {dims.begin(), dims.end()});
  for (const auto &entry : options.shapes)
    if (!llvm::is_contained(names, entry.getKey()))
      return refuse("input", entry.getKey(), names);
  return nncrun::ExitDone;
}

int driver::loadModule(Session &session, const std::string &path,
                       const Arguments &arguments,
                       OwningOpRef<ModuleOp> &module) {
  ImportOptions options;
  options.inlineWeights = arguments.has("inline-weights");
  if (int code = readImportOptions(arguments, options))
    return code;
  DimBounds bounds;
  if (int code = readDimBounds(arguments, bounds))
    return code;
  nncio::Result<ModelPath> model = findModel(path);
  if (!model)
    return reportError(model.error(), nncrun::ExitInput);
  if (model->kind == ModelKind::Library)
    return reportError("'" + path + "' is compiled already; expected a model",
                       nncrun::ExitUsage);
  module = session.load(*model, options);
  if (!module)
    return nncrun::ExitInput;
  if (int code = checkImportOptions(*module, options))
    return code;
  return setDimBounds(*module, bounds);
}

int driver::loadGraphModel(Session &session, const Arguments &arguments,
                           llvm::StringRef command,
                           OwningOpRef<ModuleOp> &module) {
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  if (detectPhase(*module) != Phase::Import)
    return reportError(command.str() +
                           ": expected a model as it was imported, but found "
                           "the schedule or code of one",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}
