#ifndef NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMINTERFACE_TD
#define NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMINTERFACE_TD

include "mlir/IR/OpBase.td"

def NN_WeightTransformAttrInterface : AttrInterface<"WeightTransformAttrInterface"> {
  let cppNamespace = "::mlir::nnc::nn";
  let description = [{
    What is done to a weight's bytes once, when an artifact is written or loaded,
    and never when it runs. Elements are row-major, of whatever width the type
    has (see nncio::elementBytes).

    The work is cut into units that write different elements of the result, so
    that threads can share it; the result does not depend on how they do.
  }];
  let methods = [
    InterfaceMethod<[{
        The type that a weight of the type `operand`, which has a static shape
        of a size that fits into 63 bits, becomes; a message if it does not fit.
        Must not crash on parameters that the attribute's verifier accepts.
      }],
      "::nncio::Result<::mlir::RankedTensorType>", "inferType",
      (ins "::mlir::RankedTensorType":$operand)>,
    InterfaceMethod<[{
        The number of units for an operand that `inferType` has accepted.
      }],
      "int64_t", "getNumUnits", (ins "::mlir::RankedTensorType":$operand)>,
    InterfaceMethod<[{
        Runs the units of [begin, end). All units together write each byte of
        `result`. `data` may be unaligned; `result` is aligned for its elements.
      }],
      "void", "applyUnits",
      (ins "::mlir::RankedTensorType":$operand, "const uint8_t *":$data,
           "uint8_t *":$result, "int64_t":$begin, "int64_t":$end)>
  ];
}

#endif // NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMINTERFACE_TD
