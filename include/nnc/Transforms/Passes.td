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

def FormQuantizedPass : Pass<"nnc-form-quantized", "::mlir::func::FuncOp"> {
  let summary = "make exact products of bytes of those of dequantized reals";
  let description = [{
    A convolution or product with a matrix, both of whose operands are
    dequantized bytes and the second known, becomes `nn.conv_integer` or
    `nn.matmul_integer`, dequantized by the product of the scales, and a sum with
    the bias. A known factor loses its zero point: where the differences need
    nine bits it becomes two factors.

    Conversions cancel; what only moves or compares elements between two of the
    same parameters does so with bytes. The scale of a quantization after such
    products is multiplied into what comes before it.

    Run before constants are folded, since a folded factor has no bytes. Results
    differ in rounding from those of reals.
  }];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
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

def FoldWeightsPass : Pass<"nnc-fold-weights", "::mlir::func::FuncOp"> {
  let summary = "move work on weights, and factors beside them, into the weights";
  let description = [{
    Multiplications and divisions by one number a channel, before or behind an op
    with WeightedOpInterface, become `#nn.scale` of its weight and new biases;
    what is added to the channels behind it becomes its bias. Transpositions of
    weights, and reshapes of weights that nothing else uses, become
    `#nn.relayout`. Nothing of that runs with the model any more.

    Factors are folded in f32 and f64 only, and only where they are finite.
    Results may differ in rounding.
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
    Replaces every op with DecomposableOpInterface that has no kernel in one
    piece, until there is none: transposed convolutions, recurrent layers that have
    not been multiplied with their inputs, ops that are patterns of others.
  }];
  let options = [
    Option<"all", "all", "bool", /*default=*/"false",
           "replace ops that have a kernel, too">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def AssignLayoutPass : Pass<"nnc-assign-layout", "::mlir::func::FuncOp"> {
  let summary = "choose in which order of axes each op works";
  let description = [{
    Ops that have a preferred layout (convolutions: channels innermost) get it,
    and what lies between them works in the layout that moves the fewest bytes,
    as far as the ops can (LayoutOpInterface). One pass over each block, in its
    order, that knows of each value the forms in which it exists: a form that is
    missing is transposed from one that exists, so that transpositions which
    cancel are never made. What an op gives is looked at by what is done with
    it, found beforehand from the block's end to its begin.

    Arguments and results of functions, branches and loops keep their layouts. A
    block without an op that has a preference is left alone; so is a preference
    where no tensor has 8 channels. Transpositions that move axes of size 1 only
    become reshapes. Run the canonicalizer after it, which folds constants.
  }];
  let options = [Option<"minChannels", "min-channels", "int64_t", "8",
                        "least number of innermost elements, in the op's "
                        "operand or result, that makes a preferred layout "
                        "worth it">];
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

def TileKernelsPass : Pass<"nnc-tile-kernels", "::mlir::func::FuncOp"> {
  let summary = "choose algorithm and tiling of contractions";
  let description = [{
    Gives every contraction of a kernel the `#hw.tiling` that the analytical model
    of the target finds best, see rankTilings. A convolution by 3 x 3 of stride 1
    becomes `kern.winograd` where that is predicted to be faster: F(2,3) unless
    `precision` is strict, F(4,3) too where it is relaxed. A remark says what was
    chosen, and what share of the multiply-add peak the model expects.

    A kernel that `tuning`, a file, has an entry for gets what was measured to be
    best instead. `candidate` takes another one of the model's list, for who
    measures: 0 is the best, the last one where the list is shorter. Then the ops
    also get their key in such a file.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"precision", "precision", "std::string", "\"default\"",
           "strict, default or relaxed">,
    Option<"tuning", "tuning", "std::string", "\"\"",
           "file of measured tilings">,
    Option<"candidate", "candidate", "int64_t", "-1",
           "number in the model's list, to be measured">];
  let dependentDialects = ["::mlir::nnc::hw::HWDialect",
                           "::mlir::nnc::kern::KernDialect"];
  let statistics = [
    Statistic<"numTiled", "num-tiled", "contractions tiled">,
    Statistic<"numWinograd", "num-winograd", "convolutions by Winograd">];
}

def PackWeightsPass : Pass<"nnc-pack-weights", "::mlir::func::FuncOp"> {
  let summary = "bring the constant operands of contractions into panels";
  let description = [{
    A contraction with a tiling reads one operand panel by panel. Where that is a
    constant outside of the kernel, its bytes are rearranged when the artifact is
    written, and the kernel takes the rearranged one.
  }];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
  let statistics = [Statistic<"numPacked", "num-packed", "operands packed">];
}

def AbsorbMovementsPass : Pass<"nnc-absorb-movements", "::mlir::func::FuncOp"> {
  let summary = "let kernels read and write through movements of elements";
  let description = [{
    A kernel whose op reads an operand through an op that moves elements
    (MovementReaderOpInterface) computes that itself, where it becomes an index
    map, and so does one whose result is only moved. What others need too stays a
    kernel, and is read through all the same.
  }];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
  let statistics = [
    Statistic<"numAbsorbed", "absorbed", "movements taken into a kernel">
  ];
}

def MergeMovementsPass : Pass<"nnc-merge-movements", "::mlir::func::FuncOp"> {
  let summary = "let light kernels do the movements that they read";
  let description = [{
    A kernel of element-wise ops and movements of elements takes in kernels of the
    same kind that make its operands, if it alone reads them, each element once:
    because the shapes are equal, or because it does nothing but move each
    element to one place. Parts of what is joined, slices and permutations are
    then written where they are needed. Numbers in equal steps are made wherever
    they are read. What is predicted to take longer in one kernel stays two.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"maxInputs", "max-inputs", "unsigned", "12",
           "inputs of a merged kernel at most">
  ];
  let statistics = [
    Statistic<"numMerged", "merged", "kernels that became part of another">
  ];
}

def MergeRowsPass : Pass<"nnc-merge-rows", "::mlir::func::FuncOp"> {
  let summary = "let products compute the depthwise convolution that they read";
  let description = [{
    A product (a convolution of 1 x 1) that alone reads the result of a depthwise
    convolution takes that into its kernel, where each work unit computes the lines
    that it multiplies in its own scratch: they are neither written to memory nor
    read from it. Every unit then reads all weights of the product, so they must
    fit half of the second-level cache; channels must be known. What is declined is
    a remark.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">
  ];
  let statistics = [
    Statistic<"numMerged", "merged", "depthwise convolutions in a product's kernel">
  ];
}

def MergeSiblingsPass : Pass<"nnc-merge-siblings", "::mlir::func::FuncOp"> {
  let summary = "let one kernel do the work of neighbours that read the same tensor";
  let description = [{
    Two kernels that follow each other and read the same tensor become one with the
    results of both, if both are contractions with their epilogues (queries, keys
    and values of an attention; branches of a network), or both only compute and
    move elements (the rotation of queries and keys). Their work units are then
    shared out together: there is one start and one wait in place of two, and small
    kernels have enough units for all threads. The epilogue of one product may read
    the other (gate and value of a gated unit): it then waits for it inside the
    kernel, and what nothing else reads does not leave it.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"maxInputs", "max-inputs", "unsigned", "16",
           "inputs of a merged kernel at most">,
    Option<"joinReaders", "join-readers", "bool", /*default=*/"true",
           "merge a product with the one that it reads: what is handed on is then "
           "scratch and not a slot of the arena">
  ];
  let statistics = [
    Statistic<"numMerged", "merged", "kernels that became part of another">
  ];
}

def MergeNormsPass : Pass<"nnc-merge-norms", "::mlir::func::FuncOp"> {
  let summary = "let products normalize the rows that they read";
  let description = [{
    A normalization along the last axis that one kernel alone reads, as the left
    operand of its products, is computed there: each work unit normalizes some rows
    in its own scratch and multiplies them with all matrices, one after the other.
    The matrices must fit half of the second-level cache, and known rows must be
    64 or more. What is declined is a remark.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">
  ];
  let statistics = [
    Statistic<"numMerged", "merged", "normalizations in a product's kernel">
  ];
  let dependentDialects = ["::mlir::nnc::kern::KernDialect",
                           "::mlir::tensor::TensorDialect"];
}

def MergeElementwisePass : Pass<"nnc-merge-elementwise", "::mlir::func::FuncOp"> {
  let summary = "compute element-wise kernels with what makes their operands";
  let description = [{
    A kernel of element-wise ops only is merged into the kernel that makes one of
    its operands, if it alone uses that operand and the shapes are equal: of the
    same numbers, or of the same sizes of the host. The merged kernel stands in
    the consumer's place, has the producer's name and the ONNX nodes of both;
    other operands become its inputs. Nothing is computed twice.

    Element-wise producers are merged first, then one other: that which saves most
    time by the cost model (a contraction before all else, where a size is not
    known), and of several the last, so that the sum of two branches is computed
    with the branch that ends last. What is predicted to take longer in one kernel
    stays two. Remarks tell the microseconds.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets">,
    Option<"maxInputs", "max-inputs", "unsigned", "12",
           "inputs of a merged kernel at most: above, the streams to be read at "
           "one time exceed what prefetchers and registers hold">
  ];
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
    Sets `cost` of each `nn.kernel` (`nnc/CostModel/KernelCost.h`): operations,
    bytes by kind and by where they come from, microseconds with an interval,
    what bounds them, energy and CO2, which are modelled and not measured. Sets
    `hw.total` of the function, and `hw.memory_over_time`: the bytes of results
    that are alive at each kernel. What a dynamic dimension hides is left out.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64-v3\"",
           "name in the table of known targets, or a file FILE.json">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "threads of a run">,
    Option<"carbon", "grams-per-kwh", "double", /*default=*/"445",
           "grams of CO2 for a kWh of electricity; the world in 2024 by the "
           "IEA">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nnc::hw::HWDialect",
                           "::mlir::math::MathDialect"];
}

def PrintCostPass : Pass<"nnc-print-cost", "::mlir::ModuleOp"> {
  let summary = "print what nnc-annotate-cost has predicted";
  let description = [{
    As a table, as the JSON of `nnc compile --report`, or as remarks of each
    kernel (category `nnc-print-cost`; `-remarks-filter` shows them).
  }];
  let options = [
    Option<"format", "format", "std::string", "\"text\"",
           "text, json or remarks">,
    Option<"output", "output", "std::string", "\"-\"",
           "the file to write text and JSON to; '-' is stderr">
  ];
  let dependentDialects = ["::mlir::nnc::hw::HWDialect"];
}

def OrderKernelsPass : Pass<"nnc-order-kernels", "::mlir::func::FuncOp"> {
  let summary = "run kernels in an order that needs little memory";
  let description = [{
    Where all results have known sizes and no branch or loop holds kernels, looks
    for an order in which the results that are alive at one time take less memory,
    by annealing (lib/Memory), and takes it if the arena needs less by it. An order
    in which the largest kernel needs as much as the whole is left as it is.

    With a budget, kernels that are pure also run again instead of keeping their
    results, if the arena does not fit otherwise: so that the predicted time is
    least. Kernels that make outputs run once. Results stay the same bit for bit.

    A remark tells what the arena needs before and after.
  }];
  let options = [
    Option<"budget", "budget", "int64_t", "0",
           "bytes that the arena shall fit into; 0 for none">,
    Option<"steps", "steps", "int64_t", "8000",
           "steps of each search for an order; with a budget, fifty times as "
           "many for recomputation">];
  let dependentDialects = ["::mlir::nnc::nn::NNDialect"];
}

def AssignStoragePass : Pass<"nnc-assign-storage", "::mlir::func::FuncOp"> {
  let summary = "give every kernel result a place";
  let description = [{
    A result that the function returns lives in the output's buffer. The others
    live in the arena, if their sizes follow from the inputs alone, else in a
    pool. A result may share the slot of an operand that dies in its kernel, if
    the kernel reads it element by element where it writes. Arena slots are placed
    here, by the best of several orders of first fit and a search, when all sizes
    are known; else an `nn.place` hands sizes and lifetimes to the run. A remark
    tells the size of the arena beside its lower bound. Weights and large constants get their offsets in the weight section.
    From here on nothing allocates.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def VerifySchedulePass : Pass<"nnc-verify-schedule", "::mlir::func::FuncOp"> {
  let summary = "check the contract of the schedule phase";
  let description = [{
    Kernels stand in the order of their `order` attributes, each result has a
    slot, no two results that are alive at one time overlap in the arena, unless
    the later is computed over the earlier element by element, and nothing
    allocates.
  }];
}

//===----------------------------------------------------------------------===//
// Loops phase
//===----------------------------------------------------------------------===//

def OutlineKernelsPass : Pass<"nnc-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "make one function of all equal kernels";
  let description = [{
    Moves each kernel's body into a private function and leaves an `nn.launch`.
    Bodies that are equal up to locations share one function, unless only one of
    them writes its result over an operand; names, weights and slots are operands
    and attributes of the launch.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def FuseElementwisePass : Pass<"nnc-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "make one loop nest of a chain of element-wise operations";
  let description = [{
    Inside a kernel, computes the result of one `linalg.generic` of parallel
    loops in the loops of its only consumer, unless the consumer would read an
    element more than once. Constants and broadcasts fold into the loops. What
    follows a reduction or a contraction stays a `linalg.generic` of its own.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ComputeInPlacePass : Pass<"nnc-compute-in-place", "::mlir::func::FuncOp"> {
  let summary = "let element-wise loops write over the operand they read";
  let description = [{
    A `linalg.generic` of parallel loops into new memory gets that of an operand
    instead, if the kernel makes the operand for it alone and the element read
    is the one written: what follows a contraction needs no temporary.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def LowerKernelABIPass : Pass<"nnc-lower-kernel-abi", "::mlir::func::FuncOp"> {
  let summary = "give kernels their binary interface";
  let description = [{
    A kernel function on tensors becomes one on pointers: one `!llvm.ptr` a
    tensor (noalias, contiguous), inputs before results, then scalars and the
    dynamic sizes of all tensors as `i64`, then first and last work unit and a
    scratch pointer. Memrefs are rebuilt inside, so that vectorization sees
    contiguous ones.

    A result in the place of an argument (`nn.in_place`) is the argument's memref:
    the function is called with both pointers equal. Unless the op that computes it
    reads each element just before it writes it, the argument is copied first.
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

def VectorizeLinalgPass : Pass<"nnc-vectorize-linalg", "::mlir::func::FuncOp"> {
  let summary = "lower linalg ops on memrefs to loops over vectors";
  let description = [{
    Every linalg op of a kernel whose operands are contiguous along one of its
    loops, or do not depend on it, becomes loops of `vector` ops, as wide as the
    registers of the target. Along a parallel loop a vector is a part of the
    result; along a reduction several vectors of partial results are folded in a
    fixed order at the end, so that sums do not depend on the number of threads.
    Loops that are contiguous for all operands become one; what remains behind
    the last whole vector is done under a mask.

    Ops that follow one another and index what they share by the same outer loops
    (the steps of a softmax) run in one loop over these, so that a row stays in
    the cache; it is an `scf.forall` of work units at the top of a kernel.

    Ops that fit none of this are left alone.
  }];
  let options = [Option<"target", "target", "std::string", "\"x86-64-v3\"",
                        "name in the table of known targets">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::nnc::hw::HWDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def TileToUnitsPass : Pass<"nnc-tile-to-units", "::mlir::func::FuncOp"> {
  let summary = "cut the parallel loops of linalg ops into work units";
  let description = [{
    A linalg op on buffers at the top of a kernel becomes an `scf.forall` over
    work units, each a tile of the outer parallel loops with a smaller linalg op
    inside. The number of units follows from shapes alone: a unit costs at least
    `unit-work` additions, and there are about 256 at most; what is worth one
    unit only is left as it is. Results do not depend on where units are cut.

    Consecutive ops share the loop if iterations that differ in a common outer
    loop touch different elements wherever anything is written (fill and
    product; the parts of a softmax), and if the common loops are parallel
    enough. A temporary that units do not exchange shrinks to the part that one
    unit needs.
  }];
  let options = [Option<"unitWork", "unit-work", "int64_t", /*default=*/"20000",
                        "least cost of a unit, in additions">];
  let statistics = [Statistic<"numLoops", "num-loops",
                              "Number of loops over work units made">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"
  ];
}

def JoinUnitsPass : Pass<"nnc-join-units", "::mlir::func::FuncOp"> {
  let summary = "make one loop over work units of several that are independent";
  let description = [{
    Two loops over work units at the top of a kernel, of which neither touches what
    the other writes, become one over the units of both, so that threads need not
    wait between them. Units of the two alternate in proportion to their numbers:
    any range of units holds the same share of each.
  }];
  let statistics = [Statistic<"numJoined", "num-joined",
                              "Number of loops that became part of another">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def AllocToScratchPass : Pass<"nnc-alloc-to-scratch", "::mlir::ModuleOp"> {
  let summary = "place a kernel's temporaries in its scratch";
  let description = [{
    Replaces every `memref.alloc` of a kernel by a view of the scratch pointer;
    temporaries that are not in use at one time share memory. Those that a loop
    over work units finds made, or that live from one phase to the next, are
    views of a pointer that all threads share: an argument in front of the
    units, which only such kernels have.

    Fixed sizes give `nn.scratch_bytes` and `nn.shared_bytes`; those that depend
    on the kernel's sizes are computed by the companion functions `NAME.scratch`
    and `NAME.shared`, whose results count the fixed ones too. Fails if a size
    depends on data.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def CheckBoundsPass : Pass<"nnc-check-bounds", "::mlir::ModuleOp"> {
  let summary = "let kernels look before they touch memory";
  let description = [{
    Each load and store of a memref, of one element, a vector or the lanes of a
    mask, happens only if all that it touches lies inside of the memref: each
    index, and the end of a vector, which may lie in a later line where there are
    no gaps between lines. One that does not is left out, a load gives zeros, and the runtime is
    told: the run then fails and names the kernel, the ONNX node and the op.
    Views are taken at their word; what is checked is that nothing leaves them.
    For `nnc compile --check-bounds`: code is several times slower.
  }];
  let statistics = [Statistic<"numChecks", "num-checks", "accesses checked">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def DistributeUnitsPass : Pass<"nnc-distribute-units", "::mlir::ModuleOp"> {
  let summary = "turn loops over work units into functions over ranges of them";
  let description = [{
    Each `scf.forall` at the top of a kernel, normalized and of one dimension,
    is a phase whose iterations are independent work units; ops between such
    loops that have effects are a phase of one unit. A phase becomes a function
    of its own over the units [first, last) that it is called with, `NAME` for
    the first and `NAME.phaseN` for the others; ops without effects are repeated
    where they are needed. A kernel whose later phases need values of earlier
    ones, not only memory, becomes one phase of one unit.

    `nn.units` holds the number of units of each phase; numbers that depend on
    sizes are -1 and computed by the companion function `NAME.units`, in order.
    `nn.phases` lists the functions if there are several.
  }];
  let statistics = [Statistic<"numPhases", "num-phases",
                              "Number of phases of all kernels">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
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
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::nnc::hw::HWDialect",
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
