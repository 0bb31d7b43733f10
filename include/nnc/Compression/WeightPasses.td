#ifndef NNC_COMPRESSION_WEIGHTPASSES_TD
#define NNC_COMPRESSION_WEIGHTPASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizeWeightsPass : Pass<"nnc-quantize-weights", "::mlir::ModuleOp"> {
  let summary = "bring the constant matrices of products into fewer bits";
  let description = [{
    Constant f32 matrices of `nn.matmul` become `nn.dequantize` of codes with a
    scale a column and group, or `nn.cast` of f16 or bf16; data, sums and results
    stay f32. Products widen such matrices in registers, so what the run reads
    becomes as small as what the artifact holds.

    `format` is int2-weights, int3-weights, int4-weights, int8-weights,
    fp8-weights, bf16 or fp16; `group` the number of weights along K that share a
    scale, 0 for all, -1 for the format's own. `method` is `rtn` (the largest
    weight of a group decides), `mse` (scales with the least squared error, by
    alternating least squares from ranges that are cut more and more), `gptq` (E.
    Frantar et al., "GPTQ", 2023), or `auto`: gptq with `data`, else mse. `data` is
    a folder of test_data_set_N, or INPUT=@FILE for each input.

    A product that the model of `target` predicts to become slower by more than
    `most-slowdown` stays as it is. A remark for each product says what was done,
    what error it makes and what it is predicted to gain, or why nothing was done.
    Run after the graph phase.
  }];
  let options = [
    Option<"format", "format", "std::string", "\"int4-weights\"",
           "what weights become">,
    Option<"group", "group", "int64_t", "-1",
           "weights along the depth that share a scale">,
    Option<"asymmetric", "asymmetric", "bool", "false",
           "integers with zero points">,
    Option<"method", "method", "std::string", "\"auto\"",
           "rtn, mse, gptq or auto">,
    ListOption<"data", "data", "std::string", "calibration data">,
    Option<"activityOrder", "activity-order", "bool", "false",
           "gptq: the inputs that vary most first">,
    Option<"damping", "damping", "double", "0.01",
           "gptq: what is added to the diagonal, as a share of its mean">,
    Option<"mostSlowdown", "most-slowdown", "double", "0.1",
           "share by which a product may be predicted to become slower">,
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets, or a file">,
    Option<"threads", "threads", "int64_t", "1",
           "threads that times are predicted for">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::nnc::kern::KernDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // NNC_COMPRESSION_WEIGHTPASSES_TD
