//===----------------------------------------------------------------------===//
// The kern dialect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/Kern/IR/RowBandOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::nnc::kern;

#include "dialects/Kern/IR/KernDialect.cpp.inc"
#include "dialects/Kern/IR/KernEnums.cpp.inc"
#include "dialects/Kern/IR/KernInterfaces.cpp.inc"

void KernDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Kern/IR/KernOps.cpp.inc"
      >();
  addOperations<NarrowGemmOp>();
  attachRowBandOpInterface(*getContext());
}
