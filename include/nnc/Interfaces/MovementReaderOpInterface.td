#ifndef NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_TD
#define NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_TD

include "mlir/IR/OpBase.td"

def MovementReaderOpInterface : OpInterface<"MovementReaderOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op whose machine code finds the elements of its operands, and the places of
    those of its result, by index maps: an op beside it that only moves elements
    need not be computed, if both are in one kernel.
  }];
  let methods = [
    InterfaceMethod<[{
        True if operand `index` is read through `producer`, which moves elements
        and is not necessarily the operand's definition, without a copy.
      }],
      "bool", "readsThrough",
      (ins "unsigned":$index, "::mlir::Operation *":$producer)>,
    InterfaceMethod<[{
        True if the only result is written where `consumer`, which moves
        elements, would put it.
      }],
      "bool", "writesThrough", (ins "::mlir::Operation *":$consumer)>
  ];
}

#endif // NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_TD
