//===----------------------------------------------------------------------===//
// The table of ONNX operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "OpTable.h"

using namespace mlir;
using namespace mlir::nnc::onnximport;

void OpTable::addTo(StringRef domain, StringRef name, int64_t since,
                    ImportFn function) {
  table[{domain.str(), name.str()}][since] = function;
}

ImportFn OpTable::find(StringRef domain, StringRef name,
                       int64_t version) const {
  auto entry = table.find({domain.str(), name.str()});
  if (entry == table.end())
    return nullptr;
  auto after = entry->second.upper_bound(version);
  return after == entry->second.begin() ? nullptr : std::prev(after)->second;
}

bool OpTable::contains(StringRef domain, StringRef name) const {
  return table.count({domain.str(), name.str()});
}

const OpTable &OpTable::get() {
  static const OpTable table = [] {
    OpTable all;
    addAttentionOperators(all);
    addConstantOperators(all);
    addContribOperators(all);
    addControlFlowOperators(all);
    addGatherOperators(all);
    addElementwiseOperators(all);
    addLinearOperators(all);
    addLossOperators(all);
    addMovementOperators(all);
    addNormalizationOperators(all);
    addQuantizedOperators(all);
    addRecurrentOperators(all);
    addReductionOperators(all);
    addSamplingOperators(all);
    addSelectionOperators(all);
    addSequenceOperators(all);
    addShapeOperators(all);
    addSignalOperators(all);
    addContribAliases(all);
    addClassicalOperators(all);
    addForestOperators(all);
    addPatchOperators(all);
    addRandomOperators(all);
    addTrainingOperators(all);
    addVectorizerOperators(all);
    return all;
  }();
  return table;
}
