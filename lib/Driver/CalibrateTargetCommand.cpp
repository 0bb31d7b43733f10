//===----------------------------------------------------------------------===//
// nnc calibrate-target: measures this machine into a target description.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Launcher.h"
#include "MeasuringProcess.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Parser/Parser.h"
#include "nnc/Runner/Data.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Threading.h"

#include <chrono>
#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Each probe runs this often, and so long each time.
static constexpr int numRounds = 3;
static constexpr const char *secondsOfProbe = "0.25";

namespace {
/// A model of few kernels, and how much it does.
struct Probe {
  std::string name;
  std::string text;
  double amount = 0; ///< Operations or bytes of a run.
  int threads = 1;
  /// Microseconds of the longest kernel, and of the run, a round each.
  std::vector<double> kernelUs, runUs;

  double kernel() const { return *llvm::min_element(kernelUs); }
  double run() const { return *llvm::min_element(runUs); }
  /// 10^9 a second.
  double rate() const { return amount / kernel() * 1e-3; }
};

class Calibration {
public:
  explicit Calibration(const Arguments &arguments) : arguments(arguments) {}

  /// Measures everything. Returns an exit code.
  int run(hw::TargetDescription &target);

private:
  void listProbes(const hw::TargetDescription &target);
  void add(StringRef name, std::string text, double amount, int threads = 1);
  int compile(Probe &probe, size_t number);
  int measure();
  void fill(hw::TargetDescription &target) const;
  double noise() const;
  const Probe *find(StringRef name) const;
  /// What a probe reached; 0 if there is none.
  double rate(StringRef name) const {
    const Probe *probe = find(name);
    return probe ? probe->rate() : 0;
  }

  const Arguments &arguments;
  CompileRequest request;
  TemporaryFolder folder;
  std::vector<std::string> runner;
  std::vector<Probe> probes;
  int cores = 1;
};
} // namespace

//===----------------------------------------------------------------------===//
// Probes
//===----------------------------------------------------------------------===//

static std::string tensorText(ArrayRef<int64_t> shape) {
  std::string text = "tensor<";
  for (int64_t dim : shape)
    text += std::to_string(dim) + "x";
  return text + "f32>";
}

/// Vector arithmetic at its peak: a product that stays in the caches.
static std::string productText(int64_t rows, int64_t depth, int64_t columns) {
  std::string a = tensorText({rows, depth}), b = tensorText({depth, columns});
  std::string c = tensorText({rows, columns});
  return llvm::formatv(
      "func.func @main(%a: {0} {{nn.name = \"a\"}, %b: {1} {{nn.name = \"b\"}) "
      "-> ({2} {{nn.name = \"c\"}) attributes {{nn.entry} {{\n"
      "  %0 = nn.matmul %a, %b : {0}, {1} -> {2}\n  return %0 : {2}\n}\n",
      a, b, c);
}

/// `count` element-wise ops in a row, which become one kernel.
static std::string chainText(StringRef op, int64_t size, int count) {
  std::string type = tensorText({size});
  bool isBinary = op == "div";
  std::string text =
      llvm::formatv("func.func @main(%v0: {0} {{nn.name = \"x\"}, %y: {0} "
                    "{{nn.name = \"y\"}) "
                    "-> ({0} {{nn.name = \"z\"}) attributes {{nn.entry} {{\n",
                    type);
  for (int i = 0; i < count; ++i)
    text +=
        isBinary
            ? llvm::formatv("  %v{0} = nn.{1} %v{2}, %y : {3}, {3} -> {3}\n",
                            i + 1, op, i, type)
                  .str()
            : llvm::formatv("  %v{0} = nn.{1} %v{2} : {3} -> {3}\n", i + 1, op,
                            i, type)
                  .str();
  return text + llvm::formatv("  return %v{0} : {1}\n}\n", count, type).str();
}

/// `count` kernels of almost no work that wait for each other.
static std::string emptyText(int count) {
  std::string type = tensorText({1, 16});
  std::string text = llvm::formatv("func.func @main(%v0: {0} {{nn.name = "
                                   "\"x\"}) -> ({0} {{nn.name = \"y\"}) "
                                   "attributes {{nn.entry} {{\n",
                                   type);
  for (int i = 0; i < count; ++i)
    text += llvm::formatv("  %v{0} = nn.softmax soft %v{1} axis 1 : {2} -> "
                          "{2}\n",
                          i + 1, i, type);
  return text + llvm::formatv("  return %v{0} : {1}\n}\n", count, type).str();
}

void Calibration::add(StringRef name, std::string text, double amount,
                      int threads) {
  Probe probe;
  probe.name = name.str();
  probe.text = std::move(text);
  probe.amount = amount;
  probe.threads = threads;
  probes.push_back(std::move(probe));
}

/// Bandwidths are those of a vector times a matrix, which reads each element
/// once: of half of the second cache, four times the second cache, and more
/// than any cache of one machine.
void Calibration::listProbes(const hw::TargetDescription &target) {
  constexpr int64_t depth = 1024, elements = 8192, large = 192 << 20;
  constexpr int chain = 8, manyKernels = 33;
  int64_t second = target.l2KiB * 1024;
  auto columns = [&](int64_t bytes) {
    return std::max<int64_t>(bytes / 4 / depth / 64 * 64, 64);
  };
  auto addReading = [&](StringRef name, int64_t bytes, int threads) {
    int64_t width = columns(bytes);
    add(name, productText(1, depth, width), double(width * depth * 4), threads);
  };
  add("gflops", productText(192, 256, 256), 2.0 * 192 * 256 * 256);
  add("exp", chainText("exp", elements, chain), double(elements * chain));
  add("divide", chainText("div", elements, chain), double(elements * chain));
  add("one", emptyText(1), 1);
  add("many", emptyText(manyKernels), manyKernels - 1);
  addReading("l2", second / 2, 1);
  addReading("l3", second * 4, 1);
  addReading("dram", large, 1);
  // Two units of work that each core has in its own cache.
  add("alone", chainText("exp", 4 * elements, chain), 1);
  if (cores < 2)
    return;
  addReading("l3 all", second * 4 * cores, cores);
  addReading("dram all", large, cores);
  add("shared", chainText("exp", 4 * elements, chain), 1, cores);
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

int Calibration::compile(Probe &probe, size_t number) {
  Session session;
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(probe.text, &session.getContext());
  if (!module)
    return reportError("the probe '" + probe.name + "' can't be read",
                       nncrun::ExitInternal);
  CompileRequest own = request;
  if (int code = lowerModule(*module, Phase::LLVM, own))
    return code;
  llvm::Expected<EmitResult> emitted =
      emitArtifact(*module, own.target, OutputKind::SharedLibrary,
                   folder.getPath() + "/" + std::to_string(number) + ".so");
  if (!emitted)
    return reportError(llvm::toString(emitted.takeError()), nncrun::ExitInput);
  return nncrun::ExitDone;
}

/// Rounds go over all probes, so that no disturbance hits one of them alone.
int Calibration::measure() {
  for (int round = 0; round < numRounds; ++round)
    for (auto [number, probe] : llvm::enumerate(probes)) {
      std::string target;
      llvm::json::Array results;
      if (int code = measureLibraries(
              runner,
              {"--threads", std::to_string(probe.threads), "--time-limit",
               secondsOfProbe},
              {folder.getPath() + "/" + std::to_string(number) + ".so"}, target,
              results))
        return code;
      const llvm::json::Object &result = *results[0].getAsObject();
      double longest = 0;
      for (const llvm::json::Value &value : *result.getArray("kernels"))
        longest = std::max(
            longest, value.getAsObject()->getNumber("min_us").value_or(0));
      double run = result.getNumber("min_ms").value_or(0) * 1000;
      probe.kernelUs.push_back(std::max(longest, 1e-3));
      probe.runUs.push_back(std::max(run, 1e-3));
    }
  return nncrun::ExitDone;
}

const Probe *Calibration::find(StringRef name) const {
  const auto *found = llvm::find_if(
      ArrayRef(probes), [&](const Probe &p) { return p.name == name; });
  return found == ArrayRef(probes).end() ? nullptr : found;
}

/// The median over probes of by how much the two best rounds differ.
double Calibration::noise() const {
  std::vector<double> spreads;
  for (const Probe &probe : probes) {
    std::vector<double> sorted = probe.kernelUs;
    llvm::sort(sorted);
    spreads.push_back(sorted[1] / sorted[0] - 1);
  }
  llvm::sort(spreads);
  return spreads[spreads.size() / 2];
}

/// Bytes of a cache of the first core by the operating system, 0: unknown.
static int64_t readCacheKiB(int index) {
  auto file = llvm::MemoryBuffer::getFileAsStream(
      llvm::formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/size", index)
          .str());
  if (!file)
    return 0;
  StringRef text = (*file)->getBuffer().trim();
  int64_t scale = text.consume_back("M") ? 1024 : 1, size = 0;
  text.consume_back("K");
  return text.getAsInteger(10, size) ? 0 : size * scale;
}

void Calibration::fill(hw::TargetDescription &target) const {
  target.cores = cores;
  target.gflops = rate("gflops");
  double perCycle = double(target.vectorBits) / 32 * target.fmaPorts *
                    (target.instructions.fma ? 2 : 1);
  target.ghz = target.gflops / perCycle;
  target.expGops = rate("exp");
  target.divideGops = rate("divide");
  target.l2Gbps = rate("l2");
  target.l3Gbps = rate("l3");
  target.dramGbps = rate("dram");
  target.l3GbpsAll = std::max(rate("l3 all"), target.l3Gbps);
  target.dramGbpsAll = std::max(rate("dram all"), target.dramGbps);
  double many =
      (find("many")->run() - find("one")->run()) / find("many")->amount;
  target.launchUs = std::max(many, 0.01);
  if (const Probe *shared = find("shared"))
    target.forkJoinUs = std::max(
        shared->kernel() - find("alone")->kernel() / double(cores), 0.0);
  target.noise = noise();
  target.validated = false;
}

int Calibration::run(hw::TargetDescription &target) {
  if (int code = readCompileRequest(arguments, request))
    return code;
  if (llvm::Error error = checkRunsHere(request.target))
    return reportError("--target: " + llvm::toString(std::move(error)),
                       nncrun::ExitUsage);
  if (int code = readRunner(arguments, request.target, runner))
    return code;
  nncio::Result<int64_t> wanted = arguments.getInt(
      "threads", llvm::hardware_concurrency().compute_thread_count(), 1, 1024);
  if (!wanted)
    return reportError(wanted.error(), nncrun::ExitUsage);
  cores = int(*wanted);
  const hw::TargetDescription *base =
      hw::findDescription(request.target.machine);
  if (!base)
    return reportError("--target expects the name of a machine, but found '" +
                           request.target.machine + "'",
                       nncrun::ExitUsage);
  target = *base;
  target.name = request.target.name;
  int64_t first = readCacheKiB(0), second = readCacheKiB(2);
  target.l1KiB = first ? first : target.l1KiB;
  target.l2KiB = second ? second : target.l2KiB;
  if (int64_t third = readCacheKiB(3))
    target.l3KiB = std::min(target.l3KiB, third);
  listProbes(target);
  for (auto [number, probe] : llvm::enumerate(probes))
    if (int code = compile(probe, number))
      return code;
  if (int code = measure())
    return code;
  fill(target);
  return nncrun::ExitDone;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static int runCalibrateTarget(const Arguments &arguments) {
  if (!arguments.has("o"))
    return reportError("nnc calibrate-target: expected -o TARGET.json, or -o - "
                       "for stdout",
                       nncrun::ExitUsage);
  auto begin = std::chrono::steady_clock::now();
  hw::TargetDescription target;
  if (int code = Calibration(arguments).run(target))
    return code;
  std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  std::fprintf(stderr,
               "nnc: %s: %.0f GFLOP/s, caches %.0f and %.0f GB/s, memory %.1f "
               "GB/s, launch %.2f us, fork and join %.2f us; measured again "
               "within %.1f %%, in %.0f s\n",
               target.name.c_str(), target.gflops, target.l2Gbps, target.l3Gbps,
               target.dramGbps, target.launchUs, target.forkJoinUs,
               target.noise * 100, spent.count());
  return writeText(arguments.get("o"), target.toJson());
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "calibrate-target",
      "",
      0,
      0,
      "Measures this machine into a target description, by small models that "
      "are compiled here: arithmetic, functions, bandwidths, launches. Takes "
      "up to 90 s; other programs should rest.",
      "nnc calibrate-target -o here.json && nnc check m.onnx "
      "--target=here.json",
      {{"o", "TARGET.json", "the file to write; '-' is stdout"},
       {"threads", "N", "cores to measure together (all)"}}};
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(runWithOption);
  return spec;
}

Command driver::getCalibrateTargetCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCalibrateTarget};
}
