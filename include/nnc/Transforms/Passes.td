#ifndef NNC_TRANSFORMS_PASSES_TD
#define NNC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Graph phase
//===----------------------------------------------------------------------===//

def RefineShapesPass : Pass<"nnc-refine-shapes", "::mlir::func::FuncOp"> {
  let summary = "narrow result types to what the operands' types now say";
  let description = [{
    Runs the shape function of every op in order and narrows its result types;
    a use that may not see another type gets a `tensor.cast`. Run after an input
    type or a constant has changed.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def SimplifyShapesPass : Pass<"nnc-simplify-shapes", "::mlir::func::FuncOp"> {
  let summary = "reduce shape arithmetic to what the inputs' dimensions need";
  let description = [{
    Writes every dimension and every scalar of the host as an expression of the
    inputs' dimensions, in a normal form, and with what is known of their ranges:
    a dimension is 0 or more, equal names are equal numbers, and what the run
    checks (that operands broadcast, say) holds. Narrows result types to the
    dimensions found constant, makes equal scalars one, and drops reshapes,
    broadcasts, slices and tiles that provably change nothing. Reshapes read
    through the reshapes before them; where a dimension is the input's, or
    follows from the others, their shapes say so by 0 and -1.

    A range that a check has narrowed becomes an `nn.assert` on the input's
    dimension, since the check may have been simplified by it. Run the
    canonicalizer after it: it leaves dead arithmetic behind.
  }];
  let options = [Option<"reshapeTransposes", "reshape-transposes", "bool",
                        "false",
                        "make reshapes, which cost nothing, of transpositions "
                        "that move axes of size 1 only; passes that look for "
                        "transpositions come before">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RecomposePass : Pass<"nnc-recompose", "::mlir::func::FuncOp"> {
  let summary = "make one op of the many that exporters write for it";
  let description = [{
    Finds by their structure, in all the ways that exporters write them:
    normalization by mean and variance or by the mean square, with its scale and
    bias; GELU (with erf or tanh), SiLU, hard sigmoid and hard swish; attention.
    A transposition or flattening before an op becomes one after it where that
    lets it meet its inverse.

    Parts of one tensor that all are split or transposed alike become parts of
    the split or transposed whole. Results may differ in rounding.
  }];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
}

def VerifyGraphPass : Pass<"nnc-verify-graph", "::mlir::ModuleOp"> {
  let summary = "check the contract of the graph phase";
  let description = [{
    Every entry function has one block, a name for each argument and result,
    ranked tensors of supported element types, and only ops that the schedule
    can take: ops with a shape function, constants, weights, and host ops on
    scalars.
  }];
}

//===----------------------------------------------------------------------===//
// Schedule phase
//===----------------------------------------------------------------------===//

def DecomposePass : Pass<"nnc-decompose", "::mlir::func::FuncOp"> {
  let summary = "replace ops that stand for several others by their parts";
  let description = [{
    Replaces every op with DecomposableOpInterface, until there is none.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FormKernelsPass : Pass<"nnc-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "make every graph op a kernel of the schedule";
  let description = [{
    Wraps each graph op into an `nn.kernel` of its own, in the order of the
    text, with its dynamic result dimensions as host arithmetic. Scalars of the
    host and small constants are taken into the kernel; `nn.reshape` stays
    outside, it is no work. Results that are arguments, constants or returned
    twice get a copying kernel, since every output has a buffer of its own.

    What a shape function requires of dynamic dimensions becomes `nn.assert`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CheckDimBoundsPass : Pass<"nnc-check-dim-bounds", "::mlir::func::FuncOp"> {
  let summary = "refuse inputs beyond the bounds of symbolic dimensions";
  let description = [{
    The attribute `nn.dim_bounds = {batch = 8}` of an entry function, from
    `--dim batch<=8`, becomes `nn.assert` ops before everything else.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def AnnotateCostPass : Pass<"nnc-annotate-cost", "::mlir::func::FuncOp"> {
  let summary = "predict the cost of every kernel";
  let description = [{
    Sets `cost` of each `nn.kernel`: arithmetic by CostOpInterface, bytes by the
    operand and result types, microseconds by a roofline of the target. What a
    dynamic dimension hides is left out.
  }];
  let options = [Option<"target", "target", "std::string", "\"x86-64-v3\"",
                        "name in the table of known targets">];
  let dependentDialects = ["::mlir::nnc::hw::HWDialect"];
}

def AssignStoragePass : Pass<"nnc-assign-storage", "::mlir::func::FuncOp"> {
  let summary = "give every kernel result a place";
  let description = [{
    A result that the function returns lives in the output's buffer. The others
    live in the arena, if their sizes follow from the inputs alone, else in a
    pool. Arena slots are placed here by greedy first fit in decreasing size
    when all sizes are known; else an `nn.place` hands sizes and lifetimes to the
    run. Weights and large constants get their offsets in the weight section.
    From here on nothing allocates.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def VerifySchedulePass : Pass<"nnc-verify-schedule", "::mlir::func::FuncOp"> {
  let summary = "check the contract of the schedule phase";
  let description = [{
    Kernels stand in the order of their `order` attributes, each result has a
    slot, no two slots that are alive at one time overlap in the arena, and
    nothing allocates.
  }];
}

//===----------------------------------------------------------------------===//
// Loops phase
//===----------------------------------------------------------------------===//

def OutlineKernelsPass : Pass<"nnc-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "make one function of all equal kernels";
  let description = [{
    Moves each kernel's body into a private function and leaves an `nn.launch`.
    Bodies that are equal up to locations share one function; names, weights and
    slots are operands and attributes of the launch.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def LowerKernelABIPass : Pass<"nnc-lower-kernel-abi", "::mlir::func::FuncOp"> {
  let summary = "give kernels their binary interface";
  let description = [{
    A kernel function on tensors becomes one on pointers: one `!llvm.ptr` a
    tensor (noalias, contiguous), inputs before results, then scalars and the
    dynamic sizes of all tensors as `i64`, then first and last work unit and a
    scratch pointer. Memrefs are rebuilt inside, so that vectorization sees
    contiguous ones.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"
  ];
}

def BufferizeKernelsPass : Pass<"nnc-bufferize-kernels", "::mlir::ModuleOp"> {
  let summary = "turn the kernels' tensors into memrefs";
  let description = [{
    One-shot bufferization of every kernel function, results written in place into
    the result pointers; tensors that need memory of their own become
    `memref.alloc`, which nnc-alloc-to-scratch places. Functions that are not
    kernels are left alone.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"
  ];
}

def AllocToScratchPass : Pass<"nnc-alloc-to-scratch", "::mlir::ModuleOp"> {
  let summary = "place a kernel's temporaries in its scratch";
  let description = [{
    Replaces every `memref.alloc` of a kernel by a view of the scratch pointer.
    Static sizes add up to `nn.scratch_bytes`; a size that depends on the
    kernel's sizes is computed by a companion function `NAME.scratch`, which the
    host calls before it places the arena. Fails if a size depends on data.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def ExpandMathPass : Pass<"nnc-expand-math", "::mlir::func::FuncOp"> {
  let summary = "compute elementary functions in place of calling libm";
  let description = [{
    Replaces the functions of the math dialect on f32, scalars and vectors, by
    straight-line arithmetic that loops of vectors take: range reduction and a
    polynomial, without a branch. f16 and bf16 are computed in f32; of f64 only
    rounding is replaced. docs/Math.md states the bounds of the errors.

    Where the target has no fused multiply-add, products are rounded; where it
    cannot round to whole numbers in one instruction, additions do.
  }];
  let options = [Option<"target", "target", "std::string", "\"x86-64-v3\"",
                        "name in the table of known targets">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

//===----------------------------------------------------------------------===//
// LLVM phase
//===----------------------------------------------------------------------===//

def LowerHostPass : Pass<"nnc-lower-host", "::mlir::ModuleOp"> {
  let summary = "lower the schedule to calls of the runtime";
  let description = [{
    Turns every entry function into a function of the context that asks the
    runtime for inputs, outputs and memory and runs the kernels in order, adds a
    thunk to each kernel that unpacks its arguments, and records the artifact's
    tables (entries, kernels, weights) in the module attribute `nn.artifact`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::arith::ArithDialect"];
}

#endif // NNC_TRANSFORMS_PASSES_TD
