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
    {"launch", 0.5},       {"fork_join", 1},      {"product", 0.93},
    {"broadcast", 0.25},   {"strip", 1.45},       {"window", 0.77},
    {"transform", 1.1},    {"arithmetic", 0.4},   {"division", 0.47},
    {"function", 1.4},     {"scalar", 2.3},       {"move", 0.83},
    {"shuffle", 0.84},     {"line", 1.4},         {"step", 1.17},
    {"second_cache", 1.3}, {"third_cache", 0.94}, {"memory", 1}};

StringRef mlir::nnc::stringifyCostTerm(CostTerm term) {
  return terms[unsigned(term)].name;
}

CostCoefficients::CostCoefficients()
    : overlap(0), sharing(1), low(0.6), high(1.4) {
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
  read("sharing", result.sharing);
  read("low", result.low);
  read("high", result.high);
  return result;
}
