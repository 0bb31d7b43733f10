#ifndef NNC_TRANSFORMS_DEVICEPASSES_TD
#define NNC_TRANSFORMS_DEVICEPASSES_TD

include "mlir/Pass/PassBase.td"

def TargetDevicePass : Pass<"nnc-target-device", "::mlir::ModuleOp"> {
  let summary = "let the kernels of a module run on a GPU";
  let description = [{
    Sets the attribute `nn.device` of the module, which later passes look at:
    `nnc-tile-to-units` makes a unit of each iteration, however many there are,
    one for a thread; `nnc-alloc-to-scratch` keeps small temporaries of a unit on
    the stack, where they become registers; `nnc-lower-host` makes functions that
    a GPU starts.
  }];
}

def ShareUnitsPass : Pass<"nnc-share-units", "::mlir::func::FuncOp"> {
  let summary = "let the threads of a block take a work unit together";
  let description = [{
    Of a kernel for a GPU whose work is loops over units of linalg ops, each loop
    is looked at by itself. Where all ops of a unit have a loop along which every
    operand is contiguous or does not move (the rows of a softmax, a
    normalization, a reduction along the last axis), the threads of a block share
    the iterations of that loop, neighbours taking neighbouring elements; sums are
    made by each thread, then by shuffles in a warp, then over warps, in an order
    that depends on sizes alone. Barriers stand between the ops. Ops that are not
    cut into units at all become one unit of a block.

    `nn.block_threads` on the loop is the number of threads: a warp for rows of up
    to 1024 elements, else 256.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def TileProductsPass : Pass<"nnc-tile-products", "::mlir::ModuleOp"> {
  let summary = "compute matrix products by tiles in shared memory";
  let description = [{
    An op that adds up products of two factors (a matrix product, one of a batch,
    a convolution on padded input) becomes a loop over tiles of the result, a unit
    of a block each: 128 x 128 where that gives enough tiles for all
    multiprocessors, else 64 x 64. Factors go through shared memory, sums stay in
    registers. The element-wise ops that alone read the result one after the other
    are computed on the sums, and nothing between is stored.

    Products of bytes, f16 and bf16, and with a `precision` that rounds them of
    f32, are computed by units for matrices (`mma.sync`): copies to shared memory
    go on by themselves while earlier tiles are computed, and chunks of 16 bytes
    are permuted so that lanes read different banks.

    Products of few rows or columns are left to `nnc-tile-to-units`.
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"\"",
           "name in the table of known targets; empty: a GPU of usual size">,
    Option<"precision", "precision", "std::string", /*default=*/"\"default\"",
           "of products of f32: default and fp32 leave them as they are, "
           "strict forbids other orders of sums too; tf32, 3xtf32, bf16, f16">];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::nvgpu::NVGPUDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def DecomposeForDevicePass
    : Pass<"nnc-decompose-for-device", "::mlir::func::FuncOp"> {
  let summary = "replace what a GPU has no kernel for by its parts";
  let description = [{
    Attention stays whole where `nnc-tile-attention` can compute it: of f32, f16
    or bf16, with queries and values of up to 128 elements each. All other ops
    that stand for several are decomposed.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FormAttentionPass : Pass<"nnc-form-attention", "::mlir::func::FuncOp"> {
  let summary = "give attention in kernels its form with loops by maps";
  let description = [{
    `nn.attention` becomes `kern.attention`, which `nnc-tile-attention` takes:
    `convert-nn-to-kern` for attention alone.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::nnc::kern::KernDialect", "::mlir::tensor::TensorDialect"
  ];
}

def TileAttentionPass : Pass<"nnc-tile-attention", "::mlir::ModuleOp"> {
  let summary = "compute attention in one kernel";
  let description = [{
    `kern.attention` on buffers becomes a loop over blocks of 64 queries of a head
    (16 where there are few), a unit of a block of threads each. It walks keys by
    64 (32 where they are wide): scores go to shared memory, a warp takes a row
    for its maximum and weights, means stay in registers and are corrected from
    block to block. Blocks of keys that causality hides from all queries are left
    out. Sums are of f32, whatever the operands are.

    M. Milakov and N. Gimelshein, "Online normalizer calculation for softmax",
    2018; T. Dao et al., "FlashAttention", 2022.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def AllowContractionPass
    : Pass<"nnc-allow-contraction", "::mlir::func::FuncOp"> {
  let summary = "let sums of products be rounded once";
  let description = [{
    Marks the sums, differences and products of a kernel so that code generation
    may make one multiply-add of two. What is expanded to arithmetic later, the
    functions of `nnc-expand-math`, keeps its roundings.
  }];
}

#endif // NNC_TRANSFORMS_DEVICEPASSES_TD
