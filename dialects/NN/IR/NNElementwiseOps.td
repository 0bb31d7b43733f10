#ifndef NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD
#define NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupElementwise : OpDocGroup {
  let summary = "Element-wise operations";
  let description = [{
    Operands broadcast against each other as NumPy and ONNX do. One lowering
    serves all of them through `ScalarOpInterface`.
  }];
}

/// Result of the operands' broadcast shape and element type; one operation an
/// element.
def NN_ElementwiseShape : NativeOpTrait<"ElementwiseShape"> {
  let cppNamespace = "::mlir::nnc::nn";
}
/// The same with bool elements.
def NN_PredicateShape : NativeOpTrait<"PredicateShape"> {
  let cppNamespace = "::mlir::nnc::nn";
}

class NN_ElementwiseOp<string mnemonic, Trait shape = NN_ElementwiseShape,
                       list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([
        shape, DeclareOpInterfaceMethods<ScalarOpInterface>, CostOpInterface
      ], traits)> {
  let extraClassDeclaration = commonDecls # extraDecls;
}

class NN_UnaryOp<string mnemonic, Type type, string formula>
    : NN_ElementwiseOp<mnemonic> {
  let description = "Computes `" # formula # [{` for every element.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = nn.}] # mnemonic # [{ %x : tensor<4xf32> -> tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[type]>:$input);
  let results = (outs RankedTensorOf<[type]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

class NN_BinaryOp<string mnemonic, Type type, string formula, list<Trait> traits = []>
    : NN_ElementwiseOp<mnemonic, NN_ElementwiseShape, traits> {
  let description = "Computes `" # formula # [{` for every element `a` of the
    first and `b` of the second operand, after broadcasting.

    Example:

    ```mlir
    func.func @f(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
      %0 = nn.}] # mnemonic # [{ %a, %b : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[type]>:$lhs, RankedTensorOf<[type]>:$rhs);
  let results = (outs RankedTensorOf<[type]>:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
}

let opDocGroup = OpGroupElementwise in {

def NN_AddOp : NN_BinaryOp<"add", NN_Number, "a + b", [Commutative]> {
  let summary = "sum";
}
def NN_ReluOp : NN_UnaryOp<"relu", NN_Number, "max(x, 0)"> {
  let summary = "rectified linear unit";
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD
