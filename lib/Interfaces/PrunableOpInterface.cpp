//===----------------------------------------------------------------------===//
// Ops that say which entries of their dimensions go together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/PrunableOpInterface.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::nnc;

#include "nnc/Interfaces/PrunableOpInterface.cpp.inc"

int64_t KeptEntries::count(Value value, int64_t dim) const {
  const SmallVector<int64_t> *entries = find(value, dim);
  return entries ? int64_t(entries->size())
                 : cast<ShapedType>(value.getType()).getDimSize(dim);
}

int64_t KeptEntries::countBelow(Value value, int64_t dim, int64_t entry) const {
  const SmallVector<int64_t> *entries = find(value, dim);
  if (!entries)
    return entry;
  return std::distance(entries->begin(), llvm::lower_bound(*entries, entry));
}
