//===----------------------------------------------------------------------===//
// Measures compiled libraries.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Bench.h"

#include "nnc/Runner/Batches.h"
#include "nnc/Runner/Calibration.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Runner/Data.h"
#include "nnc/Runner/PeakMemory.h"
#include "nnc/Runner/QuietRounds.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <dlfcn.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/stat.h>

using namespace nncrun;
using Clock = std::chrono::steady_clock;

/// Runs before anything is counted: at least this many, for at least this long.
static constexpr int warmUpRuns = 3;
static constexpr double warmUpSeconds = 0.2;
/// Stable: at least this many runs over this long, and the medians of their
/// halves differ by no more than this share.
static constexpr size_t stableRuns = 20;
static constexpr double stableSeconds = 1;
static constexpr double stableSpread = 0.01;
/// Rounds, between which the speed of the processor is measured, last so long
/// or one run.
static constexpr double roundSeconds = 0.05;
/// Runs at most, unless told.
static constexpr int64_t defaultMaxRuns = 100000;
/// Runs with the clock around each kernel: at least so many, and more up to
/// this many while they take no longer.
static constexpr int profileRuns = 15, mostProfileRuns = 200;
static constexpr double profileSeconds = 0.4;

const CommandSpec &nncrun::benchSpec() {
  static const CommandSpec spec = {
      "bench",
      "LIBRARY.so [OTHER.so]",
      1,
      2,
      "Measures compiled libraries and prints JSON.",
      "nnc-run --bench model.so --threads=2",
      {{"threads", "N", "threads of a run (1)"},
       {"inputs", "SPEC", "a folder of test_data_set_N, or INPUT=@FILE"},
       {"time-limit", "S", "seconds to measure at most (10)"},
       {"max-runs", "N", "runs to measure at most (100000)"},
       {"flush-subnormals", nullptr,
        "take numbers below the normal range for 0, which some processors are "
        "slow with"}}};
  return spec;
}

namespace {

/// A library under measurement.
struct Subject {
  std::string path;
  std::shared_ptr<CompiledModel> model;
  /// Its tables; null if it hides them.
  const nncrt_model *tables = nullptr;
  Tensors inputs;
  InputViews in;
  std::vector<nnc_value> out;
  double firstMs = 0;
  std::vector<double> milliseconds;
  /// How many runs were left out since something disturbed the processor.
  size_t droppedRuns = 0;
  /// The best speed of the processor between rounds, in GFLOP/s.
  double calibration = 0;
  std::vector<std::vector<KernelEvent>> profiles;
};

} // namespace

/// The tables, of the variant that is used, in a library that is open already;
/// it stays open.
static const nncrt_model *findTables(const std::string &path) {
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void *handle = dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_LOCAL);
  if (!handle)
    return nullptr;
  const auto *library =
      static_cast<const nncrt_library *>(dlsym(handle, NNCRT_LIBRARY_SYMBOL));
  const bool known = library && library->magic == NNCRT_MAGIC &&
                     library->abi_version == NNCRT_ABI_VERSION;
  const nncrt_model *tables = nullptr;
  if (known)
    nncrt_select_variant(library->model, nullptr, &tables, nullptr);
  return tables;
}

static std::string runOnce(Subject &subject, double &milliseconds) {
  nnc_error error = {};
  const Clock::time_point begin = Clock::now();
  const nnc_status status = nnc_context_run(
      subject.model->getContext(), 0, subject.in.values.data(),
      subject.in.values.size(), subject.out.data(), subject.out.size(), &error);
  const Clock::time_point end = Clock::now();
  milliseconds = std::chrono::duration<double, std::milli>(end - begin).count();
  return status == NNC_OK ? "" : error.message;
}

/// What is loaded besides the inputs of the first data set is gone when this
/// returns: it would count as the model's memory.
static int makeInputs(const Arguments &arguments, Subject &subject) {
  const Signature &signature = subject.model->signature();
  if (!arguments.has("inputs")) {
    for (const ValueInfo &info : signature.inputs)
      subject.inputs.push_back(makeRandom(info, 0));
    return ExitDone;
  }
  auto samples = loadSamples(arguments.getAll("inputs"), signature);
  if (!samples)
    return reportError("--inputs: " + samples.error(), ExitInput);
  subject.inputs = std::move(samples->front().inputs);
  return ExitDone;
}

static int openSubject(const Arguments &arguments, const std::string &path,
                       int threads, Subject &subject) {
  subject.path = path;
  auto model = CompiledModel::open(path, threads);
  if (!model)
    return reportError("'" + path + "': " + model.error(), ExitInput);
  subject.model = *model;
  subject.tables = findTables(path);
  if (int code = makeInputs(arguments, subject))
    return code;
  auto in = viewInputs(subject.inputs);
  if (!in)
    return reportError(in.error(), ExitInput);
  subject.in = std::move(*in);
  subject.out.resize(subject.model->signature().outputs.size());
  const std::string problem = runOnce(subject, subject.firstMs);
  if (!problem.empty())
    return reportError("'" + path + "': " + problem, ExitInput);
  return ExitDone;
}

static double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

static bool isStable(const std::vector<double> &values) {
  if (values.size() < stableRuns)
    return false;
  const auto middle =
      values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  const double early = median({values.begin(), middle});
  const double late = median({middle, values.end()});
  return std::fabs(early - late) <= stableSpread * std::min(early, late);
}

namespace {
/// When to stop measuring.
struct Limits {
  double seconds;
  int64_t runs;
};
} // namespace

/// One run of each, so that what disturbs the machine hits all alike.
static std::string runAll(std::vector<Subject> &subjects, bool keep) {
  for (Subject &subject : subjects) {
    double milliseconds = 0;
    const std::string problem = runOnce(subject, milliseconds);
    if (!problem.empty())
      return problem;
    if (keep)
      subject.milliseconds.push_back(milliseconds);
  }
  return "";
}

static std::string warmUp(std::vector<Subject> &subjects, double limit) {
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < warmUpRuns || secondsSince(begin) < warmUpSeconds; ++i) {
    const std::string problem = runAll(subjects, /*keep=*/false);
    if (!problem.empty() || secondsSince(begin) >= limit)
      return problem;
  }
  return "";
}

static bool areStable(const std::vector<Subject> &subjects) {
  return std::all_of(subjects.begin(), subjects.end(),
                     [](const Subject &s) { return isStable(s.milliseconds); });
}

/// Measures until the medians are stable or a limit is reached.
static std::string measure(std::vector<Subject> &subjects,
                           const Limits &limits) {
  Rounds rounds;
  const Clock::time_point begin = Clock::now();
  std::string problem = warmUp(subjects, limits.seconds);
  auto countRuns = [&] { return subjects[0].milliseconds.size(); };
  auto isOver = [&] {
    return secondsSince(begin) >= limits.seconds ||
           int64_t(countRuns()) >= limits.runs;
  };
  rounds.next(0, nnc_calibrate());
  for (bool done = false; problem.empty() && !done;) {
    const Clock::time_point start = Clock::now();
    do
      problem = runAll(subjects, /*keep=*/true);
    while (problem.empty() && secondsSince(start) < roundSeconds && !isOver());
    rounds.next(countRuns(), nnc_calibrate());
    done = isOver() ||
           (secondsSince(begin) >= stableSeconds && areStable(subjects));
  }
  for (Subject &subject : subjects) {
    const size_t all = subject.milliseconds.size();
    subject.milliseconds = rounds.keepQuiet(subject.milliseconds);
    subject.droppedRuns = all - subject.milliseconds.size();
    subject.calibration = rounds.bestSpeed();
  }
  return problem;
}

static std::string profile(Subject &subject) {
  const Clock::time_point begin = Clock::now();
  auto isOver = [&](int runs) {
    return runs >= mostProfileRuns ||
           (runs >= profileRuns && secondsSince(begin) >= profileSeconds);
  };
  for (int i = 0; !isOver(i); ++i) {
    std::vector<KernelEvent> events;
    subject.model->setProfile(&events);
    double ignored = 0;
    const std::string problem = runOnce(subject, ignored);
    subject.model->setProfile(nullptr);
    if (!problem.empty())
      return problem;
    subject.profiles.push_back(std::move(events));
  }
  return "";
}

static std::string numberText(double value) {
  if (!std::isfinite(value) || value < 0)
    return "null";
  char text[40];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

static std::string countText(int64_t value) {
  return value < 0 ? "null" : std::to_string(value);
}

/// The value that a share of all do not exceed.
static double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * double(values.size() - 1);
  return values[static_cast<size_t>(std::llround(place))];
}

static const char *boundName(const Subject &subject, const std::string &name) {
  for (int32_t i = 0; subject.tables && i < subject.tables->num_kernels; ++i) {
    const nncrt_kernel &kernel = subject.tables->kernels[i];
    if (name != kernel.name)
      continue;
    switch (kernel.bound) {
    case NNCRT_BOUND_COMPUTE:
      return "compute";
    case NNCRT_BOUND_MEMORY:
      return "memory";
    case NNCRT_BOUND_LAUNCH:
      return "launch";
    default:
      return "unknown";
    }
  }
  return "unknown";
}

/// The kernels of the first profile; a kernel in a loop has several events a
/// run, which count as one.
static std::string kernelsText(const Subject &subject) {
  std::vector<std::string> order;
  for (const KernelEvent &event : subject.profiles.front())
    if (std::find(order.begin(), order.end(), event.name) == order.end())
      order.push_back(event.name);
  std::string text;
  for (const std::string &name : order) {
    std::vector<double> sums;
    KernelEvent sample;
    for (const std::vector<KernelEvent> &events : subject.profiles) {
      double sum = 0;
      for (const KernelEvent &event : events)
        if (event.name == name) {
          sum += double(event.endNs - event.beginNs) / 1000;
          sample = event;
        }
      sums.push_back(sum);
    }
    text += (text.empty() ? "" : ",\n  ") + ("{\"name\":" + jsonQuote(name)) +
            ",\"nodes\":[";
    for (size_t i = 0; i < sample.nodes.size(); ++i)
      text += (i ? "," : "") + jsonQuote(sample.nodes[i]);
    text += "],\"median_us\":" + numberText(median(sums)) +
            ",\"min_us\":" + numberText(percentile(sums, 0)) +
            ",\"predicted_us\":" + numberText(sample.predictedUs) +
            ",\"flops\":" + countText(sample.flops) +
            ",\"bytes\":" + countText(sample.bytes) + ",\"bound\":\"" +
            boundName(subject, name) + "\"}";
  }
  return text;
}

/// Sums over the kernel table; -1 where one is unknown.
static void sumKernels(const Subject &subject, double &predictedUs,
                       int64_t &flops) {
  predictedUs = subject.tables ? 0 : -1;
  flops = subject.tables ? 0 : -1;
  for (int32_t i = 0; subject.tables && i < subject.tables->num_kernels; ++i) {
    const nncrt_kernel &kernel = subject.tables->kernels[i];
    predictedUs = kernel.predicted_us < 0 || predictedUs < 0
                      ? -1
                      : predictedUs + kernel.predicted_us;
    flops = kernel.flops < 0 || flops < 0 ? -1 : flops + kernel.flops;
  }
}

static std::string resultText(const Subject &subject, int threads,
                              int64_t peakRss) {
  double predictedUs = 0;
  int64_t flops = 0;
  sumKernels(subject, predictedUs, flops);
  int64_t arena = subject.tables ? subject.tables->entries[0].arena_bytes : -1;
  if (arena < 0)
    arena = subject.model->workspaceBytes();
  struct stat info;
  const int64_t size = ::stat(subject.path.c_str(), &info) == 0
                           ? static_cast<int64_t>(info.st_size)
                           : -1;
  const std::vector<double> &times = subject.milliseconds;
  return "{\"model\":" + jsonQuote(subject.path) +
         ",\"threads\":" + std::to_string(threads) +
         ",\"runs\":" + std::to_string(times.size()) +
         ",\"dropped_runs\":" + std::to_string(subject.droppedRuns) +
         ",\"calibration_gflops\":" + numberText(subject.calibration) +
         ",\"min_ms\":" + numberText(percentile(times, 0)) +
         ",\"median_ms\":" + numberText(median(times)) +
         ",\"p90_ms\":" + numberText(percentile(times, 0.9)) +
         ",\"p99_ms\":" + numberText(percentile(times, 0.99)) +
         ",\"predicted_ms\":" + numberText(predictedUs / 1000) +
         ",\"first_ms\":" + numberText(subject.firstMs) +
         ",\"compile_ms\":null" + ",\"peak_rss_bytes\":" + countText(peakRss) +
         ",\"arena_bytes\":" + countText(arena) + ",\"weight_bytes\":" +
         (subject.tables ? std::to_string(subject.tables->weights_bytes)
                         : std::string("null")) +
         ",\"library_bytes\":" + countText(size) +
         ",\"flops\":" + countText(flops) + ",\"kernels\":[\n  " +
         kernelsText(subject) + "]}";
}

/// Lets freed memory of some size go back to the system at once, so that what
/// was needed to load inputs does not add to what runs need.
static void returnFreedMemory() {
#ifdef __GLIBC__
  constexpr int bytes = 64 << 10;
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, bytes);
#endif
}

/// Lets arithmetic of this thread, and of those that it makes, take numbers
/// below the normal range for 0, and give 0 for them. False where that is not
/// known.
static bool flushSubnormals() {
#ifdef __SSE__
  constexpr unsigned flushResults = 0x8000, flushOperands = 0x0040;
  _mm_setcsr(_mm_getcsr() | flushResults | flushOperands);
  return true;
#else
  return false;
#endif
}

int nncrun::runBench(const Arguments &arguments) {
  returnFreedMemory();
  if (arguments.has("flush-subnormals") && !flushSubnormals())
    return reportError("--flush-subnormals: not known for this machine",
                       ExitUsage);
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), ExitUsage);
  nncio::Result<double> limit = arguments.getNumber("time-limit", 10);
  if (!limit)
    return reportError(limit.error(), ExitUsage);
  nncio::Result<int64_t> runs =
      arguments.getInt("max-runs", defaultMaxRuns, 1, INT64_MAX);
  if (!runs)
    return reportError(runs.error(), ExitUsage);
  std::vector<Subject> subjects(arguments.operands.size());
  for (size_t i = 0; i < subjects.size(); ++i)
    if (int code = openSubject(arguments, arguments.operands[i],
                               static_cast<int>(*threads), subjects[i]))
      return code;
  std::string problem = measure(subjects, {*limit, *runs});
  // Two libraries in one process have no memory of their own to tell.
  const int64_t peak = subjects.size() == 1 ? peakResidentBytes() : -1;
  for (Subject &subject : subjects)
    if (problem.empty())
      problem = profile(subject);
  if (!problem.empty())
    return reportError(problem, ExitInput);
  const nncrt_model *tables = subjects[0].tables;
  std::string text = "{\"target\":" + jsonQuote(tables ? tables->target : "") +
                     ",\"results\":[\n";
  for (size_t i = 0; i < subjects.size(); ++i)
    text += (i ? ",\n" : "") +
            resultText(subjects[i], static_cast<int>(*threads), peak);
  std::printf("%s\n]}\n", text.c_str());
  return ExitDone;
}
