#ifndef NNC_COMPRESSION_PRUNEPASSES_TD
#define NNC_COMPRESSION_PRUNEPASSES_TD

include "mlir/Pass/PassBase.td"

def PrunePass : Pass<"nnc-prune", "::mlir::ModuleOp"> {
  let summary = "take weights away: channels, blocks, patterns or ranks";
  let description = [{
    One step of pruning on the main function of a module of the graph phase:

    - `channel:FRACTION`: whole channels with all that makes and reads them
      (`PrunableOpInterface`); tensors shrink, inputs and outputs do not.
    - `block:SPARSITY[:RxC]`, `unstructured:SPARSITY`, `nm:N:M`: weights become
      0, in blocks of R outputs by C elements of the depth (4x1), one by one, or
      all but N of each M along the depth. `nnc-sparsify-weights` makes use of
      it.
    - `lowrank:ENERGY`: products and convolutions by one place become two of a
      rank that keeps this share of their output's energy, where that is
      predicted to be faster.

    With `data`, importance and what the remaining weights do to make up for the
    others come from what layers see on it; without, from the weights alone.
  }];
  let options = [
    Option<"step", "step", "std::string", "\"\"", "what to take away">,
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"method", "method", "std::string", "\"auto\"",
           "auto, magnitude, wanda or sparsegpt">,
    Option<"align", "align", "int64_t", /*default=*/"16",
           "channels are kept in multiples of this">,
    Option<"leastWeights", "least-weights", "int64_t", /*default=*/"512",
           "layers of fewer weights keep them">,
    Option<"spread", "spread", "bool", /*default=*/"true",
           "different sparsities for layers, by what each loses and saves">,
    Option<"mask", "mask", "bool", /*default=*/"false",
           "leave shapes and put zeros in place of channels, to compare with">,
    ListOption<"keep", "keep", "std::string",
               "parts of names of nodes whose weights stay">,
    ListOption<"data", "data", "std::string",
               "a folder of data sets, or INPUT=@FILE for each input">
  ];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
}

#endif // NNC_COMPRESSION_PRUNEPASSES_TD
