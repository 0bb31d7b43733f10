#ifndef NNC_DIALECTS_NN_IR_NNATTENTIONOPS_TD
#define NNC_DIALECTS_NN_IR_NNATTENTIONOPS_TD

include "dialects/NN/IR/NNAttentionAttrs.td"
include "dialects/NN/IR/NNDialect.td"
include "nnc/Interfaces/DecomposableOpInterface.td"

def OpGroupAttention : OpDocGroup {
  let summary = "Attention";
  let description = [{
    Ops that stand for several others, so that a pattern of many models is one
    unit of work. `nnc-decompose` replaces them by their parts.
  }];
}

let opDocGroup = OpGroupAttention in {

def NN_AttentionOp : NN_Op<"attention", [
    DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<DecomposableOpInterface, ["hasKernel"]>,
    DeclareOpInterfaceMethods<MovementReaderOpInterface>]> {
  let summary = "means of values, weighted by how queries and keys agree";
  let description = [{
    `softmax(mask(cap(scale * query key^T))) value` for the matrices in the last
    two axes: the query is `[batch..., L, D]`, the key `[batch..., S, D]`, the
    value `[batch..., S, E]`, the result `[batch..., L, E]`. All have one rank,
    and the axes before are equal, except that the last of them, the heads, may
    have a multiple of the key's and value's in the query: each head of those
    serves as many heads of the query that follow each other.

    In this order: a score is multiplied by `scale`; with a `softcap` c that is
    not 0 it becomes `c * tanh(score / c)`; a bool `mask` that is false replaces
    it by `fill`, a mask of numbers is added to it; `causality` replaces the
    scores of too late keys by `-inf`: of key j for query i, `from_start` those
    with `j > i`, `from_end` those with `j > i + S - L`. The mask broadcasts to
    the scores, `[batch..., L, S]`. What was computed for earlier tokens is
    joined to key and value before.

    Example:

    ```mlir
    func.func @f(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %m: tensor<6xi1>) -> tensor<2x4x8xf32> {
      %0 = nn.attention %q, %k, %v mask %m scale 2.500000e-01
        : tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x8xf32>, tensor<6xi1> -> tensor<2x4x8xf32>
      return %0 : tensor<2x4x8xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$query, NN_FloatTensor:$key, NN_FloatTensor:$value,
    Optional<NN_BitsTensor>:$mask, F64Attr:$scale,
    DefaultValuedAttr<F64Attr, "-std::numeric_limits<double>::infinity()">:$fill,
    DefaultValuedAttr<F64Attr, "0.0">:$softcap,
    DefaultValuedAttr<NN_CausalityAttr,
                      "::mlir::nnc::nn::Causality::none">:$causality);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`mask` $mask^)? `scale` $scale attr-dict `:`
    type($query) `,` type($key) `,` type($value) (`,` type($mask)^)? `->`
    type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNATTENTIONOPS_TD
