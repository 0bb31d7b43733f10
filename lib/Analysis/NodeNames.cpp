//===----------------------------------------------------------------------===//
// The ONNX nodes that an op came from.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/NodeNames.h"

using namespace mlir;

SmallVector<StringRef> mlir::nnc::getNodeNames(Location loc) {
  SmallVector<StringRef> names;
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      names.append(getNodeNames(part));
  if (auto name = dyn_cast<NameLoc>(loc))
    names.push_back(name.getName().getValue());
  return names;
}
