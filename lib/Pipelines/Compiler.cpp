//===----------------------------------------------------------------------===//
// The phases of the compiler, each a pipeline that fits a screen.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Pipelines/Compiler.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/Transforms/Passes.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "nnc/Conversion/Passes.h"
#include "nnc/Pipelines/GivenPasses.h"
#include "nnc/Transforms/BandPasses.h"
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"
#include "nnc/Transforms/SparsePasses.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// The phases
//===----------------------------------------------------------------------===//

/// Shapes as exact as they get, constants folded, host scalars taken out of
/// tensors, exported patterns in one piece.
static void buildGraphPipeline(OpPassManager &manager) {
  // While the factors of products are bytes: folding makes reals of them.
  manager.addNestedPass<func::FuncOp>(createFormQuantizedPass());
  manager.addPass(createCanonicalizerPass());
  manager.addNestedPass<func::FuncOp>(createRefineShapesPass());
  // Narrower types give folds that were not possible before.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  // Recomposition asks which dimensions are equal, and leaves reshapes that
  // only cancel once it is done.
  manager.addNestedPass<func::FuncOp>(createSimplifyShapesPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addNestedPass<func::FuncOp>(createRecomposePass());
  manager.addPass(createCSEPass());
  SimplifyShapesPassOptions last;
  last.reshapeTransposes = true;
  manager.addNestedPass<func::FuncOp>(createSimplifyShapesPass(last));
  manager.addPass(createCanonicalizerPass());
  // Reshapes have settled, which stand between weights and their users.
  manager.addNestedPass<func::FuncOp>(createFoldWeightsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyGraphPass());
}

/// Algorithms of a CPU and how their loops are cut; constants follow.
static void addKernelTilings(OpPassManager &manager,
                             const CompilerOptions &options) {
  manager.addNestedPass<func::FuncOp>(createConvertNNToKernPass());
  if (options.fuse) {
    SparsifyWeightsPassOptions sparse;
    sparse.target = options.target;
    sparse.precision = options.precision;
    manager.addNestedPass<func::FuncOp>(createSparsifyWeightsPass(sparse));
    MergeRowsPassOptions rows;
    rows.target = options.target;
    manager.addNestedPass<func::FuncOp>(createMergeRowsPass(rows));
    MergeSiblingsPassOptions siblings;
    siblings.target = options.target;
    siblings.joinReaders = options.arenaBudget == 0;
    manager.addNestedPass<func::FuncOp>(createMergeSiblingsPass(siblings));
    MergeNormsPassOptions norms;
    norms.target = options.target;
    manager.addNestedPass<func::FuncOp>(createMergeNormsPass(norms));
  }
  TileKernelsPassOptions tiling;
  tiling.target = options.target;
  tiling.precision = options.precision;
  tiling.tuning = options.tuning;
  tiling.candidate = options.tilingCandidate;
  manager.addNestedPass<func::FuncOp>(createTileKernelsPass(tiling));
  manager.addNestedPass<func::FuncOp>(createPackWeightsPass());
}

/// One kernel an op, in the order of the text; storage in one arena.
static void buildSchedulePipeline(OpPassManager &manager,
                                  const CompilerOptions &options) {
  bool isGpu = hw::isGpuTarget(options.target);
  // No kernel takes them whole.
  DecomposePassOptions parts;
  parts.all = !options.fuse;
  manager.addNestedPass<func::FuncOp>(createDecomposePass(parts));
  if (isGpu)
    manager.addNestedPass<func::FuncOp>(createDecomposeForDevicePass());
  manager.addPass(createCanonicalizerPass());
  if (options.assignLayout) {
    manager.addNestedPass<func::FuncOp>(createAssignLayoutPass());
    manager.addPass(createCanonicalizerPass());
    manager.addPass(createCSEPass());
  }
  manager.addNestedPass<func::FuncOp>(createFormKernelsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  if (options.fuse) {
    manager.addNestedPass<func::FuncOp>(createAbsorbMovementsPass());
    MergeElementwisePassOptions elementwise;
    elementwise.target = options.target;
    manager.addNestedPass<func::FuncOp>(
        createMergeElementwisePass(elementwise));
    MergeMovementsPassOptions movements;
    movements.target = options.target;
    manager.addNestedPass<func::FuncOp>(createMergeMovementsPass(movements));
  }
  if (isGpu)
    manager.addNestedPass<func::FuncOp>(createFormAttentionPass());
  else
    addKernelTilings(manager, options);
  AnnotateCostPassOptions cost;
  cost.target = options.target;
  cost.threads = options.threads;
  if (options.orderKernels) {
    // What it costs to run kernels again.
    if (options.arenaBudget)
      manager.addNestedPass<func::FuncOp>(createAnnotateCostPass(cost));
    OrderKernelsPassOptions order;
    order.budget = options.arenaBudget;
    manager.addNestedPass<func::FuncOp>(createOrderKernelsPass(order));
  }
  if (options.arenaBudget && !isGpu) {
    SplitKernelsPassOptions split;
    split.budget = options.arenaBudget;
    split.target = options.target;
    split.threads = options.threads;
    manager.addNestedPass<func::FuncOp>(createSplitKernelsPass(split));
  }
  manager.addNestedPass<func::FuncOp>(createAssignStoragePass());
  manager.addNestedPass<func::FuncOp>(createCheckDimBoundsPass());
  manager.addNestedPass<func::FuncOp>(createAnnotateCostPass(cost));
  manager.addNestedPass<func::FuncOp>(createVerifySchedulePass());
}

/// Each distinct kernel down to loops on memrefs.
static void buildLoopsPipeline(OpPassManager &manager,
                               const CompilerOptions &options) {
  bool isGpu = hw::isGpuTarget(options.target);
  if (isGpu)
    manager.addPass(createTargetDevicePass());
  manager.addPass(createOutlineKernelsPass());
  manager.addNestedPass<func::FuncOp>(createConvertNNToLinalgPass());
  manager.addNestedPass<func::FuncOp>(createFuseElementwisePass());
  manager.addNestedPass<func::FuncOp>(kern::createKernFuseEpiloguesPass());
  manager.addNestedPass<func::FuncOp>(createComputeInPlacePass());
  manager.addNestedPass<func::FuncOp>(createLowerKernelABIPass());
  manager.addPass(createBufferizeKernelsPass());
  if (isGpu) {
    TileProductsPassOptions products;
    products.target = options.target;
    products.precision = options.precision;
    manager.addPass(createTileAttentionPass());
    manager.addPass(createTileProductsPass(products));
  }
  OpPassManager &functions = manager.nest<func::FuncOp>();
  if (!isGpu) {
    VectorizeLinalgPassOptions vectorize;
    vectorize.target = options.target;
    functions.addPass(createVectorizeLinalgPass(vectorize));
  }
  TileToUnitsPassOptions units;
  units.unitWork = options.unitWork;
  functions.addPass(createTileToUnitsPass(units));
  if (isGpu)
    functions.addPass(createShareUnitsPass());
  functions.addPass(createConvertLinalgToLoopsPass());
  functions.addPass(memref::createFoldMemRefAliasOpsPass());
  // After views have been folded: those of expansions are flat on purpose, and
  // folding them would divide in the innermost loops.
  if (!isGpu) {
    kern::KernExpandPassOptions expand;
    expand.target = options.target;
    expand.flushSubnormals = options.precision != "strict";
    functions.addPass(kern::createKernExpandPass(expand));
  }
  // Canonicalization would make loops of one unit part of the kernel, but a
  // block shares that unit.
  functions.addPass(isGpu ? createCSEPass() : createCanonicalizerPass());
  if (!isGpu)
    functions.addPass(createJoinUnitsPass());
  manager.addPass(createAllocToScratchPass());
  manager.addPass(createDistributeUnitsPass());
}

/// Host functions become calls of the runtime, everything becomes LLVM.
static void buildLLVMPipeline(OpPassManager &manager,
                              const CompilerOptions &options) {
  if (options.checkBounds)
    manager.addPass(createCheckBoundsPass());
  manager.addPass(createLowerHostPass());
  OpPassManager &functions = manager.nest<func::FuncOp>();
  if (hw::isGpuTarget(options.target) && options.precision != "strict")
    functions.addPass(createAllowContractionPass());
  ExpandMathPassOptions math;
  math.target = options.target;
  functions.addPass(createExpandMathPass(math));
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createConvertVectorToSCFPass());
  functions.addPass(createSCFToControlFlowPass());
  functions.addPass(arith::createArithExpandOpsPass());
  functions.addPass(createConvertMathToLLVMPass());
  // What is left: functions of f64.
  manager.addPass(createConvertMathToLibmPass());
  if (hw::isGpuTarget(options.target))
    manager.addPass(createConvertNVGPUToNVVMPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createUBToLLVMConversionPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void mlir::nnc::buildPhasePipeline(OpPassManager &manager, Phase phase,
                                   const CompilerOptions &options) {
  switch (phase) {
  case Phase::Import:
    return;
  case Phase::Graph:
    return buildGraphPipeline(manager);
  case Phase::Schedule:
    return buildSchedulePipeline(manager, options);
  case Phase::Loops:
    return buildLoopsPipeline(manager, options);
  case Phase::LLVM:
    return buildLLVMPipeline(manager, options);
  }
}

LogicalResult mlir::nnc::runPhases(ModuleOp module, Phase from, Phase to,
                                   const CompilerOptions &options) {
  for (int phase = int(from) + 1; phase <= int(to); ++phase) {
    PassManager manager(module.getContext());
    buildPhasePipeline(manager, Phase(phase), options);
    if (failed(manager.run(module)))
      return failure();
    if (options.afterPhase)
      options.afterPhase(Phase(phase), module);
  }
  return success();
}

LogicalResult mlir::nnc::makeArtifactTables(ModuleOp module) {
  PassManager manager(module.getContext());
  manager.addPass(createLowerHostPass());
  return manager.run(module);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static constexpr std::pair<Phase, StringLiteral> phaseNames[] = {
    {Phase::Import, "import"},
    {Phase::Graph, "graph"},
    {Phase::Schedule, "schedule"},
    {Phase::Loops, "loops"},
    {Phase::LLVM, "llvm"}};

std::optional<Phase> mlir::nnc::parsePhase(StringRef name) {
  for (const auto &[phase, known] : phaseNames)
    if (known == name)
      return phase;
  return std::nullopt;
}

StringRef mlir::nnc::stringifyPhase(Phase phase) {
  return phaseNames[int(phase)].second;
}

Phase mlir::nnc::detectPhase(ModuleOp module) {
  if (module->hasAttr(artifactAttrName))
    return Phase::LLVM;
  Phase phase =
      module->hasAttr(givenPassesAttrName) ? Phase::Graph : Phase::Import;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function->hasAttr(kernelAttrName))
      return Phase::Loops;
    bool hasKernel =
        function.walk([](nn::KernelOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (hasKernel)
      phase = Phase::Schedule;
  }
  return phase;
}

namespace {
struct PhaseOptions : PassPipelineOptions<PhaseOptions> {
  Option<std::string> target{
      *this, "target", llvm::cl::desc("name in the table of known targets"),
      llvm::cl::init(CompilerOptions().target)};
  Option<std::string> precision{
      *this, "precision",
      llvm::cl::desc("strict, default or relaxed; of GPUs also fp32, "
                     "tf32, 3xtf32, bf16 or f16"),
      llvm::cl::init(CompilerOptions().precision)};
  Option<std::string> tuning{*this, "tuning",
                             llvm::cl::desc("file of measured tilings")};
  Option<bool> assignLayout{
      *this, "assign-layout",
      llvm::cl::desc("let ops work in the layouts that they prefer"),
      llvm::cl::init(CompilerOptions().assignLayout)};
  Option<bool> fuse{*this, "fuse",
                    llvm::cl::desc("let kernels do the work of several ops"),
                    llvm::cl::init(CompilerOptions().fuse)};
  Option<bool> orderKernels{
      *this, "order-kernels",
      llvm::cl::desc(
          "let kernels run in the order that needs the least memory"),
      llvm::cl::init(CompilerOptions().orderKernels)};
  Option<int64_t> arenaBudget{
      *this, "arena-budget",
      llvm::cl::desc("bytes that the arena shall fit into; 0 for none"),
      llvm::cl::init(CompilerOptions().arenaBudget)};
  Option<int64_t> unitWork{
      *this, "unit-work",
      llvm::cl::desc("least cost of a work unit, in additions"),
      llvm::cl::init(CompilerOptions().unitWork)};
};
} // namespace

void mlir::nnc::registerPipelines() {
  auto add = [](StringRef name, StringRef description,
                std::initializer_list<Phase> phases) {
    SmallVector<Phase> list(phases);
    PassPipelineRegistration<PhaseOptions>(
        name, description,
        [list](OpPassManager &manager, const PhaseOptions &given) {
          CompilerOptions options;
          options.target = given.target;
          options.precision = given.precision;
          options.tuning = given.tuning;
          options.assignLayout = given.assignLayout;
          options.fuse = given.fuse;
          options.orderKernels = given.orderKernels;
          options.arenaBudget = given.arenaBudget;
          options.unitWork = given.unitWork;
          for (Phase phase : list)
            buildPhasePipeline(manager, phase, options);
        });
  };
  add("nnc-graph", "graph phase: refine shapes, fold, verify", {Phase::Graph});
  add("nnc-schedule", "schedule phase: kernels, order, cost, storage",
      {Phase::Schedule});
  add("nnc-loops", "loops phase: each distinct kernel down to loops",
      {Phase::Loops});
  add("nnc-llvm", "LLVM phase: host calls and LLVM dialect", {Phase::LLVM});
  add("nnc-cpu", "loops and LLVM phases for a CPU",
      {Phase::Loops, Phase::LLVM});
  // The same: the target decides.
  add("nnc-gpu", "loops and LLVM phases for a GPU, the target",
      {Phase::Loops, Phase::LLVM});
}
