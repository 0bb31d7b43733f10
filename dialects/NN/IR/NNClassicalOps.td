#ifndef NNC_DIALECTS_NN_IR_NNCLASSICALOPS_TD
#define NNC_DIALECTS_NN_IR_NNCLASSICALOPS_TD

include "dialects/NN/IR/NNAttrs.td"

def OpGroupClassical : OpDocGroup {
  let summary = "Classical machine learning";
  let description = [{
    Decision trees and counts of n-grams; linear models, scalers and encoders
    are compositions of other ops.

    A forest is a table of nodes, [nodes, 5]. A row starts with the node's kind;
    of kinds 0 to 5 (x <= t, x < t, x >= t, x > t, x = t, x != t, with the
    node's threshold t) it goes on with the number of the feature x, the nodes
    to go to if that is true and if it is false, and 1 if NaN goes where true
    does, else 0. Kind 6 is a leaf: the numbers of its first weight and of the
    first behind its last follow. What a table with other numbers means is left
    open, but no run reads outside of it or goes on forever; the reference
    reports it.
  }];
}

let opDocGroup = OpGroupClassical in {

def NN_TreeLeavesOp : NN_Op<"tree_leaves", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "the leaf of each tree that a row of features reaches";
  let description = [{
    `input` is [rows, features], `roots` the node at which each tree starts; the
    result, [rows, trees], has the numbers of leaves.

    Example:

    ```mlir
    func.func @f(%x: tensor<4x2xf32>, %n: tensor<3x5xi64>, %t: tensor<3xf32>, %r: tensor<1xi64>) -> tensor<4x1xi64> {
      %0 = nn.tree_leaves %x, %n, %t, %r : tensor<4x2xf32>, tensor<3x5xi64>, tensor<3xf32>, tensor<1xi64> -> tensor<4x1xi64>
      return %0 : tensor<4x1xi64>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, RankedTensorOf<[I64]>:$nodes,
    NN_FloatTensor:$thresholds, RankedTensorOf<[I64]>:$roots);
  let results = (outs RankedTensorOf<[I64]>:$result);
  let assemblyFormat = [{
    $input `,` $nodes `,` $thresholds `,` $roots attr-dict `:` type($input) `,`
    type($nodes) `,` type($thresholds) `,` type($roots) `->` type($result)
  }];
}

def NN_TreeWeightsOp : NN_Op<"tree_weights", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "combines the weights of leaves";
  let description = [{
    `leaves` is [rows, trees], as `nn.tree_leaves` gives it. Weight i belongs to
    the number `ids[i]` of a target. The result, [rows, `targets`], is for each
    target the `kind` (`sum`, `max` or `min`) of the weights that the leaves
    have for it, 0 where they have none.

    Example:

    ```mlir
    func.func @f(%l: tensor<4x1xi64>, %n: tensor<3x5xi64>, %i: tensor<2xi64>, %w: tensor<2xf32>) -> tensor<4x2xf32> {
      %0 = nn.tree_weights sum %l, %n, %i, %w targets 2 : tensor<4x1xi64>, tensor<3x5xi64>, tensor<2xi64>, tensor<2xf32> -> tensor<4x2xf32>
      return %0 : tensor<4x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_ReduceKind:$kind, RankedTensorOf<[I64]>:$leaves,
    RankedTensorOf<[I64]>:$nodes, RankedTensorOf<[I64]>:$ids,
    NN_FloatTensor:$weights, I64Attr:$targets);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $kind $leaves `,` $nodes `,` $ids `,` $weights `targets` $targets attr-dict
    `:` type($leaves) `,` type($nodes) `,` type($ids) `,` type($weights) `->`
    type($result)
  }];
}

def NN_NGramCountsOp : NN_Op<"ngram_counts", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "how often n-grams occur in sequences";
  let description = [{
    `input` is one sequence or [rows, sequence]. N-gram i has the first
    `lengths[i]` numbers of row i of `ngrams`. The result has its count in place
    of the sequence. Items that are 1 to `max_skip` + 1
    places apart match; a single item counts once.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x6xi64>, %g: tensor<3x2xi64>, %l: tensor<3xi64>) -> tensor<2x3xf32> {
      %0 = nn.ngram_counts %x, %g, %l max_skip 0 : tensor<2x6xi64>, tensor<3x2xi64>, tensor<3xi64> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_IndexTensor:$input, RankedTensorOf<[I64]>:$ngrams,
    RankedTensorOf<[I64]>:$lengths, I64Attr:$max_skip);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $ngrams `,` $lengths `max_skip` $max_skip attr-dict `:` type($input)
    `,` type($ngrams) `,` type($lengths) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNCLASSICALOPS_TD
