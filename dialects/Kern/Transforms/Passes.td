#ifndef NNC_DIALECTS_KERN_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_KERN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def KernFuseEpiloguesPass : Pass<"kern-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "take element-wise ops on results into epilogues";
  let description = [{
    A `linalg.generic` that is parallel in all loops, reads the result of a kern
    op at its own indices and nothing else reads that result: its region becomes
    part of the epilogue, its other inputs become extra operands. They must be
    read along the last axis or not depend on it, so that the epilogue has a
    vector form.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numFused", "num-fused", "element-wise ops taken in">];
}

def KernExpandPass : Pass<"kern-expand", "::mlir::func::FuncOp"> {
  let summary = "write kern ops on memrefs as loops over vectors";
  let description = [{
    One generator for all machines: the op's `#hw.tiling` gives lanes and
    registers, the target says whether multiply and add are one instruction.
    The outermost loop is an `scf.forall` over work units, whose number follows
    from shapes alone.

    With `flush-subnormals` the function passes `nnc-flush-subnormals` through to
    LLVM: many processors take over a hundred cycles for a sum or a product with
    a number below the normal range, which says nothing beside others.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"flushSubnormals", "flush-subnormals", "bool", /*default=*/"false",
           "mark the functions for code that takes numbers below the normal "
           "range for 0">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

#endif // NNC_DIALECTS_KERN_TRANSFORMS_PASSES_TD
