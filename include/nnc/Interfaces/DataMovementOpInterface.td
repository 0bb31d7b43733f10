#ifndef NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_TD
#define NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def DataMovementOpInterface : OpInterface<"DataMovementOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op whose result elements are copies of elements of its data operands,
    chosen by attributes, shapes and the values of the other operands, never by
    the values of the data. Host-side shape arithmetic moves SSA scalars through
    such ops by evaluating them on element numbers.
  }];
  let methods = [
    InterfaceMethod<"True if operand `index` is moved, false if it steers.",
      "bool", "isDataOperand", (ins "unsigned":$index), [{}], [{
        return index == 0;
      }]>,
    InterfaceMethod<[{
        True if no element of a data operand goes to more than one place of the
        result.
      }],
      "bool", "movesOnce", (ins), [{}], [{ return false; }]>
  ];
}

#endif // NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_TD
