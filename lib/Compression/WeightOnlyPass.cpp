//===----------------------------------------------------------------------===//
// The pass that brings weights into fewer bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/WeightPasses.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/Compression/WeightOnly.h"
#include "llvm/ADT/StringSwitch.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "nnc/Compression/WeightPasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct QuantizeWeights : nnc::impl::QuantizeWeightsPassBase<QuantizeWeights> {
  using QuantizeWeightsPassBase::QuantizeWeightsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    hw::TargetAttr machine = hw::findTarget(module, target);
    if (!machine)
      return signalPassFailure();
    WeightQuantization options;
    if (failed(readOptions(options)))
      return signalPassFailure();
    std::optional<DataSet> samples;
    if (!data.empty()) {
      llvm::Expected<DataSet> loaded = loadDataSet(
          std::vector<std::string>(data.begin(), data.end()), module);
      if (!loaded)
        return fail(llvm::toString(loaded.takeError()));
      samples = std::move(*loaded);
    }
    llvm::Expected<int64_t> done =
        quantizeWeights(module, options, CostModel(machine, threads),
                        samples ? &*samples : nullptr);
    if (!done)
      fail(llvm::toString(done.takeError()));
  }

private:
  void fail(const Twine &message) {
    getOperation().emitError(message);
    signalPassFailure();
  }

  LogicalResult readOptions(WeightQuantization &options) {
    ModuleOp module = getOperation();
    std::optional<WeightFormat> known = parseWeightFormat(format);
    if (!known)
      return module.emitError("expects a format of int2-weights, "
                              "int3-weights, int4-weights, int8-weights, "
                              "fp8-weights, bf16 or fp16, but got '")
             << format << "'";
    options.format = *known;
    bool isInteger = known->kind == WeightFormat::Kind::Integer;
    if (group < -1 || (group >= 0 && !known->hasScales()))
      return module.emitError("expects a group of 0 or more, of formats with "
                              "scales only, but got ")
             << group.getValue();
    if (group >= 0)
      options.format.group = group;
    if (asymmetric && !isInteger)
      return module.emitError("expects zero points of integers only");
    options.format.hasZeroPoints |= asymmetric;
    auto found = llvm::StringSwitch<std::optional<WeightMethod>>(method)
                     .Case("rtn", WeightMethod::Nearest)
                     .Case("mse", WeightMethod::Search)
                     .Case("gptq", WeightMethod::GPTQ)
                     .Case("auto", data.empty() ? WeightMethod::Search
                                                : WeightMethod::GPTQ)
                     .Default(std::nullopt);
    if (!found)
      return module.emitError(
                 "expects method rtn, mse, gptq or auto, but got '")
             << method << "'";
    if (!(damping >= 0) || !(mostSlowdown >= 0))
      return module.emitError("expects a damping and a slowdown of 0 or more");
    options.method = *found;
    options.ordersByActivity = activityOrder;
    options.damping = damping;
    options.mostSlowdown = mostSlowdown;
    return success();
  }
};
} // namespace
