//===----------------------------------------------------------------------===//
// The table of ONNX operators: (domain, name, since version) to a function.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_OPTABLE_H
#define NNC_LIB_IMPORT_ONNX_OPTABLE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include <map>

namespace mlir::nnc::onnximport {

class NodeBinder;

/// Translates one node; a failure has been reported through the binder.
using ImportFn = LogicalResult (*)(NodeBinder &);

/// Operators by name and the opset version from which an entry holds. A later
/// version of an operator that imports alike needs no entry of its own.
class OpTable {
public:
  /// Entry for the default domain (ai.onnx).
  void add(StringRef name, int64_t since, ImportFn function) {
    addTo("", name, since, function);
  }
  void addTo(StringRef domain, StringRef name, int64_t since,
             ImportFn function);

  /// The entry with the highest version up to `version`; null if there is none.
  ImportFn find(StringRef domain, StringRef name, int64_t version) const;
  /// True if some version of the operator is there.
  bool contains(StringRef domain, StringRef name) const;

  /// Domain, name, version of every entry, sorted.
  const std::map<std::pair<std::string, std::string>,
                 std::map<int64_t, ImportFn>> &
  entries() const {
    return table;
  }

  /// The one table with everything.
  static const OpTable &get();

private:
  std::map<std::pair<std::string, std::string>, std::map<int64_t, ImportFn>>
      table;
};

/// One function a category file.
void addAttentionOperators(OpTable &table);
void addConstantOperators(OpTable &table);
void addContribOperators(OpTable &table);
void addControlFlowOperators(OpTable &table);
/// Operators of com.microsoft that are those of ONNX; called last.
void addContribAliases(OpTable &table);
void addGatherOperators(OpTable &table);
void addElementwiseOperators(OpTable &table);
void addLinearOperators(OpTable &table);
void addLossOperators(OpTable &table);
void addMovementOperators(OpTable &table);
void addNormalizationOperators(OpTable &table);
void addShapeOperators(OpTable &table);
void addQuantizedOperators(OpTable &table);
void addRecurrentOperators(OpTable &table);
void addReductionOperators(OpTable &table);
void addSamplingOperators(OpTable &table);
void addSelectionOperators(OpTable &table);
void addSequenceOperators(OpTable &table);
void addSignalOperators(OpTable &table);
void addClassicalOperators(OpTable &table);
void addForestOperators(OpTable &table);
void addPatchOperators(OpTable &table);
void addRandomOperators(OpTable &table);
void addTrainingOperators(OpTable &table);
void addVectorizerOperators(OpTable &table);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_OPTABLE_H
