#ifndef NNC_INTERFACES_WEIGHTEDOPINTERFACE_TD
#define NNC_INTERFACES_WEIGHTEDOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def WeightedOpInterface : OpInterface<"WeightedOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op with one result that is linear in its data and linear in its weight,
    apart from a bias: a convolution or a product with a constant matrix. Each
    channel of the result has a slice of the weight of its own, so a factor on
    the channels can move into the weight; the same holds for the channels of the
    data where the op says so.
  }];
  let methods = [
    InterfaceMethod<[{
        Which operand is the weight and where its channels are. Nothing if none
        of the operands is constant, or if the op has no such channels for its
        operands' ranks.
      }],
      "::std::optional<::mlir::nnc::WeightedChannels>", "getWeightedChannels">,
    InterfaceMethod<[{
        Makes `bias`, of one element for each channel of the result, the op's
        bias, in place of what it has. Only called if `takesBias` is true.
      }],
      "void", "setChannelBias", (ins "::mlir::Value":$bias)>
  ];
}

#endif // NNC_INTERFACES_WEIGHTEDOPINTERFACE_TD
