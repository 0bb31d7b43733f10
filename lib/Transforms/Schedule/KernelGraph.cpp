//===----------------------------------------------------------------------===//
// The kernels of a function as a rematerialization problem, and back.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelGraph.h"

#include "ArenaPlan.h"
#include "InPlace.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::nnc;
namespace remat = nncmem::remat;

std::optional<KernelGraph> KernelGraph::create(func::FuncOp function) {
  KernelGraph graph(function);
  if (!function.getBody().hasOneBlock() || !graph.collectHostOps() ||
      !graph.addKernels())
    return std::nullopt;
  graph.addEdges();
  if (!remat::check(graph.problem))
    return std::nullopt;
  return graph;
}

/// Kernels and what depends on them. False where something stands among them
/// that must keep its place.
bool KernelGraph::collectHostOps() {
  for (Operation &op : function.getBody().front().without_terminator()) {
    auto kernel = dyn_cast<nn::KernelOp>(op);
    bool depends = llvm::any_of(op.getOperands(), [&](Value value) {
      return operands.contains(value.getDefiningOp());
    });
    if (!kernel && op.getNumRegions() != 0)
      return false;
    if (!kernel && !depends)
      continue;
    if (!isMemoryEffectFree(&op))
      return false;
    operands[&op] = llvm::to_vector(op.getOperands());
    if (kernel) {
      numbers[kernel] = kernels.size();
      kernels.push_back(kernel);
    }
  }
  returned = llvm::to_vector(
      function.getBody().front().getTerminator()->getOperands());
  return !kernels.empty();
}

/// Nanoseconds.
static int64_t getDuration(nn::KernelOp kernel) {
  hw::CostAttr cost = kernel.getCostAttr();
  double us = cost && cost.getUs() ? double(*cost.getUs()) : 1;
  return std::max<int64_t>(int64_t(us * 1000), 1);
}

/// Bytes that a result adds to the arena, all of a joined tensor's with its
/// first part; nullopt if not known. Of a part, which is made once, the first
/// is noted.
std::optional<int64_t> KernelGraph::countBytes(OpResult result) {
  std::optional<JoinedPart> part = getJoinedPart(result);
  if (!part)
    return getSlotBytes(result);
  auto [first, isNew] =
      firstParts.try_emplace(part->whole, uint32_t(problem.nodes.size()));
  return isNew ? getSlotBytes(part->whole->getResult(0)) : 0;
}

bool KernelGraph::addKernels() {
  DenseMap<Value, int64_t> outputs = getOutputs(function);
  for (nn::KernelOp kernel : kernels) {
    remat::Node node;
    node.duration = getDuration(kernel);
    for (OpResult result : kernel->getResults()) {
      std::optional<int64_t> bytes = countBytes(result);
      if (!bytes)
        return false;
      if (outputs.count(result) || getJoinedPart(result))
        node.mayRecompute = false;
      if (outputs.count(result))
        continue;
      if (__builtin_add_overflow(node.size, *bytes, &node.size))
        return false;
    }
    problem.order.push_back(uint32_t(problem.nodes.size()));
    problem.nodes.push_back(node);
  }
  return true;
}

/// The kernels that `value` is computed from without another kernel.
void KernelGraph::collectProducers(Value value, DenseSet<uint32_t> &producers) {
  Operation *op = value.getDefiningOp();
  if (!operands.contains(op))
    return;
  if (auto number = numbers.find(op); number != numbers.end()) {
    producers.insert(number->second);
    return;
  }
  for (Value operand : operands[op])
    collectProducers(operand, producers);
}

/// The first part of a joined tensor comes first, and stands for the memory of
/// all while others are made and read.
void KernelGraph::addPartEdges(ArrayRef<SmallVector<uint32_t>> users) {
  for (auto [number, kernel] : llvm::enumerate(kernels))
    for (OpResult result : kernel->getResults()) {
      std::optional<JoinedPart> part = getJoinedPart(result);
      uint32_t first = part ? firstParts.lookup(part->whole) : number;
      if (first == number)
        continue;
      problem.edges.push_back({first, uint32_t(number)});
      for (uint32_t user : users[number])
        problem.edges.push_back({first, user});
    }
}

void KernelGraph::addEdges() {
  ScheduleLifetimes lifetimes(function);
  std::vector<SmallVector<uint32_t>> users(kernels.size());
  for (auto [number, kernel] : llvm::enumerate(kernels)) {
    DenseSet<uint32_t> producers;
    for (Value operand : kernel->getOperands())
      collectProducers(operand, producers);
    for (uint32_t producer : producers) {
      problem.edges.push_back({producer, uint32_t(number)});
      users[producer].push_back(uint32_t(number));
    }
  }
  addPartEdges(users);
  // Whose memory a kernel's result is.
  std::vector<uint32_t> owners(problem.order);
  DenseMap<Value, int64_t> outputs = getOutputs(function);
  for (auto [number, kernel] : llvm::enumerate(kernels)) {
    OpResult made =
        kernel->getNumResults() == 1 && !outputs.count(kernel->getResult(0))
            ? findOverwritable(kernel, lifetimes)
            : OpResult();
    if (!made || outputs.count(made))
      continue;
    uint32_t producer = numbers.lookup(made.getOwner());
    // With other users it depends on the order.
    if (users[producer].size() != 1 || made.getOwner()->getNumResults() != 1)
      continue;
    owners[number] = owners[producer];
    problem.nodes[number].size = 0;
    for (uint32_t user : users[number])
      problem.edges.push_back({owners[number], user});
  }
}

int64_t KernelGraph::getLowerBound() {
  std::vector<DenseSet<uint32_t>> read(kernels.size());
  for (remat::Edge edge : problem.edges)
    read[edge.consumer].insert(edge.producer);
  int64_t bound = 0;
  for (unsigned number = 0; number < kernels.size(); ++number) {
    nn::KernelOp kernel = kernels[number];
    int64_t bytes = 0;
    for (uint32_t operand : read[number])
      bytes += problem.nodes[operand].size;
    // In another order the result might be written over an operand.
    bool mayShare = llvm::any_of(
        llvm::seq<unsigned>(kernel.getInputs().size()),
        [&](unsigned input) { return readsElementwise(kernel, input); });
    if (!mayShare)
      bytes += problem.nodes[number].size;
    bound = std::max(bound, bytes);
  }
  return bound;
}

//===----------------------------------------------------------------------===//
// Back to kernels
//===----------------------------------------------------------------------===//

/// Puts `op`, or a copy of it, at the end.
Operation *KernelGraph::emit(Operation *op, ArrayRef<Value> values,
                             bool isFirst) {
  Operation *end = function.getBody().front().getTerminator();
  Operation *emitted = op;
  if (isFirst) {
    op->moveBefore(end);
  } else {
    OpBuilder builder(end);
    emitted = builder.clone(*op);
    clones.push_back(emitted);
  }
  emitted->setOperands(values);
  latest[op] = emitted;
  return emitted;
}

/// `value` as of the latest runs.
Value KernelGraph::resolve(Value value) {
  Operation *op = value.getDefiningOp();
  auto entry = operands.find(op);
  if (entry == operands.end())
    return value;
  unsigned number = cast<OpResult>(value).getResultNumber();
  Operation *known = latest.lookup(op);
  if (numbers.count(op))
    return known->getResult(number);
  SmallVector<Value> values;
  for (Value operand : entry->second)
    values.push_back(resolve(operand));
  if (!known || !llvm::equal(known->getOperands(), values))
    known = emit(op, values, /*isFirst=*/!known);
  return known->getResult(number);
}

void KernelGraph::apply(ArrayRef<uint32_t> sequence) {
  SmallVector<Operation *> before;
  std::swap(before, clones);
  latest.clear();
  Operation *end = function.getBody().front().getTerminator();
  int64_t order = 0;
  for (uint32_t number : sequence) {
    nn::KernelOp kernel = kernels[number];
    SmallVector<Value> values;
    for (Value operand : operands[kernel])
      values.push_back(resolve(operand));
    Operation *emitted = emit(kernel, values, !latest.count(kernel));
    cast<nn::KernelOp>(emitted).setOrder(order++);
  }
  // What no kernel uses must not stand before its operands either.
  for (auto &[op, unused] : operands)
    if (!latest.count(op))
      for (Value result : op->getResults())
        resolve(result);
  for (auto [index, value] : llvm::enumerate(returned))
    end->setOperand(index, resolve(value));
  for (Operation *clone : llvm::reverse(before))
    clone->erase();
}
