//===----------------------------------------------------------------------===//
// Runs kernels in an order that needs little memory, and some of them again
// where a budget asks for it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "ArenaPlan.h"
#include "KernelGraph.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ORDERKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;
namespace remat = nncmem::remat;

/// What another order must save at least, as a share of the memory: an order
/// close to that of the model is easier to follow.
static constexpr double leastGain = 0.01;

namespace {
class KernelOrderer {
public:
  KernelOrderer(func::FuncOp function, KernelGraph &graph, int64_t before,
                int64_t steps)
      : function(function), graph(graph), before(before), now(before),
        steps(steps), kept(graph.getProblem().order) {}

  void order();
  void recompute(int64_t budget);
  void tell();

private:
  std::vector<uint32_t> findOrder(const std::vector<uint32_t> &start);
  int64_t measure(ArrayRef<uint32_t> sequence);

  func::FuncOp function;
  KernelGraph &graph;
  /// Bytes of the arena, by the results that are alive at one time.
  int64_t before, now;
  int64_t steps;
  std::vector<uint32_t> kept; ///< What the block runs.
};
} // namespace

/// What the arena needs if the block runs `sequence`, which it then does.
int64_t KernelOrderer::measure(ArrayRef<uint32_t> sequence) {
  graph.apply(sequence);
  std::optional<ArenaPeak> peak = findArenaPeak(function);
  return peak ? peak->bytes : INT64_MAX;
}

/// The best order by bisection over budgets: the solver looks for any order
/// within one.
std::vector<uint32_t>
KernelOrderer::findOrder(const std::vector<uint32_t> &start) {
  const remat::Problem &problem = graph.getProblem();
  std::vector<uint32_t> best = start;
  int64_t high = remat::simulate(problem, start)->peak;
  int64_t low = remat::lowerBound(problem);
  remat::Options options;
  options.steps = steps;
  options.maxCopies = 1;
  options.budget = low;
  while (low < high && double(low) <= double(high) * (1 - leastGain)) {
    remat::Solution solution = remat::solve(problem, options);
    if (solution.footprint.peak < high) {
      best = solution.sequence;
      high = solution.footprint.peak;
    }
    if (!solution.isFeasible)
      low = options.budget + 1;
    options.budget = low + (high - low) / 2;
  }
  return best;
}

void KernelOrderer::order() {
  std::vector<uint32_t> found = findOrder(kept);
  if (found == kept)
    return;
  // The model leaves out some results over operands.
  int64_t bytes = measure(found);
  if (double(bytes) > double(before) * (1 - leastGain)) {
    graph.apply(kept);
    return;
  }
  kept = std::move(found);
  now = bytes;
}

void KernelOrderer::recompute(int64_t budget) {
  const remat::Problem &problem = graph.getProblem();
  remat::Options options;
  options.budget = budget;
  options.steps = 50 * steps;
  // Where the model is too low, it gets as much less.
  for (int tries = 0; tries < 3 && now > budget && options.budget > 0;
       ++tries) {
    remat::Solution solution = remat::solve(problem, options);
    if (!solution.isFeasible)
      break;
    int64_t bytes = measure(solution.sequence);
    if (bytes < now) {
      kept = solution.sequence;
      now = bytes;
    }
    options.budget -= bytes - budget;
  }
  graph.apply(kept);
}

void KernelOrderer::tell() {
  if (now == before)
    return;
  const remat::Problem &problem = graph.getProblem();
  int64_t again = int64_t(kept.size() - problem.order.size());
  int64_t added = remat::simulate(problem, kept)->duration -
                  remat::simulate(problem, problem.order)->duration;
  remark::passed(function.getLoc(), remark::RemarkOpts::name("Order").category(
                                        "nnc-order-kernels"))
      << "kernels run in another order" << remark::metric("Before", before)
      << remark::metric("After", now) << remark::metric("Recomputations", again)
      << remark::metric("AddedNanoseconds", added);
}

namespace {
struct OrderKernels : nnc::impl::OrderKernelsPassBase<OrderKernels> {
  using OrderKernelsPassBase::OrderKernelsPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr(nn::NNDialect::entryAttrName))
      return;
    std::optional<ArenaPeak> peak = findArenaPeak(function);
    if (!peak)
      return;
    std::optional<KernelGraph> graph = KernelGraph::create(function);
    if (!graph)
      return;
    KernelOrderer orderer(function, *graph, peak->bytes, stepsFor(*graph));
    orderer.order();
    if (budget > 0)
      orderer.recompute(budget);
    orderer.tell();
  }

  /// Steps are slower in large graphs, of which there are few.
  int64_t stepsFor(const KernelGraph &graph) const {
    auto count = int64_t(graph.getProblem().nodes.size());
    return std::max<int64_t>(steps / (1 + count / 200), 1);
  }
};
} // namespace
