#ifndef NNC_TRANSFORMS_BANDPASSES_TD
#define NNC_TRANSFORMS_BANDPASSES_TD

include "mlir/Pass/PassBase.td"

def SplitKernelsPass : Pass<"nnc-split-kernels", "::mlir::func::FuncOp"> {
  let summary = "run chains of kernels band by band where memory is short";
  let description = [{
    Where the results that are alive at one time need more than the budget, the
    kernels around that place become kernels that compute some rows of their
    results, band by band: what one kernel of the chain makes for the next is then
    never there as a whole. What others read is written in parts to its place, each
    row once; of what the chain alone reads, rows that two bands need are computed
    twice. Rows are places along the outermost axis of more than one place, so that
    parts are stretches of memory (`tensor.extract_slice`, `tensor.concat`), and
    kernels can do so whose ops have RowBandOpInterface or are element-wise.

    Of all chains around the peak and numbers of bands the one with the least
    predicted time is taken whose memory fits; if none does, the one that needs the
    least. Results stay the same bit for bit: tilings, and with them all sums, are
    as for the whole. Run after `nnc-order-kernels`, which runs once more on what has
    been split. Costs are annotated. A budget that can't be met is no error.
  }];
  let options = [
    Option<"budget", "budget", "int64_t", "0",
           "bytes that the arena shall fit into; 0 for no splitting">,
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets, or a file">,
    Option<"threads", "threads", "int64_t", "1", "threads of a run">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::nnc::hw::HWDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // NNC_TRANSFORMS_BANDPASSES_TD
