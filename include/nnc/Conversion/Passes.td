#ifndef NNC_CONVERSION_PASSES_TD
#define NNC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNNToKernPass : Pass<"convert-nn-to-kern", "::mlir::func::FuncOp"> {
  let summary = "give the heavy ops of kernels machine code of their own shape";
  let description = [{
    Products, convolutions and attention of f16, bf16, f32 and f64 inside `nn.kernel` become
    kern ops, not tiled yet. What has no kern op stays for convert-nn-to-linalg.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::nnc::kern::KernDialect", "::mlir::tensor::TensorDialect"
  ];
}

def ConvertNNToLinalgPass : Pass<"convert-nn-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "lower graph ops to linalg, scf and tensor ops";
  let description = [{
    The plain lowering of every graph op, and the first form of the optimized
    one. Element-wise ops go through ScalarOpInterface by one pattern. Unsigned
    element types become signless. Fails on an op without a lowering.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

#endif // NNC_CONVERSION_PASSES_TD
