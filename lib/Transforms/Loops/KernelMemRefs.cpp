//===----------------------------------------------------------------------===//
// Memrefs over the raw pointers of a kernel.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMemRefs.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

Value mlir::nnc::createMemRef(OpBuilder &builder, Location loc, MemRefType type,
                              Value pointer, ValueRange sizes) {
  LLVMTypeConverter converter(builder.getContext());
  auto number = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                    builder.getI64IntegerAttr(value));
  };
  MemRefDescriptor descriptor =
      MemRefDescriptor::poison(builder, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  descriptor.setConstantOffset(builder, loc, 0);
  SmallVector<Value> all;
  for (int64_t size : type.getShape()) {
    all.push_back(ShapedType::isDynamic(size) ? sizes.front() : number(size));
    if (ShapedType::isDynamic(size))
      sizes = sizes.drop_front();
  }
  Value stride = number(1);
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
    descriptor.setSize(builder, loc, axis, all[axis]);
    descriptor.setStride(builder, loc, axis, stride);
    if (axis)
      stride = builder.createOrFold<LLVM::MulOp>(loc, stride, all[axis]);
  }
  return UnrealizedConversionCastOp::create(builder, loc, type,
                                            Value(descriptor))
      .getResult(0);
}

Value mlir::nnc::getBase(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

bool mlir::nnc::getPureSlice(ValueRange values, SetVector<Operation *> &slice) {
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  bool isPure = true;
  options.filter = [&](Operation *op) {
    bool isSimple = isMemoryEffectFree(op) && op->getNumRegions() == 0;
    isPure &= isSimple;
    return isSimple;
  };
  for (Value value : values)
    if (value.getDefiningOp())
      (void)getBackwardSlice(value, &slice, options);
  return isPure;
}
