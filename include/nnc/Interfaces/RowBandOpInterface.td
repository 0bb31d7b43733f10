//===----------------------------------------------------------------------===//
// Ops that can compute some rows of their result from some of their operands'.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_ROWBANDOPINTERFACE_TD
#define NNC_INTERFACES_ROWBANDOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def RowBandOpInterface : OpInterface<"RowBandOpInterface"> {
  let cppNamespace = "::mlir::nnc";
  let description = [{
    An op of one result that can compute a band of it, the places of a range
    along one axis, from bands of its operands: with the same arithmetic, so that
    every element is the same bit for bit. Shapes are known. Whether it is worth
    it is for the pass that asks. Element-wise ops need no implementation of it;
    ask by the functions of this name in the header, which know them.
  }];
  let methods = [
    InterfaceMethod<[{
        Appends for each operand the band that `result` is computed from; nullopt
        where all of the operand is needed. Fails, without a diagnostic, if bands
        along that axis can't be computed, or not those: see getBandAlignment.
        Must not modify IR.
      }],
      "::llvm::LogicalResult", "getOperandBands",
      (ins "::mlir::nnc::RowBand":$result,
           "::mlir::nnc::OperandBands &":$operands)>,
    InterfaceMethod<[{
        Bands must begin and end at multiples of it, but at the end of the
        result.
      }],
      "int64_t", "getBandAlignment", (ins "int64_t":$axis), [{}],
      [{ (void)axis; return 1; }]>,
    InterfaceMethod<[{
        Computes `result`, which getOperandBands takes, from operands that have
        been cut as that says.
      }],
      "::mlir::Value", "buildBand",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::nnc::RowBand":$result,
           "::mlir::ValueRange":$operands), [{}], [{
        return ::mlir::nnc::detail::cloneForBand(
            builder, $_op.getOperation(), result, operands)->getResult(0);
      }]>
  ];
}

#endif // NNC_INTERFACES_ROWBANDOPINTERFACE_TD
