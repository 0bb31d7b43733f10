//===----------------------------------------------------------------------===//
// From a model to machine code.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"

#include "nnc/CostModel/Tiling.h"
#include "nnc/Pipelines/GivenPasses.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/Emit.h"
#include "nnc/Target/CPU/JITModel.h"
#include "llvm/ADT/StringExtras.h"

#include <chrono>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
using Clock = std::chrono::steady_clock;
using ExecutableResult = nncio::Result<std::shared_ptr<nncrun::Executable>>;

const std::vector<nncrun::OptionSpec> &driver::targetOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"target", "NAME",
       "host, x86-64-v3, x86-64-v4, znver5, aarch64, cuda:sm_80, ... (host); "
       "compile takes several by comma, of which the loader chooses"},
      {"gpu-image", "LIST",
       "how a GPU's code is kept: cubin, ptx, bitcode, several by comma, best "
       "first (ptx, behind a cubin if ptxas is found)"},
      {"O", "LEVEL", "optimization from 0 to 3 (3)"},
      {"no-fuse", nullptr, "one kernel an operator, to compare with"},
      {"check-bounds", nullptr,
       "have kernels check each access to memory: a run fails with a message "
       "where it would leave a tensor; slow, to find faults of the compiler"},
      {"precision", "NAME",
       "strict, default (Winograd's F(2,3); sums of products take "
       "numbers below the normal range for 0) or relaxed (F(4,3) too); of "
       "products of f32 on GPUs fp32 (as default), tf32, 3xtf32, bf16 or f16"}};
  return options;
}

/// Forms of a GPU's code; for other targets the option has nothing to say.
static int readGpuOptions(const Arguments &arguments, TargetOptions &target) {
  if (!target.gpu)
    return nncrun::ExitDone;
  target.gpu->optLevel = target.optLevel;
  if (!arguments.has("gpu-image"))
    return nncrun::ExitDone;
  llvm::Expected<std::vector<ImageKind>> kinds =
      parseImageKinds(arguments.get("gpu-image"));
  if (!kinds)
    return reportError("--gpu-image: " + llvm::toString(kinds.takeError()),
                       nncrun::ExitUsage);
  target.gpu->images = std::move(*kinds);
  target.gpu->isCubinOptional = false;
  return nncrun::ExitDone;
}

/// What products of f32 may be rounded to on GPUs.
static constexpr StringRef gpuPrecisions[] = {"fp32", "tf32", "3xtf32", "bf16",
                                              "f16"};

/// `isBesideGpu`: code for another target of the same artifact is for a GPU,
/// so a CPU may be asked for what only that one has.
static int readPrecision(const Arguments &arguments, bool isBesideGpu,
                         CompileRequest &request) {
  if (!arguments.has("precision"))
    return nncrun::ExitDone;
  std::string name = arguments.get("precision");
  bool isOfGpus = llvm::is_contained(gpuPrecisions, name);
  if (isOfGpus && !request.target.gpu && !isBesideGpu)
    return reportError("--precision: '" + name +
                           "' is for GPUs, but the target is '" +
                           request.target.name + "'",
                       nncrun::ExitUsage);
  if (isOfGpus && !request.target.gpu)
    return nncrun::ExitDone;
  request.compiler.precision = name;
  if (isOfGpus || getWinogradTiles(name))
    return nncrun::ExitDone;
  return reportError("--precision expects strict, default or relaxed, or for "
                     "GPUs " +
                         llvm::join(ArrayRef(gpuPrecisions), ", ") +
                         ", but found '" + name + "'",
                     nncrun::ExitUsage);
}

static int readRequestFor(StringRef name, const Arguments &arguments,
                          bool isBesideGpu, CompileRequest &request) {
  llvm::Expected<TargetOptions> target = resolveTarget(name);
  if (!target)
    return reportError("--target: " + llvm::toString(target.takeError()),
                       nncrun::ExitUsage);
  request.target = std::move(*target);
  std::string level = arguments.has("O") ? arguments.get("O") : "3";
  if (level.size() != 1 || level[0] < '0' || level[0] > '3')
    return reportError("-O expects a level from 0 to 3, but found '" + level +
                           "'",
                       nncrun::ExitUsage);
  request.target.optLevel = level[0] - '0';
  if (int code = readGpuOptions(arguments, request.target))
    return code;
  request.compiler.target = request.target.machine;
  request.compiler.assignLayout = request.target.optLevel > 0;
  request.compiler.fuse =
      request.target.optLevel > 0 && !arguments.has("no-fuse");
  request.compiler.checkBounds = arguments.has("check-bounds");
  if (request.compiler.checkBounds && request.target.gpu)
    return reportError("--check-bounds is for CPUs; run a GPU's kernels by "
                       "nnc-gpuemu, which checks each access",
                       nncrun::ExitUsage);
  request.compiler.orderKernels = request.target.optLevel > 0;
  return readPrecision(arguments, isBesideGpu, request);
}

static std::string targetText(const Arguments &arguments) {
  return arguments.has("target") ? arguments.get("target") : "host";
}

int driver::readCompileRequest(const Arguments &arguments,
                               CompileRequest &request) {
  return readRequestFor(targetText(arguments), arguments,
                        /*isBesideGpu=*/false, request);
}

/// A CPU beside GPUs, for machines that have none.
static int addFallback(const Arguments &arguments,
                       SmallVectorImpl<StringRef> &names) {
  if (!arguments.has("fallback"))
    return nncrun::ExitDone;
  if (arguments.get("fallback") != "cpu")
    return reportError("--fallback expects cpu, but found '" +
                           arguments.get("fallback") + "'",
                       nncrun::ExitUsage);
  names.push_back("host");
  return nncrun::ExitDone;
}

int driver::readCompileRequests(const Arguments &arguments,
                                std::vector<CompileRequest> &requests) {
  std::string text = targetText(arguments);
  SmallVector<StringRef> names;
  StringRef(text).split(names, ',');
  if (int code = addFallback(arguments, names))
    return code;
  bool hasGpu = llvm::any_of(names, [](StringRef name) {
    return findGpuTarget(name.trim()).has_value();
  });
  for (StringRef name : names) {
    CompileRequest request;
    if (int code = readRequestFor(name.trim(), arguments, hasGpu, request))
      return code;
    for (const CompileRequest &other : requests) {
      if (other.target.name == request.target.name)
        return reportError("--target: '" + other.target.name +
                               "' is named twice",
                           nncrun::ExitUsage);
      if (other.target.triple != request.target.triple)
        return reportError(
            "--target: one artifact is for one architecture, "
            "but '" +
                other.target.name + "' is " + other.target.triple + " and '" +
                request.target.name + "' is " + request.target.triple,
            nncrun::ExitUsage);
    }
    requests.push_back(std::move(request));
  }
  // GPUs first, the newest of them; of CPUs one that asks for more than another
  // has more features.
  llvm::sort(requests, [](const CompileRequest &a, const CompileRequest &b) {
    int ours = a.target.gpu ? a.target.gpu->capability : 0;
    int others = b.target.gpu ? b.target.gpu->capability : 0;
    if (ours != others)
      return ours > others;
    size_t first = a.target.features.size(), second = b.target.features.size();
    return first != second ? first > second : a.target.name < b.target.name;
  });
  return nncrun::ExitDone;
}

int driver::lowerModule(ModuleOp module, Phase to, CompileRequest &request) {
  for (int i = int(detectPhase(module)); i < int(to); ++i) {
    Clock::time_point begin = Clock::now();
    LogicalResult done =
        runPhases(module, Phase(i), Phase(i + 1), request.compiler);
    if (succeeded(done) && request.compress && Phase(i + 1) == Phase::Graph) {
      if (int code = request.compress(module))
        return code;
      done = runPhases(module, Phase::Import, Phase::Graph, request.compiler);
    }
    std::string name = stringifyPhase(Phase(i + 1)).str();
    request.times.emplace_back(
        name, std::chrono::duration<double, std::milli>(Clock::now() - begin)
                  .count());
    // What a model may ask for is lowered before the last phase.
    // Passes of the user's own promise nothing.
    bool internal =
        Phase(i + 1) == Phase::LLVM && !module->hasAttr(givenPassesAttrName);
    if (failed(done))
      return reportError("phase '" + name + "' failed" +
                             (internal ? ", which is an internal error; please "
                                         "report it with the model"
                                       : ""),
                         internal ? nncrun::ExitInternal : nncrun::ExitInput);
  }
  return nncrun::ExitDone;
}

int driver::predictArtifact(ModuleOp module, CompileRequest &request,
                            ArtifactInfo &info) {
  if (int code = lowerModule(module, Phase::Loops, request))
    return code;
  if (detectPhase(module) != Phase::LLVM && failed(makeArtifactTables(module)))
    return module->hasAttr(givenPassesAttrName)
               ? reportError("the memory of what --pipeline makes of the model "
                             "can't be predicted",
                             nncrun::ExitInput)
               : reportError("the memory of the model can't be predicted, "
                             "which is an internal error; please report it "
                             "with the model",
                             nncrun::ExitInternal);
  llvm::Expected<ArtifactInfo> read = readArtifactInfo(module);
  if (!read)
    return reportError(llvm::toString(read.takeError()), nncrun::ExitInternal);
  info = std::move(*read);
  return nncrun::ExitDone;
}

ExecutableResult driver::makeCompiledExecutable(ModuleOp module,
                                                CompileRequest &request,
                                                int threads) {
  if (lowerModule(module, Phase::LLVM, request))
    return ExecutableResult::failure("the model could not be compiled");
  TargetOptions target = request.target;
  target.prefix = "in_process";
  llvm::Expected<std::unique_ptr<JITModel>> jit =
      JITModel::create(module, target);
  if (!jit)
    return ExecutableResult::failure(llvm::toString(jit.takeError()));
  std::shared_ptr<JITModel> owner = std::move(*jit);
  auto model = nncrun::CompiledModel::wrap(owner->tables(), owner, threads);
  if (!model)
    return ExecutableResult::failure(model.error());
  return std::shared_ptr<nncrun::Executable>(*model);
}

ExecutableResult driver::makeLibraryExecutable(ModuleOp module,
                                               CompileRequest &request,
                                               const std::string &path,
                                               int threads) {
  if (lowerModule(module, Phase::LLVM, request))
    return ExecutableResult::failure("the model could not be compiled");
  llvm::Expected<EmitResult> emitted =
      emitArtifact(module, request.target, OutputKind::SharedLibrary, path);
  if (!emitted)
    return ExecutableResult::failure(llvm::toString(emitted.takeError()));
  auto model = nncrun::CompiledModel::open(path, threads);
  if (!model)
    return ExecutableResult::failure(model.error());
  return std::shared_ptr<nncrun::Executable>(*model);
}

std::string driver::printModule(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // Locations hold the ONNX node names.
  module->print(stream, OpPrintingFlags().enableDebugInfo());
  return text + "\n";
}
