#ifndef NNC_INTERFACES_SHAPEOPINTERFACE_TD
#define NNC_INTERFACES_SHAPEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def ShapeOpInterface : OpInterface<"ShapeOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    One shape function an op, written once over `DimBuilder` and used three
    ways: at compile time with what is known (type inference), as index
    arithmetic in the IR (reification of dynamic dimensions), and on concrete
    tensors (the evaluator).
  }];
  let methods = [
    InterfaceMethod<[{
        Appends one `ResultShape` a result. Fails after reporting through
        `dims.fail(...)` if the operands do not fit together.
      }],
      "::llvm::LogicalResult", "computeShapes",
      (ins "::mlir::nnc::DimBuilder &":$dims,
           "::llvm::SmallVectorImpl<::mlir::nnc::ResultShape> &":$shapes)>
  ];
}

#endif // NNC_INTERFACES_SHAPEOPINTERFACE_TD
