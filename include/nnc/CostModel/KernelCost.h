//===----------------------------------------------------------------------===//
// How long a kernel takes on a machine, and why.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_KERNELCOST_H
#define NNC_COSTMODEL_KERNELCOST_H

#include "dialects/NN/IR/NNOps.h"
#include "nnc/CostModel/Coefficients.h"
#include "nnc/CostModel/KernelWork.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <array>

namespace mlir::nnc {

/// Where the tensors of a kernel are found when it runs, by how many bytes the
/// run has touched since it touched them. A cache keeps what is younger than it
/// is large.
struct Surroundings {
  /// Of an operand; null: all are warm, as in a benchmark of one kernel.
  llvm::function_ref<double(Value)> operandDistance = nullptr;
  /// Of the memory that results are written to.
  double resultDistance = 0;
};

/// A prediction. Times are microseconds on the model's threads.
struct KernelCost {
  KernelWork work;
  /// What the terms contribute, coefficients included, before they overlap.
  std::array<double, numCostTerms> terms{};
  /// nullopt where a size is not known, or nothing of the machine.
  std::optional<double> us, lowUs, highUs, criticalUs;
  hw::Bound bound = hw::Bound::unknown;
  std::optional<int64_t> bytes, weightBytes, inputBytes, footprint;
  std::optional<double> secondBytes, thirdBytes, memoryBytes;
  /// Operations as if what lies idle in vectors, tiles and threads worked too.
  std::optional<double> alphaFlops;
  /// Share of the threads' peak that the operations reach.
  std::optional<double> utilization;
  /// Microjoules and micrograms of CO2; modelled.
  std::optional<double> energyUj, co2Ug;

  hw::CostAttr getAttr(MLIRContext *context) const;
};

/// Predicts kernels on one machine. A value: cheap to make, without state, the
/// same answer for the same question.
class CostModel {
public:
  /// `gramsPerKWh`: CO2 of electricity.
  explicit CostModel(hw::TargetAttr target, int64_t threads = 1,
                     double gramsPerKWh = 445);

  hw::TargetAttr getTarget() const { return target; }
  int64_t getThreads() const { return threads; }

  /// A kernel as it stands in the schedule.
  KernelCost estimate(nn::KernelOp kernel,
                      const Surroundings &around = {}) const;
  /// Ops that could be a kernel: what no other op uses stays inside. Products
  /// and convolutions need not be tiled yet. To decide whether to fuse, compare
  /// the group's time with the sum of its parts'. Needs the arith and math
  /// dialects loaded.
  KernelCost estimate(ArrayRef<Operation *> ops,
                      const Surroundings &around = {}) const;
  KernelCost estimate(KernelWork work, const Surroundings &around = {}) const;

private:
  struct Traffic;
  Traffic countTraffic(const KernelWork &work,
                       const Surroundings &around) const;
  double getShareOfThreads(const KernelWork &work) const;
  void addCore(KernelCost &cost, double parallel) const;
  void addTraffic(KernelCost &cost, const Traffic &traffic,
                  double parallel) const;
  void finish(KernelCost &cost, double parallel) const;
  void finishOnGpu(KernelCost &cost) const;
  void addEnergy(KernelCost &cost) const;

  hw::TargetAttr target;
  int64_t threads;
  double gramsPerKWh;
  CostCoefficients coefficients;
};

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_KERNELCOST_H
