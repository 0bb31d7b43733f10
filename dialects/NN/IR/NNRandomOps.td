#ifndef NNC_DIALECTS_NN_IR_NNRANDOMOPS_TD
#define NNC_DIALECTS_NN_IR_NNRANDOMOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupRandom : OpDocGroup {
  let summary = "Random numbers";
  let description = [{
    One counter-based generator, from which all distributions are computed by
    other ops. An element depends on the seed and its position alone: the
    reference and compiled code agree, whatever the number of threads.
  }];
}

let opDocGroup = OpGroupRandom in {

def NN_RandomBitsOp : NN_Op<"random_bits", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "32 random bits an element";
  let description = [{
    Element i, in row-major order, is the first word of Philox4x32-10 (Salmon,
    Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC11) with
    `seed` as the key and i, then `stream`, as the two halves of the counter.
    Streams of one seed are independent. The op is pure: each run of a model
    gives the same numbers. An ONNX node without a seed gets one made from its
    name and its output's, so that a compile is deterministic too.

    Example:

    ```mlir
    func.func @f() -> tensor<2x3xui32> {
      %s = nn.constant dense<[2, 3]> : tensor<2xi64>
      %0 = nn.random_bits %s seed 7 stream 0 : tensor<2xi64> -> tensor<2x3xui32>
      return %0 : tensor<2x3xui32>
    }
    ```
  }];
  let arguments = (ins NN_IndexTensor:$shape, I64Attr:$seed, I64Attr:$stream);
  let results = (outs RankedTensorOf<[UI32]>:$result);
  let assemblyFormat = [{
    $shape `seed` $seed `stream` $stream attr-dict `:` type($shape) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNRANDOMOPS_TD
