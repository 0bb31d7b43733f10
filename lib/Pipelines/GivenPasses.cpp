//===----------------------------------------------------------------------===//
// Passes of the user's own in place of the first phases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Pipelines/GivenPasses.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nnc;

LogicalResult mlir::nnc::parsePipeline(StringRef text, OpPassManager &manager,
                                       llvm::raw_ostream &errors) {
  constexpr llvm::StringLiteral anchor = "builtin.module(";
  StringRef list = text.trim();
  if (list.starts_with(anchor) && list.ends_with(")"))
    list = list.drop_front(anchor.size()).drop_back();
  return parsePassPipeline(list, manager, errors);
}

LogicalResult mlir::nnc::runGivenPasses(ModuleOp module, StringRef text) {
  PassManager given(module.getContext());
  if (failed(parsePipeline(text, given, llvm::errs())) ||
      failed(given.run(module)))
    return failure();
  module->setAttr(givenPassesAttrName, UnitAttr::get(module.getContext()));
  PassManager check(module.getContext());
  Phase reached = detectPhase(module);
  if (reached == Phase::Graph)
    check.addPass(createVerifyGraphPass());
  else if (reached == Phase::Schedule)
    check.addNestedPass<func::FuncOp>(createVerifySchedulePass());
  return check.run(module);
}
