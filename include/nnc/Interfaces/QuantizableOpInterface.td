#ifndef NNC_INTERFACES_QUANTIZABLEOPINTERFACE_TD
#define NNC_INTERFACES_QUANTIZABLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    What an op means to quantization. It is a product of data by a weight, which
    machines do with small integers, or it gives elements of its operands as they
    are, so that these and its result can have the same scale. Whether it pays is
    not for the op to say.
  }];
  let methods = [
    InterfaceMethod<[{
        The operands that become small integers together. Nothing if the op is no
        product by a constant weight, or none that has an integer form.
      }],
      "::std::optional<::mlir::nnc::QuantizedProduct>", "getQuantizedProduct",
      (ins), [{}], [{ return ::std::nullopt; }]>,
    InterfaceMethod<[{
        The operands whose elements the result has, moved or chosen by
        comparison, and no others. They must have the scale and zero point of the
        result if that is to be quantized as they are.
      }],
      "::llvm::SmallVector<::mlir::OpOperand *>", "getAlikeOperands",
      (ins), [{}], [{ return {}; }]>
  ];
}

#endif // NNC_INTERFACES_QUANTIZABLEOPINTERFACE_TD
