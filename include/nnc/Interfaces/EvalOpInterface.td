#ifndef NNC_INTERFACES_EVALOPINTERFACE_TD
#define NNC_INTERFACES_EVALOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def EvalOpInterface : OpInterface<"EvalOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    The reference semantics of an op on host tensors: plain loops, wide
    accumulators, no concern for speed. Constant folding, `nnc run --reference`,
    `nnc test --reference` and the numeric tests stand on it, so it must not
    share code with the op's lowering.
  }];
  let methods = [
    InterfaceMethod<[{
        Computes the op. `operands` are the present operands in order, of the
        types and dimensions that the verifier has accepted for some dynamic
        dimension. `results` come zero-filled with the shapes of
        `ShapeOpInterface`. Must not modify IR and must not crash on any
        element value: what ONNX leaves undefined, an index out of range for
        example, is reported. Returns a message, empty when all went well.
      }],
      "::std::string", "evaluate",
      (ins "::llvm::ArrayRef<::nncio::Tensor>":$operands,
           "::llvm::MutableArrayRef<::nncio::Tensor>":$results)>
  ];
}

#endif // NNC_INTERFACES_EVALOPINTERFACE_TD
