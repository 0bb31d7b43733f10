#ifndef NNC_TRANSFORMS_SPARSEPASSES_TD
#define NNC_TRANSFORMS_SPARSEPASSES_TD

include "mlir/Pass/PassBase.td"

def SparsifyWeightsPass : Pass<"nnc-sparsify-weights", "::mlir::func::FuncOp"> {
  let summary = "let products skip blocks of constant operands that are 0";
  let description = [{
    A `kern.gemm` without batches or a `kern.conv` of one group, not tiled yet,
    whose constant operand has many zeros becomes `kern.sparse`: for each width
    of blocks the operand's blocks are counted, the best by prediction is held
    against the best dense form, and taken if it is faster by `min-gain`. So
    pruned models and models that were imported with zeros are treated alike,
    and no layer gets slower by prediction. Each refusal is a remark.

    A product with 0 is 0 here whatever the other factor is, so `precision` of
    `strict`, by which infinity times 0 is no number, has no sparse form.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"precision", "precision", "std::string", "\"default\"",
           "strict, default or relaxed">,
    Option<"minGain", "min-gain", "double", /*default=*/"1.05",
           "times faster by prediction that the sparse form must be">
  ];
}

#endif // NNC_TRANSFORMS_SPARSEPASSES_TD
