//===----------------------------------------------------------------------===//
// nnc solve: memory problems as text.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostReport.h"
#include "nnc/Memory/Packing.h"
#include "nnc/Memory/Remat.h"
#include "nnc/Memory/StorageText.h"
#include "nnc/Runner/Data.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"

#include <chrono>
#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
namespace remat = nncmem::remat;
using Clock = std::chrono::steady_clock;

namespace {
/// Says on a terminal how far a search is, once it lasts.
class ProgressLine {
public:
  explicit ProgressLine(bool isWanted) : isWanted(isWanted) {}
  ~ProgressLine() {
    if (isShown)
      std::fputs("\r\033[K", stderr);
  }
  void show(const std::string &text) {
    std::chrono::duration<double> spent = Clock::now() - begin;
    if (!isWanted || spent.count() < 2)
      return;
    isShown = true;
    std::fprintf(stderr, "\rnnc solve: %s\033[K", text.c_str());
    std::fflush(stderr);
  }

private:
  Clock::time_point begin = Clock::now();
  bool isWanted;
  bool isShown = false;
};

/// What both kinds of problems have in common.
struct SolveRequest {
  std::string text;
  std::string output; ///< Empty for none.
  int64_t seed = 1;
  int64_t steps = 0; ///< 0: as many as the time limit suggests.
  double timeLimit = 0;
  /// Where results go that are meant for people: not into the output.
  FILE *told = stdout;
};
} // namespace

/// Options that only one kind of problem has.
static int checkOptions(const Arguments &arguments, bool isRemat) {
  for (const char *name : {"budget", "max-copies", "seed"})
    if (!isRemat && arguments.has(name))
      return reportError("nnc solve alloc takes no --" + std::string(name),
                         nncrun::ExitUsage);
  if (isRemat && arguments.has("capacity"))
    return reportError("nnc solve remat takes no --capacity, but --budget",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

static int readRequest(const Arguments &arguments, SolveRequest &request) {
  nncio::Result<int64_t> seed = arguments.getInt("seed", 1, 0, INT64_MAX);
  if (!seed)
    return reportError(seed.error(), nncrun::ExitUsage);
  nncio::Result<int64_t> steps = arguments.getInt("steps", 0, 1, INT64_MAX / 2);
  if (!steps)
    return reportError(steps.error(), nncrun::ExitUsage);
  nncio::Result<double> limit = arguments.getNumber("time-limit", 60);
  if (!limit)
    return reportError(limit.error(), nncrun::ExitUsage);
  if (*limit < 0.001 || *limit > 86400)
    return reportError("--time-limit expects seconds, from 0.001 to 86400, but "
                       "found '" +
                           arguments.get("time-limit") + "'",
                       nncrun::ExitUsage);
  if (arguments.has("o") && arguments.get("o") == "-" &&
      arguments.get("report") == "-")
    return reportError("-o and --report cannot both be stdout",
                       nncrun::ExitUsage);
  nncio::Result<nncio::FileBytes> bytes =
      nncio::readFile(arguments.operands[1]);
  if (!bytes)
    return reportError(bytes.error(), nncrun::ExitInput);
  request.text.assign(reinterpret_cast<const char *>(bytes->span.data),
                      bytes->span.size);
  request.output = arguments.get("o");
  request.seed = *seed;
  request.steps = *steps;
  request.timeLimit = *limit;
  if (request.output == "-" || arguments.get("report") == "-")
    request.told = stderr;
  return nncrun::ExitDone;
}

static int writeReport(const Arguments &arguments, llvm::json::Object report) {
  if (!arguments.has("report"))
    return nncrun::ExitDone;
  report["version"] = 1;
  return writeText(
      arguments.get("report"),
      llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report))).str());
}

//===----------------------------------------------------------------------===//
// Rematerialization
//===----------------------------------------------------------------------===//

/// "0.8" of the input order's peak, or a size.
static std::optional<int64_t> parseBudget(StringRef text, int64_t peak) {
  double share = 0;
  if (!text.getAsDouble(share) && share > 0 && share <= 1)
    return int64_t(share * double(peak));
  std::optional<int64_t> bytes = parseSize(text);
  return bytes && *bytes > 0 ? bytes : std::nullopt;
}

static double percentOver(int64_t value, int64_t base) {
  return base > 0 ? 100.0 * double(value - base) / double(base) : 0;
}

static const char *endText(const remat::Solution &solution) {
  if (solution.isProven)
    return "nothing can be better";
  return solution.isCutOff ? "the time limit ended the search"
                           : "all steps are done";
}

static void tellSolution(const remat::Problem &problem,
                         const remat::Solution &solution,
                         const remat::Footprint &input, int64_t budget,
                         FILE *told) {
  std::string text = llvm::formatv(
      "nodes {0}, edges {1}\n"
      "input order: peak {2} bytes, duration {3}\n"
      "budget {4} bytes ({5:F4} of that peak; no sequence needs less than {6} "
      "bytes)\n"
      "found: peak {7} bytes, duration {8} ({9:F4} % more), {10} "
      "recomputations\n"
      "{11} steps; {12}\n",
      problem.nodes.size(), problem.edges.size(), input.peak, input.duration,
      budget, double(budget) / double(std::max<int64_t>(input.peak, 1)),
      remat::lowerBound(problem), solution.footprint.peak,
      solution.footprint.duration,
      percentOver(solution.footprint.duration, input.duration),
      solution.sequence.size() - problem.nodes.size(), solution.steps,
      endText(solution));
  std::fputs(text.c_str(), told);
  std::fflush(told);
}

static llvm::json::Object reportOf(const remat::Problem &problem,
                                   const remat::Solution &solution,
                                   const remat::Footprint &input,
                                   const remat::Options &options) {
  return llvm::json::Object{
      {"problem", "remat"},
      {"nodes", int64_t(problem.nodes.size())},
      {"edges", int64_t(problem.edges.size())},
      {"input_peak_bytes", input.peak},
      {"input_duration", input.duration},
      {"budget_bytes", options.budget},
      {"lower_bound_bytes", remat::lowerBound(problem)},
      {"found", solution.isFeasible},
      {"proven", solution.isProven},
      {"cut_off", solution.isCutOff},
      {"peak_bytes", solution.footprint.peak},
      {"duration", solution.footprint.duration},
      {"tdi_percent", percentOver(solution.footprint.duration, input.duration)},
      {"recomputations",
       int64_t(solution.sequence.size() - problem.nodes.size())},
      {"seed", int64_t(options.seed)},
      {"steps", solution.steps}};
}

static int reportNoSequence(const remat::Problem &problem,
                            const remat::Solution &solution, int64_t budget) {
  int64_t bound = remat::lowerBound(problem);
  std::string text =
      "no sequence within " + std::to_string(budget) + " bytes: ";
  if (bound > budget)
    text += "none needs less than " + std::to_string(bound);
  else
    text += "the nearest that was found needs " +
            std::to_string(solution.footprint.peak) +
            ", none needs less than " + std::to_string(bound) +
            "; allow more time or memory";
  return reportError(text, nncrun::ExitUnmet);
}

static std::string sequenceText(const std::vector<uint32_t> &sequence) {
  std::string text;
  for (uint32_t node : sequence)
    text += (text.empty() ? "" : " ") + std::to_string(node);
  return text + "\n";
}

static int readRematOptions(const Arguments &arguments,
                            const SolveRequest &request,
                            const remat::Problem &problem, int64_t peak,
                            remat::Options &options) {
  std::optional<int64_t> budget = parseBudget(arguments.get("budget"), peak);
  if (!budget)
    return reportError("--budget expects a share of the input order's peak "
                       "such as 0.8, or a size such as 8MiB, but found '" +
                           arguments.get("budget") + "'",
                       nncrun::ExitUsage);
  nncio::Result<int64_t> copies =
      arguments.getInt("max-copies", options.maxCopies, 1, remat::mostCopies);
  if (!copies)
    return reportError(copies.error(), nncrun::ExitUsage);
  options.budget = *budget;
  options.seed = uint64_t(request.seed);
  options.maxCopies = unsigned(*copies);
  options.timeLimit = request.timeLimit;
  options.steps = request.steps != 0
                      ? request.steps
                      : remat::stepsFor(problem, request.timeLimit);
  return nncrun::ExitDone;
}

static int solveRemat(const Arguments &arguments, const SolveRequest &request) {
  if (!arguments.has("budget"))
    return reportError("nnc solve remat: expected --budget SHARE|SIZE",
                       nncrun::ExitUsage);
  nncio::Result<remat::Problem> problem = remat::parse(request.text);
  if (!problem)
    return reportError(arguments.operands[1] + ": " + problem.error(),
                       nncrun::ExitInput);
  remat::Footprint input = *remat::simulate(*problem, problem->order);
  remat::Options options;
  if (int code =
          readRematOptions(arguments, request, *problem, input.peak, options))
    return code;
  remat::Solution solution;
  {
    ProgressLine line(llvm::sys::Process::StandardErrIsDisplayed());
    options.onProgress = [&](double share, int64_t duration) {
      std::string text = llvm::formatv("{0:F0} %", 100 * share);
      if (duration >= 0)
        text += llvm::formatv(", {0:F3} % more time so far",
                              percentOver(duration, input.duration));
      line.show(text);
    };
    solution = remat::solve(*problem, options);
  }
  // By the definition, whatever the solver says.
  nncio::Result<remat::Footprint> seen =
      remat::simulate(*problem, solution.sequence);
  if (!seen || (solution.isFeasible && seen->peak > options.budget))
    return reportError("the solver's sequence is wrong: " +
                           (seen ? "it exceeds the budget" : seen.error()),
                       nncrun::ExitInternal);
  tellSolution(*problem, solution, input, options.budget, request.told);
  if (int code =
          writeReport(arguments, reportOf(*problem, solution, input, options)))
    return code;
  if (!solution.isFeasible)
    return reportNoSequence(*problem, solution, options.budget);
  return request.output.empty()
             ? int(nncrun::ExitDone)
             : writeText(request.output, sequenceText(solution.sequence));
}

//===----------------------------------------------------------------------===//
// Static allocation
//===----------------------------------------------------------------------===//

static int reportNoPlacement(const nncmem::Packing &packing, int64_t capacity,
                             int64_t bound, int64_t greedy) {
  std::string text =
      "no placement within " + std::to_string(capacity) + " bytes: ";
  if (bound > capacity)
    text += "buffers that live at the same time need " + std::to_string(bound);
  else if (packing.isRefuted)
    text += "there is none";
  else
    text += "none was found in " + std::to_string(packing.nodes) +
            " nodes of the search, and first fit needs " +
            std::to_string(greedy) + "; allow more time or memory";
  return reportError(text, nncrun::ExitUnmet);
}

static int finishAlloc(const Arguments &arguments, const SolveRequest &request,
                       const nncmem::StorageTable &table,
                       const nncmem::Packing &packing, int64_t capacity,
                       int64_t bound, int64_t greedy) {
  nncmem::Problem problem = table.problem();
  int64_t arena = -1;
  if (packing.isFound) {
    arena = nncmem::peak(problem, packing.offsets.data());
    if (!nncmem::verify(problem, packing.offsets.data()) || arena > capacity)
      return reportError("the solver's placement is wrong",
                         nncrun::ExitInternal);
  }
  std::fputs(llvm::formatv("buffers {0}, capacity {1} bytes, most alive at one "
                           "time {2} bytes\n{3}; {4} nodes of the search\n",
                           problem.count, capacity, bound,
                           packing.isFound
                               ? "arena " + std::to_string(arena) + " bytes"
                               : std::string("no placement found"),
                           packing.nodes)
                 .str()
                 .c_str(),
             request.told);
  std::fflush(request.told);
  llvm::json::Value arenaValue = nullptr;
  if (packing.isFound)
    arenaValue = arena;
  if (int code = writeReport(
          arguments,
          llvm::json::Object{{"problem", "alloc"},
                             {"buffers", int64_t(problem.count)},
                             {"capacity_bytes", capacity},
                             {"lower_bound_bytes", bound},
                             {"greedy_bytes", greedy},
                             {"found", packing.isFound},
                             {"refuted", packing.isRefuted || bound > capacity},
                             {"cut_off", packing.isCutOff},
                             {"arena_bytes", std::move(arenaValue)},
                             {"steps", packing.nodes}}))
    return code;
  if (!packing.isFound)
    return reportNoPlacement(packing, capacity, bound, greedy);
  return request.output.empty()
             ? int(nncrun::ExitDone)
             : writeText(request.output,
                         nncmem::printOffsets(table, packing.offsets.data()));
}

static int solveAlloc(const Arguments &arguments, const SolveRequest &request) {
  if (!arguments.has("capacity"))
    return reportError("nnc solve alloc: expected --capacity SIZE",
                       nncrun::ExitUsage);
  std::optional<int64_t> capacity = parseSize(arguments.get("capacity"));
  if (!capacity)
    return reportError("--capacity expects a size such as 1048576 or 8MiB, "
                       "but found '" +
                           arguments.get("capacity") + "'",
                       nncrun::ExitUsage);
  nncio::Result<nncmem::StorageTable> table =
      nncmem::parseStorage(request.text);
  if (!table)
    return reportError(arguments.operands[1] + ": " + table.error(),
                       nncrun::ExitInput);
  nncmem::Problem problem = table->problem();
  std::vector<uint64_t> work(nncmem::workBytes(problem.count) / 8 + 1);
  int64_t bound = nncmem::lowerBound(problem, work.data());
  nncmem::Packing packing;
  packing.offsets.resize(problem.count);
  // Mostly first fit does.
  int64_t greedy = nncmem::bestFit(problem, /*rounds=*/8,
                                   packing.offsets.data(), work.data());
  packing.isFound = greedy <= *capacity;
  if (!packing.isFound && bound <= *capacity) {
    nncmem::PackingOptions options;
    options.capacity = *capacity;
    options.nodes = request.steps != 0 ? request.steps : INT64_MAX / 2;
    options.timeLimit = request.timeLimit;
    ProgressLine line(llvm::sys::Process::StandardErrIsDisplayed());
    options.onProgress = [&](int64_t nodes) {
      line.show(std::to_string(nodes) + " nodes of the search");
    };
    packing = nncmem::pack(problem, options);
  }
  return finishAlloc(arguments, request, *table, packing, *capacity, bound,
                     greedy);
}

static int runSolve(const Arguments &arguments) {
  const std::string &kind = arguments.operands[0];
  if (kind != "remat" && kind != "alloc")
    return reportError("nnc solve expects remat or alloc, but found '" + kind +
                           "'",
                       nncrun::ExitUsage);
  if (int code = checkOptions(arguments, kind == "remat"))
    return code;
  SolveRequest request;
  if (int code = readRequest(arguments, request))
    return code;
  return kind == "remat" ? solveRemat(arguments, request)
                         : solveAlloc(arguments, request);
}

Command driver::getSolveCommand() {
  static const CommandSpec spec = {
      "solve",
      "remat|alloc FILE",
      2,
      2,
      "Solves a memory problem given as text. 'remat' reads a graph and writes "
      "the sequence of nodes, some of which may run again, that takes the "
      "least time within a memory budget; 'alloc' reads a table of buffers "
      "and writes it with their offsets in an arena. The same seed and number "
      "of steps give the same result, unless the time limit ends the search.",
      "nnc solve remat graph.txt --budget 0.8 --time-limit 60 --seed 1 -o "
      "sequence.txt",
      {{"o", "OUT",
        "the sequence, or the table with a column 'offset'; '-' is stdout"},
       {"budget", "SHARE|SIZE",
        "remat: memory, as a share of the input order's peak (0.8) or a size "
        "(8MiB)"},
       {"capacity", "SIZE", "alloc: bytes of the arena"},
       {"time-limit", "S", "seconds after which the best so far counts (60)"},
       {"steps", "N",
        "steps of the search (remat: about as many as fit into the time "
        "limit, by the size of the graph)"},
       {"seed", "N", "remat: chooses the random numbers (1)"},
       {"max-copies", "N", "remat: most runs of one node (4)"},
       {"report", "FILE.json", "write what was found"}}};
  return {&spec, runSolve};
}
