#ifndef NNC_INTERFACES_COSTOPINTERFACE_TD
#define NNC_INTERFACES_COSTOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    The work an op does, independent of any target. Bytes are not asked here:
    they follow from the operand and result types.
  }];
  let methods = [
    InterfaceMethod<[{
        Number of arithmetic operations on elements, a multiply-add counted as
        two and any math function as one; nullopt if a dimension that matters is
        dynamic. Must not modify IR.
      }],
      "::std::optional<int64_t>", "getFlops", (ins)>,
    InterfaceMethod<[{
        The same operations by kind; nullopt as there. All count as arithmetic
        unless the op says otherwise. Must not modify IR.
      }],
      "::std::optional<::mlir::nnc::OpWork>", "getWork", (ins), [{}], [{
        ::std::optional<int64_t> flops = $_op.getFlops();
        if (!flops)
          return ::std::nullopt;
        ::mlir::nnc::OpWork work;
        work.arithmetic = *flops;
        return work;
      }]>
  ];
}

#endif // NNC_INTERFACES_COSTOPINTERFACE_TD
