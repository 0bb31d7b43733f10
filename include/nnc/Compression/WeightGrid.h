//===----------------------------------------------------------------------===//
// The values that a weight of few bits may take, and how they are chosen.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_WEIGHTGRID_H
#define NNC_COMPRESSION_WEIGHTGRID_H

#include "mlir/IR/MLIRContext.h"
#include "nnc/DataIO/Tensor.h"
#include "llvm/ADT/ArrayRef.h"

#include <array>
#include <string>
#include <vector>

namespace mlir::nnc {

/// In which form weights are kept.
struct WeightFormat {
  enum class Kind { Integer, Float8, Float16, BFloat16 };
  Kind kind = Kind::Integer;
  /// Of integers: 2, 3, 4 or 8. Three take the place of four.
  int64_t bits = 4;
  /// Weights along the depth that share a scale; 0: all of a column. Floats of
  /// 16 bits have no scale.
  int64_t group = 32;
  /// Of integers: the range need not be even around 0.
  bool hasZeroPoints = false;

  bool hasScales() const {
    return kind == Kind::Integer || kind == Kind::Float8;
  }
  nncio::ElementType getElementType() const;
  /// "int4, groups of 32", for remarks.
  std::string describe() const;
  /// Bits a weight, those of scales and zero points included.
  double countBits(int64_t depth) const;
};

/// Scales and zero points of the weights [depth, columns] of a layer. Scales
/// are numbers of f16 where that can hold them with all its digits, since
/// kernels read those.
class WeightGrid {
public:
  WeightGrid(const WeightFormat &format, int64_t depth, int64_t columns);

  int64_t getGroups() const { return groups; }
  int64_t getGroupSize() const { return group; }

  /// Chooses the parameters of a group for `weight`, [depth, columns]. With
  /// `searches` those with the least error are looked for, each weight's times
  /// `importance`, one number an input, all alike if empty; else the largest
  /// weight is the largest value. Threads of `context` share the work.
  void fit(MLIRContext *context, int64_t group, llvm::ArrayRef<float> weight,
           llvm::ArrayRef<float> importance, bool searches);
  /// All groups.
  void fitAll(MLIRContext *context, llvm::ArrayRef<float> weight,
              llvm::ArrayRef<float> importance, bool searches);

  /// The value nearest to `wanted` that weight (input, column) may take.
  float choose(int64_t input, int64_t column, float wanted) const;

  /// The codes of `weight`, which has values of the grid, as [groups, group,
  /// columns], or [depth, columns] where there is one group. Zeros fill the
  /// last group.
  nncio::Tensor makeCodes(llvm::ArrayRef<float> weight) const;
  /// [groups, 1, columns], or [columns] where there is one group.
  nncio::Tensor makeScales() const;
  nncio::Tensor makeZeroPoints() const;

private:
  struct Column {
    float scale;
    int64_t zeroPoint;
  };
  int64_t encode(float value, const Column &column) const;
  float decode(int64_t code, const Column &column) const;
  struct ColumnBlock;
  struct BlockSums;
  using BlockColumns = std::array<Column, 8>;
  Column fitPlain(double low, double high, double share, bool flips) const;
  BlockColumns fitPlain(const ColumnBlock &block, double share,
                        bool flips) const;
  BlockSums measure(const ColumnBlock &block,
                    const BlockColumns &columns) const;
  BlockColumns search(const ColumnBlock &block) const;
  void fitBlock(int64_t group, int64_t column, llvm::ArrayRef<float> weight,
                llvm::ArrayRef<float> importance, bool searches);
  void fitGroups(MLIRContext *context, int64_t from, int64_t to,
                 llvm::ArrayRef<float> weight, llvm::ArrayRef<float> importance,
                 bool searches);
  const Column &at(int64_t input, int64_t column) const {
    return parameters[input / group * columns + column];
  }

  WeightFormat format;
  int64_t depth, columns, group, groups;
  int64_t lowest = 0, highest = 0; ///< Codes of integers.
  std::vector<Column> parameters;
};

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_WEIGHTGRID_H
