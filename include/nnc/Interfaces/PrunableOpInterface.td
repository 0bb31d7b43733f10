#ifndef NNC_INTERFACES_PRUNABLEOPINTERFACE_TD
#define NNC_INTERFACES_PRUNABLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def PrunableOpInterface : OpInterface<"PrunableOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op that still computes the same for what is left when entries of some
    dimensions of its operands and results are taken away. It says which entries
    must go together. A dimension that it does not name must stay as it is, as
    must all dimensions of ops without this interface.
  }];
  let methods = [
    InterfaceMethod<[{
        Appends which entries of operands and results go together. Dimensions
        are of known size. Must not modify IR.
      }],
      "void", "getDimCouplings",
      (ins "::llvm::SmallVectorImpl<::mlir::nnc::DimCoupling> &":$couplings)>,
    InterfaceMethod<[{
        Changes attributes, and operands that say sizes, to what is left. All
        types are still those from before; they follow by themselves.
      }],
      "void", "adaptToKept", (ins "const ::mlir::nnc::KeptEntries &":$kept),
      [{}], [{ (void)kept; }]>
  ];
}

#endif // NNC_INTERFACES_PRUNABLEOPINTERFACE_TD
