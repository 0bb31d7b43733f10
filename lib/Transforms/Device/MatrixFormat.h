//===----------------------------------------------------------------------===//
// How units for matrices compute products of numbers in memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_DEVICE_MATRIXFORMAT_H
#define NNC_LIB_TRANSFORMS_DEVICE_MATRIXFORMAT_H

#include "Product.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::nnc {

/// What a lane has of 32 rows (or columns) of a factor, over the products of
/// `MatrixFormat::group`: of each of its four rows, the registers that
/// instructions take, in their order. `low` is what rounding has left of split
/// numbers.
struct MatrixFragment {
  std::array<SmallVector<Value, 4>, 4> registers;
  std::array<SmallVector<Value, 4>, 4> low;
};

/// An instruction `mma.sync` of 16 rows and 8 columns, and how its operands are
/// made of numbers in shared memory.
///
/// A sum may take its products in any order, so registers are filled in that of
/// memory: a lane takes 16 bytes that lie beside each other, and the registers
/// that these become stand for whichever products the instruction takes them
/// for, as long as both factors do it alike.
class MatrixFormat {
public:
  /// The format for a product of these types; nullopt if there is none, or if
  /// `precision` does not allow the one that there is.
  static std::optional<MatrixFormat> choose(const Product &product,
                                            StringRef precision);

  /// Of elements in memory, of either factor.
  int64_t getBytes() const { return bytes; }
  /// Products that a lane's 16 bytes of each of 4 lanes hold: 64 bytes' worth.
  int64_t getGroup() const { return 64 / bytes; }
  /// Is a number two in registers?
  bool isSplit() const { return kind == Kind::SplitTF32; }
  /// Registers of a row before conversion; numbers of 32 bits are one each.
  static constexpr unsigned wordsPerRow = 4;

  /// Makes a fragment of `words`: of each row four elements of f32, or four
  /// registers (i32) of narrower ones.
  MatrixFragment convert(OpBuilder &builder, Location loc,
                         ArrayRef<Value> words) const;

  /// The sums of 16 rows (2 of the four of `a`, from `row` on) and 8 columns
  /// (one of the four of `b`) after the products of a group: 4 values, (row,
  /// column) as (0, 0), (0, 1), (1, 0), (1, 1).
  SmallVector<Value> multiply(OpBuilder &builder, Location loc,
                              const MatrixFragment &a, unsigned row,
                              const MatrixFragment &b, unsigned column,
                              ArrayRef<Value> before) const;

private:
  enum class Kind { Float16, BFloat16, TF32, SplitTF32, Byte };

  SmallVector<Value, 4> convertRow(OpBuilder &builder, Location loc,
                                   ArrayRef<Value> words) const;

  Kind kind = Kind::Float16;
  int64_t bytes = 2;
  std::array<NVVM::MMATypes, 2> types;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_DEVICE_MATRIXFORMAT_H
