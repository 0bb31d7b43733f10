//===----------------------------------------------------------------------===//
// Data and weights of products in fewer bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Passes.h"
#include "nnc/Compression/Quantize.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_QUANTIZEPASS
#include "nnc/Compression/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct Quantize : nnc::impl::QuantizePassBase<Quantize> {
  using QuantizePassBase::QuantizePassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(func::FuncOp function) {
    QuantizationOptions options;
    std::optional<QuantizationScheme> parsed = parseScheme(scheme);
    if (!parsed)
      return function.emitError(
                 "expected the scheme int8, int8-dynamic, bf16 or f16, but "
                 "found '")
             << scheme << "'";
    options.scheme = *parsed;
    options.target = target;
    options.always = always;
    options.smooth = smooth;
    options.correctBias = correctBias;
    for (const std::string &name : keep)
      options.keep.insert(name);
    CalibrationData data;
    if (!calibration.empty()) {
      llvm::Expected<CalibrationData> read = CalibrationData::read(calibration);
      if (!read)
        return function.emitError(llvm::toString(read.takeError()));
      data = std::move(*read);
      options.calibration = &data;
    }
    auto layers = nnc::quantize(function, options);
    if (!layers)
      return function.emitError(llvm::toString(layers.takeError()));
    return success();
  }
};
} // namespace
