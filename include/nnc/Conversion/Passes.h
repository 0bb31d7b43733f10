//===----------------------------------------------------------------------===//
// Conversions between dialects.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_CONVERSION_PASSES_H
#define NNC_CONVERSION_PASSES_H

#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class RewritePatternSet;
class TypeConverter;
namespace func {
class FuncOp;
} // namespace func
namespace arith {
class ArithDialect;
} // namespace arith
namespace linalg {
class LinalgDialect;
} // namespace linalg
namespace math {
class MathDialect;
} // namespace math
namespace scf {
class SCFDialect;
} // namespace scf
namespace tensor {
class TensorDialect;
} // namespace tensor
} // namespace mlir

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Conversion/Passes.h.inc"

/// Lowerings of one op group each; `converter` maps to storage types.
void populateNNElementwiseToLinalgPatterns(const TypeConverter &converter,
                                           RewritePatternSet &patterns);
void populateNNLinearToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);
void populateNNMovementToLinalgPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns);
void populateNNQuantizedToLinalgPatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns);
void populateNNRecurrentToLinalgPatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns);
void populateNNReductionToLinalgPatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns);
void populateNNResizeToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);
void populateNNSamplingToLinalgPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns);
void populateNNSelectionToLinalgPatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns);
void populateNNSignalToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);
void populateNNSuppressionToLinalgPatterns(const TypeConverter &converter,
                                           RewritePatternSet &patterns);
void populateNNClassicalToLinalgPatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns);
void populateNNPatchToLinalgPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns);
void populateNNRandomToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);
void populateNNUniqueToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);

#define GEN_PASS_REGISTRATION
#include "nnc/Conversion/Passes.h.inc"

} // namespace mlir::nnc

#endif // NNC_CONVERSION_PASSES_H
