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
    Example: `#hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 64.0, dram_gbps = 20.0, launch_us = 1.0, fma = true>`
  }];
  let parameters = (ins
    StringRefParameter<"name in the table of known targets">:$name,
    DefaultValuedParameter<"unsigned", "128", "width of a vector register in bits">:$vector_bits,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "f32 peak of one core in GFLOP/s, 0: unknown">:$gflops,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of main memory in GB/s, 0: unknown">:$dram_gbps,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "cost of starting one kernel in microseconds">:$launch_us,
    DefaultValuedParameter<"bool", "false", "fused multiply-add of f32 and f64 vectors in one instruction">:$fma,
    DefaultValuedParameter<"unsigned", "16", "number of vector registers">:$vector_registers,
    DefaultValuedParameter<"unsigned", "2", "vector multiply-adds a cycle">:$fma_ports,
    DefaultValuedParameter<"unsigned", "4", "cycles until the result of a multiply-add can be used">:$fma_latency,
    DefaultValuedParameter<"int64_t", "32", "first-level data cache of a core in KiB">:$l1_kib,
    DefaultValuedParameter<"int64_t", "512", "second-level cache of a core in KiB">:$l2_kib,
    DefaultValuedParameter<"int64_t", "8192", "last-level cache in KiB">:$l3_kib,
    DefaultValuedParameter<"unsigned", "32", "bytes a cycle that a core reads from its second-level cache">:$l2_bytes_per_cycle);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// Elements of `elementType` in a vector register, at least 1.
    int64_t getLanes(::mlir::Type elementType) const;
  }];
}

def HW_TilingAttr : HW_Attr<"Tiling", "tiling"> {
  let summary = "how a kernel's loops are cut";
  let description = [{
    A contraction of M rows, N columns and K products an element computes
    `rows` rows by `vectors` vectors of `lanes` columns in registers. The columns
    of such a tile are a panel. A work unit has `m_block` rows and `n_block`
    panels and walks K in blocks of `k_block`; 0 stands for all. `prefetch` asks
    for the next panel's weights while this one is computed.

    Example: `#hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = 128, n_block = 1, k_block = 256, prefetch = true>`
  }];
  let parameters = (ins
    "int64_t":$lanes, "int64_t":$rows, "int64_t":$vectors,
    DefaultValuedParameter<"int64_t", "0", "rows of a work unit, 0: all">:$m_block,
    DefaultValuedParameter<"int64_t", "0", "panels of a work unit, 0: all">:$n_block,
    DefaultValuedParameter<"int64_t", "0", "products between two visits of the result, 0: all">:$k_block,
    DefaultValuedParameter<"bool", "false">:$prefetch);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Columns of a panel.
    int64_t getColumns() const { return getLanes() * getVectors(); }
  }];
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
