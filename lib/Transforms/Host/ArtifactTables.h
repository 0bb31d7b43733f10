//===----------------------------------------------------------------------===//
// Collects the tables of an artifact as attributes: entries, kernels, weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_HOST_ARTIFACTTABLES_H
#define NNC_LIB_TRANSFORMS_HOST_ARTIFACTTABLES_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nnc {

/// What an entry's host function needs of memory.
struct EntryStorage {
  int64_t arenaBytes = 0;       ///< -1: placed by the run
  int64_t arenaLowerBound = -1; ///< no arena can be smaller; -1: unknown
  int64_t scratchBytes = 0;     ///< of one thread; -1: computed by the run
  SmallVector<int64_t> lifetimes;
  int64_t slots = 0;
  int64_t pools = 0;
};

class ArtifactTables {
public:
  explicit ArtifactTables(ModuleOp module) : builder(module.getContext()) {}

  /// The row of a kernel table for a call site, with the symbols of its phases'
  /// thunks; its number.
  int64_t addKernel(nn::LaunchOp launch, ArrayRef<Attribute> phases);
  /// The place of a constant's bytes in the weight section. Equal constants
  /// share it.
  int64_t addWeight(Attribute data, RankedTensorType type);
  void addEntry(func::FuncOp entry, FlatSymbolRefAttr function,
                const EntryStorage &storage);
  DictionaryAttr get();

private:
  Attribute number(int64_t value) { return builder.getI64IntegerAttr(value); }
  DictionaryAttr describeValue(Type type, Attribute name, Attribute dimNames);

  Builder builder;
  SmallVector<Attribute> kernels, weights, entries;
  DenseMap<std::pair<Attribute, Type>, int64_t> offsets;
  llvm::StringMap<unsigned> names;
  int64_t weightBytes = 0;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_HOST_ARTIFACTTABLES_H
