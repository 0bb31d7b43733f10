#ifndef NNC_INTERFACES_COSTOPINTERFACE_TD
#define NNC_INTERFACES_COSTOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    The arithmetic an op does, independent of any target. Bytes are not asked
    here: they follow from the operand and result types.
  }];
  let methods = [
    InterfaceMethod<[{
        Number of arithmetic operations on elements, a multiply-add counted as
        two and any math function as one; nullopt if a dimension that matters is
        dynamic. Must not modify IR.
      }],
      "::std::optional<int64_t>", "getFlops", (ins)>
  ];
}

#endif // NNC_INTERFACES_COSTOPINTERFACE_TD
