#ifndef NNC_INTERFACES_SCALAROPINTERFACE_TD
#define NNC_INTERFACES_SCALAROPINTERFACE_TD

include "mlir/IR/OpBase.td"

def ScalarOpInterface : OpInterface<"ScalarOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An element-wise op: every element of its single result is the same function
    of the operands' elements at that position after broadcasting. Lowering,
    fusion and host-side shape arithmetic all use the one function.
  }];
  let methods = [
    InterfaceMethod<[{
        The function on scalars, as arith and math ops. `scalars` have the
        operands' element types in storage form (unsigned integers signless, as
        in kernels); the result has the result's. `op` tells the semantic types.
        Must be total: an input for which the arith op is undefined (division
        by zero, a conversion out of range) is guarded.
      }],
      "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$scalars)>
  ];
}

#endif // NNC_INTERFACES_SCALAROPINTERFACE_TD
