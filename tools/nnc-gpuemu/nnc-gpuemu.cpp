//===----------------------------------------------------------------------===//
// Runs a GPU kernel on the CPU and says what is wrong with it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npy.h"
#include "nnc/Runner/CommandLine.h"
#include "tools/nnc-gpuemu/KernelArguments.h"
#include "tools/nnc-gpuemu/LoadKernels.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdio>

using namespace nncgpu;
using namespace nncrun;

static CommandSpec makeSpec() {
  return {
      "",
      "MODULE",
      1,
      1,
      "Runs a kernel for NVIDIA's GPUs on the CPU: from LLVM IR for nvptx64 "
      "or from a module with a gpu.module. Prints races, missing waits, "
      "wrong addresses, deadlocks and misuses; the exit code is then 1.",
      "nnc-gpuemu add.ll --grid 4 --block 256 --arg @x.npy --arg f32[1024] "
      "--output 1=@y.npy",
      {{"kernel", "NAME", "the kernel, if the module has several"},
       {"grid", "X[xYxZ]", "blocks (1)"},
       {"block", "X[xYxZ]", "threads of a block (32)"},
       {"cluster", "X[xYxZ]", "blocks of a cluster (1)"},
       {"shared", "BYTES", "dynamic shared memory (0)"},
       {"arg", "SPEC",
        "the next argument: @FILE.npy, f32[2x3] with =zero, =iota or "
        "=random, i32=5, map(BUFFER,BOX,SWIZZLE)"},
       {"output", "N=@FILE", "save buffer N, from 0"},
       {"print", "N", "print buffer N"},
       {"device", "NAME", "sm_80, sm_90, sm_90a or sm_120 (sm_90a)"},
       {"seed", "N", "shuffle threads and copies"},
       {"lazy", nullptr, "do asynchronous copies as late as possible"},
       {"all-modes", nullptr,
        "run in order, lazily, and shuffled by three seeds"},
       {"workers", "N", "threads of this machine (all)"},
       {"count", nullptr, "print requests, sectors and wavefronts"}}};
}

/// "4x2" as extents.
static bool parseDim(const Arguments &arguments, const char *name, Dim3 &dim) {
  if (!arguments.has(name))
    return true;
  llvm::SmallVector<llvm::StringRef> parts;
  const std::string text = arguments.get(name);
  llvm::StringRef(text).split(parts, 'x');
  uint32_t values[3] = {1, 1, 1};
  if (parts.size() > 3)
    return false;
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i].getAsInteger(10, values[i]))
      return false;
  dim = {values[0], values[1], values[2]};
  return true;
}

static std::vector<LaunchOptions> listModes(const Arguments &arguments,
                                            uint64_t seed, unsigned workers) {
  LaunchOptions options;
  options.seed = seed;
  options.lazyCopies = arguments.has("lazy");
  options.count = arguments.has("count");
  options.workers = workers;
  std::vector<LaunchOptions> modes = {options};
  if (!arguments.has("all-modes"))
    return modes;
  modes.push_back(options);
  modes.back().lazyCopies = true;
  for (uint64_t each : {1, 2, 3}) {
    modes.push_back(options);
    modes.back().seed = each;
  }
  return modes;
}

static void printBuffer(size_t i, const KernelArgument &argument) {
  nncio::Tensor tensor = readBuffer(argument);
  llvm::outs() << i << ":";
  for (int64_t at = 0; at < tensor.size(); ++at)
    if (nncio::isFloat(tensor.type()))
      llvm::outs() << llvm::format(" %g", tensor.getDouble(at));
    else
      llvm::outs() << " " << tensor.getInt(at);
  llvm::outs() << "\n";
}

/// The buffer that "N" or "N=@FILE" names; null if there is none.
static const KernelArgument *
findBuffer(llvm::StringRef text, const std::vector<KernelArgument> &arguments,
           size_t &i) {
  if (text.getAsInteger(10, i) || i >= arguments.size() ||
      !arguments[i].isBuffer)
    return nullptr;
  return &arguments[i];
}

static int writeResults(const Arguments &arguments,
                        const std::vector<KernelArgument> &values) {
  size_t i;
  for (const std::string &text : arguments.getAll("print")) {
    const KernelArgument *buffer = findBuffer(text, values, i);
    if (!buffer)
      return reportError("--print: expected the number of a buffer, found '" +
                             text + "'",
                         ExitUsage);
    printBuffer(i, *buffer);
  }
  for (const std::string &text : arguments.getAll("output")) {
    auto [number, path] = llvm::StringRef(text).split("=@");
    const KernelArgument *buffer = findBuffer(number, values, i);
    if (!buffer || path.empty())
      return reportError("--output: expected BUFFER=@FILE.npy, found '" + text +
                             "'",
                         ExitUsage);
    nncio::Status status = nncio::writeNpy(path.str(), readBuffer(*buffer));
    if (!status)
      return reportError(status.error(), ExitInput);
  }
  return ExitDone;
}

/// Runs the kernel once a mode, each with fresh buffers.
static int runModes(const KernelModule &module, const Kernel &kernel,
                    const LaunchConfig &config, const Arguments &arguments,
                    const std::vector<KernelArgument> &initial,
                    const std::vector<LaunchOptions> &modes) {
  for (const LaunchOptions &options : modes) {
    DeviceMemory memory;
    for (const KernelModule::Variable &variable : module.variables())
      memory.lend(variable.address, variable.bytes);
    std::vector<KernelArgument> values = initial;
    if (std::string problem = placeArguments(values, memory); !problem.empty())
      return reportError(problem, ExitUsage);
    std::vector<const void *> places;
    for (const KernelArgument &value : values)
      places.push_back(value.value());
    LaunchResult result = launch(kernel, config, places, memory, options);
    for (const Finding &finding : result.findings)
      llvm::errs() << "finding: " << finding.message << "\n";
    if (options.count)
      result.counters.print(llvm::outs());
    if (int code = writeResults(arguments, values))
      return code;
    if (!result.findings.empty())
      return ExitDiffers;
  }
  return ExitDone;
}

/// The kernel that --kernel names, or the only one; null and a message if there
/// is none.
static const Kernel *chooseKernel(const KernelModule &module,
                                  const std::string &name) {
  const Kernel *kernel = nullptr;
  if (!name.empty())
    kernel = module.find(name);
  else if (module.kernels().size() == 1)
    kernel = &module.kernels()[0];
  if (kernel)
    return kernel;
  std::string names;
  for (const Kernel &each : module.kernels())
    names += (names.empty() ? "" : ", ") + each.name;
  reportError("--kernel: expected one of " + names, ExitUsage);
  return nullptr;
}

static int runTool(const Arguments &arguments) {
  LaunchConfig config;
  for (auto [name, dim] : {std::pair("grid", &config.grid),
                           {"block", &config.block},
                           {"cluster", &config.cluster}})
    if (!parseDim(arguments, name, *dim))
      return reportError(std::string("--") + name +
                             ": expected one to three numbers like 4x2",
                         ExitUsage);
  if (!arguments.has("block"))
    config.block = {32, 1, 1};
  auto shared = arguments.getInt("shared", 0, 0, 1 << 20);
  auto seed = arguments.getInt("seed", 0, 0, INT64_MAX);
  auto workers = arguments.getInt("workers", 0, 0, 1024);
  for (const auto *number : {&shared, &seed, &workers})
    if (!*number)
      return reportError(number->error(), ExitUsage);
  config.dynamicShared = unsigned(*shared);
  std::string device =
      arguments.has("device") ? arguments.get("device") : "sm_90a";
  auto limits = DeviceLimits::get(device);
  if (!limits)
    return reportError("--device: expected sm_80, sm_90, sm_90a or sm_120, "
                       "found '" +
                           device + "'",
                       ExitUsage);
  std::vector<KernelArgument> values;
  for (const std::string &text : arguments.getAll("arg")) {
    nncio::Result<KernelArgument> value = parseArgument(text);
    if (!value)
      return reportError(value.error(), ExitUsage);
    values.push_back(*value);
  }
  auto module = loadKernels(arguments.operands[0]);
  if (!module)
    return reportError(llvm::toString(module.takeError()), ExitInput);
  const Kernel *kernel = chooseKernel(**module, arguments.get("kernel"));
  if (!kernel)
    return ExitUsage;
  if (kernel->parameters.size() != values.size())
    return reportError("'" + kernel->name + "': expected " +
                           std::to_string(kernel->parameters.size()) +
                           " arguments, found " + std::to_string(values.size()),
                       ExitUsage);
  if (auto reason =
          checkLaunch(*kernel, config, *limits, limits->sharedPerBlockOptIn))
    return reportError("'" + kernel->name + "': " + *reason, ExitUsage);
  return runModes(**module, *kernel, config, arguments, values,
                  listModes(arguments, uint64_t(*seed), unsigned(*workers)));
}

int main(int argc, char **argv) {
  const CommandSpec spec = makeSpec();
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  nncio::Result<Arguments> arguments = parseArguments(spec, words);
  if (!arguments)
    return reportError("nnc-gpuemu: " + arguments.error(), ExitUsage);
  if (arguments->has("help") || arguments->has("version")) {
    llvm::outs() << (arguments->has("help") ? helpText(spec, "nnc-gpuemu")
                                            : "nnc-gpuemu " NNC_VERSION "\n");
    return ExitDone;
  }
  return runTool(*arguments);
}
