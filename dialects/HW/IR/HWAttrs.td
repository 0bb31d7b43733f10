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
    DefaultValuedParameter<"unsigned", "32", "bytes a cycle that a core reads from its second-level cache">:$l2_bytes_per_cycle,
    DefaultValuedParameter<"unsigned", "1", "cores (of a GPU: multiprocessors) that share the last-level cache and memory">:$cores,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "clock under vector load in GHz, 0: unknown">:$ghz,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of the second-level cache, one core reading, in GB/s, 0: unknown">:$l2_gbps,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of the last-level cache, one core reading, in GB/s, 0: unknown">:$l3_gbps,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of the last-level cache, all cores reading, in GB/s, 0: unknown">:$l3_gbps_all,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bandwidth of main memory, all cores reading, in GB/s, 0: unknown">:$dram_gbps_all,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "cost of giving a kernel to several threads and waiting for them, in microseconds">:$fork_join_us,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "exponentials of f32 in vectors on one core in 10^9 a second, 0: unknown">:$exp_gops,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "divisions of f32 in vectors on one core in 10^9 a second, 0: unknown">:$divide_gops,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "bf16 or f16 peak of one core, by units for matrices where it has such, in GFLOP/s, 0: unknown">:$matrix_gflops,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "power of the machine at rest in watts, 0: unknown">:$idle_watts,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "energy of an f32 operation in picojoules, 0: unknown">:$flop_pj,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "energy of a byte from the caches beyond the first in picojoules, 0: unknown">:$cache_byte_pj,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "energy of a byte from main memory in picojoules, 0: unknown">:$dram_byte_pj,
    DefaultValuedParameter<"::mlir::nnc::hw::Number", "::mlir::nnc::hw::Number()", "by how much measuring the same again differs, as a share, 0: unknown">:$noise,
    DefaultValuedParameter<"bool", "false", "a GPU: kernels run on all cores, launched from a host">:$gpu,
    DefaultValuedParameter<"bool", "false", "predictions have been compared with measurements on this machine">:$validated,
    OptionalParameter<"::mlir::DictionaryAttr", "what was fitted on measured kernels, by the names of nnc/CostModel/Coefficients.h; absent: the defaults there">:$coefficients);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// Elements of `elementType` in a vector register, at least 1.
    int64_t getLanes(::mlir::Type elementType) const;
    /// Clock under vector load; from the peak where the table has none, 0 where
    /// neither is known.
    double getClockGHz() const;
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
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "predicted microseconds on the threads that were asked for">:$us,
    DefaultValuedParameter<"::mlir::nnc::hw::Bound", "::mlir::nnc::hw::Bound::unknown">:$bound,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "nine of ten measurements are expected to take these microseconds or more">:$lo_us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "nine of ten measurements are expected to take these microseconds or less">:$hi_us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "microseconds with as many threads as there are work units">:$critical_us,
    OptionalParameter<"::std::optional<int64_t>", "operations as if what lies idle in vectors, tiles and threads worked too">:$alpha_flops,
    OptionalParameter<"::std::optional<int64_t>", "bytes of constant operands">:$weight_bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes of the other operands">:$input_bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes of results">:$output_bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes that come from the second-level cache">:$l2_bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes that come from the last-level cache">:$l3_bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes that come from main memory">:$dram_bytes,
    OptionalParameter<"::std::optional<int64_t>", "distinct bytes touched, what stays inside the kernel included">:$footprint,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "share of the threads' peak that the operations reach">:$utilization,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "microjoules, modelled and not measured">:$energy_uj,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "micrograms of CO2, modelled and not measured">:$co2_ug);
  let assemblyFormat = "`<` struct(params) `>`";
}

def HW_TotalAttr : HW_Attr<"Total", "total"> {
  let summary = "the predicted cost of a function";
  let description = [{
    Sums over the kernels of a run, those of loops counted once. What a kernel
    does not know, the sum does not know either.

    Example: `#hw.total<kernels = 3, flops = 4096, us = 3.5, peak_bytes = 1024>`
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "1", "threads of the prediction">:$threads,
    DefaultValuedParameter<"int64_t", "0", "kernels">:$kernels,
    DefaultValuedParameter<"int64_t", "0", "kernels whose time is not known">:$unknown,
    OptionalParameter<"::std::optional<int64_t>", "arithmetic operations">:$flops,
    OptionalParameter<"::std::optional<int64_t>", "bytes read and written">:$bytes,
    OptionalParameter<"::std::optional<int64_t>", "bytes of distinct constants">:$weight_bytes,
    OptionalParameter<"::std::optional<int64_t>", "most bytes of results that are alive at one time">:$peak_bytes,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "predicted microseconds of a run">:$us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "nine of ten runs are expected to take these microseconds or more">:$lo_us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "nine of ten runs are expected to take these microseconds or less">:$hi_us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "microseconds of the first run, whose constants come from main memory">:$first_us,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "microjoules, modelled and not measured">:$energy_uj,
    OptionalParameter<"::std::optional<::mlir::nnc::hw::Number>", "micrograms of CO2, modelled and not measured">:$co2_ug);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // NNC_DIALECTS_HW_IR_HWATTRS_TD
