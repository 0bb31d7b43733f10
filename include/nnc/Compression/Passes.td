#ifndef NNC_COMPRESSION_PASSES_TD
#define NNC_COMPRESSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizePass : Pass<"nnc-quantize", "::mlir::func::FuncOp"> {
  let summary = "convert data and weights of products to fewer bits";
  let description = [{
    Around each product by a constant weight (`QuantizableOpInterface`) that is
    predicted to be faster for it:

    - `int8`: the data goes to `ui8` and back by the range that a calibration
      file says, the weight becomes `i8` with a scale for each channel of the
      result. What only moves or compares elements gets the same scale at both
      sides.
    - `int8-dynamic`: the same with ranges that each run finds.
    - `bf16`, `f16`: data, weight and result are of that type; sums are of f32
      in any case.

    Run after the graph phase; `nnc-form-quantized` then makes exact products of
    integers. A remark for each product says what was decided, and why.
  }];
  let options = [
    Option<"scheme", "scheme", "std::string", "\"int8\"",
           "int8, int8-dynamic, bf16 or f16">,
    Option<"calibration", "calibration", "std::string", "\"\"",
           "file of nnc calibrate">,
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets, or a file with a description">,
    Option<"always", "always", "bool", "false",
           "also where no gain is predicted">,
    Option<"smooth", "smooth", "bool", "true",
           "let weights take over ranges of channels where that makes less "
           "noise">,
    Option<"correctBias", "correct-bias", "bool", "true",
           "give back the means that rounded weights take">,
    ListOption<"keep", "keep", "std::string",
               "names of products that stay as they are">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::nnc::nn::NNDialect"];
}

#endif // NNC_COMPRESSION_PASSES_TD
