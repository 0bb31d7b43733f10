//===----------------------------------------------------------------------===//
// How long a kernel takes on a machine: a roofline whose shorter part is not
// hidden in full (ECM).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/KernelCost.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

/// Bytes by where they come from.
struct CostModel::Traffic {
  double second = 0, third = 0, memory = 0;
};

CostModel::CostModel(hw::TargetAttr target, int64_t threads, double gramsPerKWh)
    : target(target), threads(std::max<int64_t>(threads, 1)),
      gramsPerKWh(gramsPerKWh), coefficients(CostCoefficients::get(target)) {}

KernelCost CostModel::estimate(nn::KernelOp kernel,
                               const Surroundings &around) const {
  SmallVector<Operation *> ops;
  for (Operation &op : kernel.getBody().front())
    ops.push_back(&op);
  return estimate(ops, around);
}

KernelCost CostModel::estimate(ArrayRef<Operation *> ops,
                               const Surroundings &around) const {
  return estimate(countKernelWork(ops, target), around);
}

//===----------------------------------------------------------------------===//
// Traffic
//===----------------------------------------------------------------------===//

/// Share of what was touched `distance` bytes ago that a cache still has: no
/// cache replaces exactly the oldest line, so the edge is soft, and some of
/// what comes around once a run stays. (Weights of 1.5 MB come from a cache of
/// 2 MB, of those of 2.1 MB most, of 3.4 MB a third.)
static double getShareKept(double distance, double cacheBytes) {
  constexpr double begin = 0.9, end = 1.5, atEnd = 0.4;
  double ratio = distance / cacheBytes;
  if (ratio > end)
    return atEnd * std::pow(end / ratio, 3);
  return std::min(1.0, 1 - (1 - atEnd) * (ratio - begin) / (end - begin));
}

/// How many threads work at a time, on average: units do not always divide.
double CostModel::getShareOfThreads(const KernelWork &work) const {
  double rounds = std::ceil(work.units / double(threads));
  return std::max(1.0, work.units / rounds);
}

CostModel::Traffic CostModel::countTraffic(const KernelWork &work,
                                           const Surroundings &around) const {
  Traffic traffic;
  // Threads share out what they touch, and have caches of their own for it.
  double parallel = getShareOfThreads(work);
  double first = 1024.0 * double(target.getL1Kib()) * parallel;
  double second = 1024.0 * double(target.getL2Kib()) * parallel;
  double third = 1024.0 * double(target.getL3Kib());
  // What is written passes between the first caches twice: lines come before
  // they are written, and go when others need their place.
  auto add = [&](double bytes, double distance, double passes = 1) {
    double kept1 = getShareKept(distance, first);
    double kept2 = std::max(kept1, getShareKept(distance, second));
    double kept3 = std::max(kept2, getShareKept(distance, third));
    traffic.second += passes * bytes * (kept2 - kept1);
    traffic.third += bytes * (kept3 - kept2);
    traffic.memory += bytes * (1 - kept3);
  };
  for (const KernelOperand &operand : work.operands) {
    double bytes = double(operand.touched.value_or(operand.bytes.value_or(0)));
    double distance =
        around.operandDistance ? around.operandDistance(operand.value) : bytes;
    add(bytes, distance);
    // Again and again: what was read in between is the operand itself.
    add(bytes * (operand.reads - 1), bytes);
  }
  double written = double(work.outputBytes.value_or(0));
  add(written, std::max(around.resultDistance, written), /*passes=*/2);
  // Written, then read.
  add(2 * double(work.insideBytes), double(work.insideBytes));
  return traffic;
}

/// Microseconds for bytes at a bandwidth of one core, `parallel` of which share
/// at most `all`; 0 where the machine does not say.
static double getTransferUs(double bytes, double gbps, double all,
                            double parallel) {
  double reached = gbps * parallel;
  if (all > 0)
    reached = std::min(reached, std::max(all, gbps));
  return reached > 0 ? bytes / reached * 1e-3 : 0;
}

/// By how much faster `parallel` threads are than one where they share cores.
static double getSpeedup(double parallel,
                         const CostCoefficients &coefficients) {
  return 1 + (parallel - 1) * coefficients.sharing;
}

void CostModel::addTraffic(KernelCost &cost, const Traffic &traffic,
                           double parallel) const {
  auto term = [&](CostTerm name) -> double & {
    return cost.terms[unsigned(name)];
  };
  term(CostTerm::SecondCache) =
      getTransferUs(traffic.second, target.getL2Gbps(), 0,
                    getSpeedup(parallel, coefficients));
  term(CostTerm::ThirdCache) = getTransferUs(traffic.third, target.getL3Gbps(),
                                             target.getL3GbpsAll(), parallel);
  term(CostTerm::Memory) = getTransferUs(traffic.memory, target.getDramGbps(),
                                         target.getDramGbpsAll(), parallel);
  cost.secondBytes = traffic.second;
  cost.thirdBytes = traffic.third;
  cost.memoryBytes = traffic.memory;
}

//===----------------------------------------------------------------------===//
// Computing
//===----------------------------------------------------------------------===//

/// Vector instructions of a function or a division where the table has no
/// measurement of them.
static constexpr double functionInstructions = 16, divisionInstructions = 8;

void CostModel::addCore(KernelCost &cost, double parallel) const {
  const KernelWork &work = cost.work;
  double speedup = getSpeedup(parallel, coefficients);
  double perCycle = 1e-3 / target.getClockGHz() / speedup;
  double lanes = double(target.getVectorBits()) / 32;
  auto element = [&](double gops, double instructions) {
    return gops > 0 ? 1e-3 / gops / speedup : instructions / lanes * perCycle;
  };
  auto term = [&](CostTerm name) -> double & {
    return cost.terms[unsigned(name)];
  };
  term(CostTerm::Launch) = target.getLaunchUs();
  term(CostTerm::ForkJoin) = parallel > 1 ? double(target.getForkJoinUs()) : 0;
  term(CostTerm::Product) = work.productCycles * perCycle;
  term(CostTerm::Broadcast) = work.broadcasts / 2 * perCycle;
  term(CostTerm::Strip) = work.stripCycles * perCycle;
  term(CostTerm::Window) = work.windowCycles * perCycle;
  term(CostTerm::Transform) = work.transformCycles * perCycle;
  term(CostTerm::Arithmetic) = work.arithmetic * perCycle;
  term(CostTerm::Division) =
      work.divisions * element(target.getDivideGops(), divisionInstructions);
  term(CostTerm::Function) =
      work.functions * element(target.getExpGops(), functionInstructions);
  term(CostTerm::Scalar) = work.scalars * perCycle;
  term(CostTerm::Move) = work.moves * perCycle;
  term(CostTerm::Shuffle) = work.shuffles * perCycle;
  term(CostTerm::Line) = work.lines * perCycle;
  // Exponentials that wait for sums, and sums for exponentials.
  constexpr double stepCycles = 200;
  term(CostTerm::Step) = work.serialSteps * stepCycles * perCycle;
}

void CostModel::finish(KernelCost &cost, double parallel) const {
  for (unsigned i = 0; i < numCostTerms; ++i)
    cost.terms[i] *= coefficients.terms[i];
  auto sum = [&](CostTerm from, CostTerm to) {
    double result = 0;
    for (unsigned i = unsigned(from); i <= unsigned(to); ++i)
      result += cost.terms[i];
    return result;
  };
  double start = sum(CostTerm::Launch, CostTerm::ForkJoin);
  double core = sum(CostTerm::Product, CostTerm::Step);
  double reading = sum(CostTerm::SecondCache, CostTerm::Memory);
  double longer = std::max(core, reading), shorter = std::min(core, reading);
  double us = start + longer + coefficients.overlap * shorter;
  cost.us = us;
  cost.lowUs = us * coefficients.low;
  cost.highUs = us * coefficients.high;
  cost.bound = start > longer    ? hw::Bound::launch
               : core >= reading ? hw::Bound::compute
                                 : hw::Bound::memory;
  // Steps of a recurrence are the least that stays in order.
  double most = std::max(1.0, cost.work.units / parallel);
  cost.criticalUs =
      start + std::max(core / most, cost.terms[unsigned(CostTerm::Memory)]);
  double peak = double(target.getGflops()) * 1e3;
  if (peak <= 0)
    return;
  cost.alphaFlops = core * peak * double(threads);
  if (cost.work.flops && us > 0)
    cost.utilization = double(*cost.work.flops) / (us * peak * double(threads));
}

/// The share of a GPU's bandwidth that as many threads reach as are resident:
/// a byte takes a latency, so that bandwidth times latency has to be under way
/// (J. Little's law; about 0.6 us on A100 and H100, 2048 threads a
/// multiprocessor, 16 bytes each).
static double getShareOfBandwidth(double elements, double cores, double gbps) {
  constexpr double latencyUs = 0.6, threadsOfCore = 2048, bytesOfThread = 16;
  double threads = std::min(std::max(elements, 1.0), cores * threadsOfCore);
  return std::min(1.0, threads * bytesOfThread / (gbps * 1e3 * latencyUs));
}

/// All multiprocessors at the roofline, in waves of blocks of which the last is
/// not full, and at the bandwidth that the resident threads reach; launches are
/// of a stream, one after the other.
void CostModel::finishOnGpu(KernelCost &cost) const {
  constexpr double tileOfProduct = 128 * 128, elementsOfBlock = 1024;
  const KernelWork &work = cost.work;
  double elements = double(work.outputBytes.value_or(0)) / 4;
  double cores = double(target.getCores());
  double blocks = std::max(
      1.0, std::ceil(elements /
                     (work.hasContraction ? tileOfProduct : elementsOfBlock)));
  double busy = blocks / (std::ceil(blocks / cores) * cores);
  double peak = double(target.getGflops()) * cores * 1e3;
  double gbps = target.getDramGbpsAll();
  if (peak <= 0 || gbps <= 0 || !work.flops || !cost.bytes)
    return;
  double core = double(*work.flops) / (peak * busy);
  double reading = double(*cost.bytes) / gbps * 1e-3 /
                   getShareOfBandwidth(elements, cores, gbps);
  double start = target.getLaunchUs();
  double us = start + std::max(core, reading);
  cost.terms.fill(0);
  cost.terms[unsigned(CostTerm::Launch)] = start;
  cost.terms[unsigned(CostTerm::Product)] = core;
  cost.terms[unsigned(CostTerm::Memory)] = reading;
  cost.us = us;
  // Nothing has been compared with a measurement: half and twice.
  cost.lowUs = us * 0.5;
  cost.highUs = us * 2;
  cost.criticalUs = start;
  cost.memoryBytes = double(*cost.bytes);
  cost.secondBytes = cost.thirdBytes = 0;
  cost.bound = start > std::max(core, reading) ? hw::Bound::launch
               : core >= reading               ? hw::Bound::compute
                                               : hw::Bound::memory;
  cost.alphaFlops = core * peak;
  cost.utilization = double(*work.flops) / (us * peak);
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// Sums of bytes, by kind; nullopt where one is not known.
static void addBytes(KernelCost &cost) {
  int64_t weights = 0, inputs = 0;
  for (const KernelOperand &operand : cost.work.operands) {
    if (!operand.bytes)
      return;
    (operand.isWeight ? weights : inputs) += *operand.bytes;
  }
  cost.weightBytes = weights;
  cost.inputBytes = inputs;
  if (!cost.work.outputBytes)
    return;
  cost.bytes = weights + inputs + *cost.work.outputBytes;
  cost.footprint = *cost.bytes + cost.work.insideBytes;
}

void CostModel::addEnergy(KernelCost &cost) const {
  double perFlop = target.getFlopPj(), perByte = target.getDramBytePj();
  if (perFlop <= 0 || perByte <= 0 || !cost.us || !cost.work.flops ||
      !cost.memoryBytes)
    return;
  double cached = *cost.secondBytes + *cost.thirdBytes;
  double pico = double(*cost.work.flops) * perFlop +
                cached * double(target.getCacheBytePj()) +
                *cost.memoryBytes * perByte;
  cost.energyUj = pico * 1e-6 + double(target.getIdleWatts()) * *cost.us;
  // 3.6e6 J a kWh.
  cost.co2Ug = *cost.energyUj / 3.6e6 * gramsPerKWh;
}

KernelCost CostModel::estimate(KernelWork work,
                               const Surroundings &around) const {
  KernelCost cost;
  cost.work = std::move(work);
  addBytes(cost);
  if (!cost.work.isKnown || !cost.bytes)
    return cost;
  if (target.getGpu()) {
    finishOnGpu(cost);
  } else if (target.getClockGHz() > 0 && target.getDramGbps() > 0) {
    double parallel = getShareOfThreads(cost.work);
    addCore(cost, parallel);
    addTraffic(cost, countTraffic(cost.work, around), parallel);
    finish(cost, parallel);
  }
  addEnergy(cost);
  return cost;
}

hw::CostAttr KernelCost::getAttr(MLIRContext *context) const {
  auto number = [](std::optional<double> value) {
    return value ? std::optional<hw::Number>(*value) : std::nullopt;
  };
  auto count = [](std::optional<double> value) {
    return value ? std::optional<int64_t>(std::llround(*value)) : std::nullopt;
  };
  return hw::CostAttr::get(
      context, work.flops, bytes, number(us), bound, number(lowUs),
      number(highUs), number(criticalUs), count(alphaFlops), weightBytes,
      inputBytes, work.outputBytes, count(secondBytes), count(thirdBytes),
      count(memoryBytes), footprint, number(utilization), number(energyUj),
      number(co2Ug));
}
