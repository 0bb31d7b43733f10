//===----------------------------------------------------------------------===//
// The one list of dialects and passes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/HWDialect.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/Kern/Transforms/Passes.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/TilingInterfaceImpl.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Transforms/Passes.h"
#include "nnc/Compression/Passes.h"
#include "nnc/Compression/PrunePasses.h"
#include "nnc/Compression/WeightPasses.h"
#include "nnc/Conversion/Passes.h"
#include "nnc/InitAllDialects.h"
#include "nnc/InitAllPasses.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Transforms/BandPasses.h"
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"
#include "nnc/Transforms/SparsePasses.h"

using namespace mlir;

void mlir::nnc::registerAllDialects(DialectRegistry &registry) {
  registry.insert<hw::HWDialect, kern::KernDialect, nn::NNDialect>();
  registry
      .insert<affine::AffineDialect, arith::ArithDialect,
              bufferization::BufferizationDialect, cf::ControlFlowDialect,
              func::FuncDialect, LLVM::LLVMDialect, linalg::LinalgDialect,
              math::MathDialect, memref::MemRefDialect, NVVM::NVVMDialect,
              scf::SCFDialect, tensor::TensorDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  kern::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  linalg::registerTilingInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
}

void mlir::nnc::registerAllPasses() {
  registerCompressionPasses();
  registerConversionPasses();
  mlir::registerTransformsPasses(); // upstream's canonicalize, cse, …
  nnc::registerTransformsPasses();
  registerPrunePasses();
  registerBandPasses();
  registerSparsePasses();
  registerDevicePasses();
  kern::registerKernPasses();
  registerWeightPasses();
  registerPipelines();
}
