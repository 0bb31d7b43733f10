#ifndef NNC_DIALECTS_KERN_IR_KERNDIALECT_TD
#define NNC_DIALECTS_KERN_IR_KERNDIALECT_TD

include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Kern_Dialect : Dialect {
  let name = "kern";
  let summary = "Computations that have machine code of their own shape";
  let description = [{
    The heavy work inside a kernel: contractions whose loops are cut for a
    machine by `#hw.tiling`. Ops are in destination-passing style on tensors,
    then on memrefs, and are expanded to scf, vector and memref ops.

    An op computes sums of products; its `epilogue` region makes each element of
    the result from the sum and from one element of each of the extra operands,
    which are read by affine maps of the result's indices. The region is over
    scalars, as that of `linalg.generic`: fusing an element-wise op is splicing
    its region; the expansion makes vectors of it.
  }];
  let cppNamespace = "::mlir::nnc::kern";
  let dependentDialects = ["::mlir::nnc::hw::HWDialect"];
}

def Kern_RhsRows : I32EnumAttrCase<"Rows", 0, "rows">;
def Kern_RhsColumns : I32EnumAttrCase<"Columns", 1, "columns">;
def Kern_RhsPanels : I32EnumAttrCase<"Panels", 2, "panels">;
def Kern_RhsLayout : I32EnumAttr<"RhsLayout", "how the right operand of a product lies",
    [Kern_RhsRows, Kern_RhsColumns, Kern_RhsPanels]> {
  let cppNamespace = "::mlir::nnc::kern";
}

def Kern_Causality : I32EnumAttr<"Causality", "which keys a query may not see", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"FromStart", 1, "from_start">,
    I32EnumAttrCase<"FromEnd", 2, "from_end">]> {
  let cppNamespace = "::mlir::nnc::kern";
}

def Kern_EpilogueOpInterface : OpInterface<"EpilogueOpInterface"> {
  let cppNamespace = "::mlir::nnc::kern";
  let description = [{
    A computation with an epilogue: takes element-wise ops on its result in.
  }];
  let methods = [
    InterfaceMethod<"The sizes of the loops.", "::mlir::nnc::kern::Extents",
      "getExtents">,
    InterfaceMethod<"The operands of the epilogue beside the sum.",
      "::mlir::MutableOperandRange", "getExtrasMutable">,
    InterfaceMethod<"One map an extra operand, from the result's indices.",
      "::mlir::ArrayAttr", "getExtraMaps">,
    InterfaceMethod<"Replaces the maps.", "void", "setExtraMapsAttr",
      (ins "::mlir::ArrayAttr":$maps)>,
    InterfaceMethod<"Block arguments: the sum, then an element of each extra.",
      "::mlir::Region &", "getEpilogue">,
    InterfaceMethod<"Where the result is written.", "::mlir::Value", "getInit">,
    InterfaceMethod<"How the loops are cut, null before it is decided.",
      "::mlir::nnc::hw::TilingAttr", "getTilingAttr">,
    InterfaceMethod<"Decides how the loops are cut.", "void", "setTilingAttr",
      (ins "::mlir::nnc::hw::TilingAttr":$tiling)>
  ];
}

def Kern_ContractionOpInterface : OpInterface<"ContractionOpInterface"> {
  let cppNamespace = "::mlir::nnc::kern";
  let description = [{
    Sums of products, one operand of which is read panel by panel. If that one is
    constant it is brought into this order when the artifact is written.
  }];
  let methods = [
    InterfaceMethod<"The operand in panels.", "::mlir::OpOperand &",
      "getPackedOperand">,
    InterfaceMethod<"True if the operand is packed.", "bool", "isPacked">,
    InterfaceMethod<[{
        How to bring the operand, static and not packed yet, into panels of the
        tiling.
      }], "::mlir::nnc::kern::Packing", "getPacking">,
    InterfaceMethod<[{
        Takes the packed operand; `operand` has the packing's type.
      }], "void", "setPacked", (ins "::mlir::Value":$operand)>
  ];
}

#endif // NNC_DIALECTS_KERN_IR_KERNDIALECT_TD
