#ifndef NNC_DIALECTS_HW_IR_HWATTRS_TD
#define NNC_DIALECTS_HW_IR_HWATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def HW_Dialect : Dialect {
  let name = "hw";
  let summary = "Descriptions of hardware, and what things cost on it";
  let description = [{
    Attributes only. A target is data from a table or a file, never measured
    during a compile; every number has a unit.
  }];
  let cppNamespace = "::mlir::nnc::hw";
  let useDefaultAttributePrinterParser = 1;
}

class HW_Attr<string name, string mnemo> : AttrDef<HW_Dialect, name> {
  let mnemonic = mnemo;
}

def HW_TargetAttr : HW_Attr<"Target", "target"> {
  let summary = "a machine to compile for";
  let description = [{
    Example: `#hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 64.0, dram_gbps = 20.0, launch_us = 1.0>`
  }];
  let parameters = (ins
    StringRefParameter<"name in the table of known targets">:$name,
    DefaultValuedParameter<"unsigned", "128", "width of a vector register in bits">:$vector_bits,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "f32 peak of one core in GFLOP/s, 0: unknown">:$gflops,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of main memory in GB/s, 0: unknown">:$dram_gbps,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "cost of starting one kernel in microseconds">:$launch_us);
  let assemblyFormat = "`<` struct(params) `>`";
}

def HW_Bound : I32EnumAttr<"Bound", "what limits a kernel by prediction", [
    I32EnumAttrCase<"unknown", 0>, I32EnumAttrCase<"compute", 1>,
    I32EnumAttrCase<"memory", 2>, I32EnumAttrCase<"launch", 3>]> {
  let cppNamespace = "::mlir::nnc::hw";
  let genSpecializedAttr = 0;
}

def HW_CostAttr : HW_Attr<"Cost", "cost"> {
  let summary = "the predicted cost of a kernel";
  let description = [{
    What is unknown, because a dimension is dynamic for example, is left out.

    Example: `#hw.cost<flops = 4096, bytes = 1024, us = 1.25, bound = compute>`
  }];
  let parameters = (ins
    OptionalParameter<"::std::optional<int64_t>", "arithmetic operations">:$flops,
    OptionalParameter<"::std::optional<int64_t>", "bytes read and written">:$bytes,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "predicted microseconds on one thread">:$us,
    DefaultValuedParameter<"::mlir::nnc::hw::Bound", "::mlir::nnc::hw::Bound::unknown">:$bound);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // NNC_DIALECTS_HW_IR_HWATTRS_TD
