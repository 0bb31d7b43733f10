#ifndef NNC_INTERFACES_LAYOUTOPINTERFACE_TD
#define NNC_INTERFACES_LAYOUTOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op that can work on permuted operands and give permuted results: the same
    numbers, in another order in memory. A layout of the op permutes the axes
    that it works over: those of the result for an element-wise op, those of the
    first operand for the others. Whether another layout is worth it is for the
    pass that asks.
  }];
  let methods = [
    InterfaceMethod<[{
        What the op needs and gives in `layout`; nullopt if it can't work in it,
        or if `layout` has not the rank that the op works over.
      }],
      "::std::optional<::mlir::nnc::OpLayout>", "getOpLayout",
      (ins "::llvm::ArrayRef<int64_t>":$layout)>,
    InterfaceMethod<[{
        Creates the op in `layout`, which getOpLayout takes, on operands that are
        permuted as getOpLayout says. Does not erase the op.
      }],
      "::mlir::Operation *", "buildInLayout",
      (ins "::mlir::OpBuilder &":$builder, "::llvm::ArrayRef<int64_t>":$layout,
           "::mlir::ValueRange":$operands)>,
    InterfaceMethod<[{
        The layout in which the op gives its first result in layout `result`;
        nullopt if there is none, or several.
      }],
      "::std::optional<::mlir::nnc::Layout>", "findLayout",
      (ins "::llvm::ArrayRef<int64_t>":$result), [{}], [{
        return ::mlir::nnc::Layout(result);
      }]>,
    InterfaceMethod<[{
        The layout that lets the op's kernel be fast, the identity if it is in
        it; nullopt if it makes no difference by itself.
      }],
      "::std::optional<::mlir::nnc::Layout>", "getPreferredLayout",
      (ins), [{}], [{
        return ::std::nullopt;
      }]>
  ];
}

#endif // NNC_INTERFACES_LAYOUTOPINTERFACE_TD
