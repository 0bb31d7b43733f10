#ifndef NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_TD
#define NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op that stands for several others. It keeps a pattern in one piece for
    the passes that know it as a whole; where no kernel takes it as such, it is
    replaced by its parts.
  }];
  let methods = [
    InterfaceMethod<[{
        Creates the parts at the builder's insertion point and returns one value
        a result, of the results' types up to static information. Does not erase
        the op.
      }],
      "::llvm::SmallVector<::mlir::Value>", "decompose",
      (ins "::mlir::OpBuilder &":$builder)>,
    InterfaceMethod<"True if there is a kernel for the op in one piece.",
      "bool", "hasKernel", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<"False if the op, as it is, has no parts.",
      "bool", "hasParts", (ins), [{}], [{ return true; }]>
  ];
}

#endif // NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_TD
