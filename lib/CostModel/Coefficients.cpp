//===----------------------------------------------------------------------===//
// What is fitted on measured kernels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Coefficients.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct TermRow {
  StringLiteral name;
  double value; ///< Where a description has none.
};
} // namespace

// Fitted on an Emerald Rapids, rounded; docs/CostModel.md tells to what.
static constexpr TermRow terms[numCostTerms] = {
    {"launch", 0.8},     {"fork_join", 1},      {"product", 1.05},
    {"strip", 1},        {"window", 0.75},      {"transform", 2.5},
    {"arithmetic", 0.5}, {"division", 0.25},    {"function", 1.6},
    {"scalar", 2.5},     {"move", 0.7},         {"shuffle", 0.9},
    {"line", 2},         {"second_cache", 1.2}, {"third_cache", 0.9},
    {"memory", 1.4}};

StringRef mlir::nnc::stringifyCostTerm(CostTerm term) {
  return terms[unsigned(term)].name;
}

CostCoefficients::CostCoefficients() : overlap(0.2), low(0.6), high(1.6) {
  for (unsigned i = 0; i < numCostTerms; ++i)
    this->terms[i] = ::terms[i].value;
}

CostCoefficients CostCoefficients::get(hw::TargetAttr target) {
  CostCoefficients result;
  DictionaryAttr fitted = target.getCoefficients();
  if (!fitted)
    return result;
  auto read = [&](StringRef name, double &value) {
    if (auto number = dyn_cast_or_null<FloatAttr>(fitted.get(name)))
      value = number.getValueAsDouble();
  };
  for (unsigned i = 0; i < numCostTerms; ++i)
    read(::terms[i].name, result.terms[i]);
  read("overlap", result.overlap);
  read("low", result.low);
  read("high", result.high);
  return result;
}
