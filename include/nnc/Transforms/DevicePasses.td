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

    Products of few rows or columns are left to `nnc-tile-to-units`.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
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
