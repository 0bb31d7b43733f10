//===----------------------------------------------------------------------===//
// Lets products skip blocks of constant operands that are 0.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/SparsePasses.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/IR/Remarks.h"
#include "nnc/CostModel/Sparse.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_SPARSIFYWEIGHTSPASS
#include "nnc/Transforms/SparsePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("Sparse").category("nnc-sparsify-weights");
}

//===----------------------------------------------------------------------===//
// Constant operands
//===----------------------------------------------------------------------===//

namespace {
/// A constant matrix, by the steps of a contraction: element (position,
/// channel, column) of which lies at the sum of their strides. The depth is
/// positions by channels.
struct ConstantMatrix {
  nncio::Tensor tensor;
  int64_t positions, channels, columns;
  int64_t positionStride, channelStride, columnStride;

  int64_t getDepth() const { return positions * channels; }
  int64_t getWidth() const { return tensor.bytes() / tensor.size(); }
  const uint8_t *getElement(int64_t k, int64_t column) const {
    int64_t at = k / channels * positionStride + k % channels * channelStride +
                 column * columnStride;
    return tensor.data() + at * getWidth();
  }
  bool isZero(int64_t k, int64_t column) const {
    const uint8_t *element = getElement(k, column);
    if (getWidth() == 1)
      return *element == 0;
    uint32_t bits;
    std::memcpy(&bits, element, sizeof(bits));
    return (bits & 0x7fffffffu) == 0; // 0 and -0
  }
};

/// What a matrix becomes: the blocks of `columns` columns by `dot` elements.
struct Blocks {
  int64_t columns, dot;
  SmallVector<int32_t> starts, places;
};
} // namespace

/// Share of zeros in a sample, so that dense weights are not read in full.
static double sampleZeros(const ConstantMatrix &matrix) {
  constexpr int64_t most = 4096;
  int64_t all = matrix.getDepth() * matrix.columns;
  int64_t count = std::min(most, all), zeros = 0;
  // Steps that share no factor with a size of the matrix see all of it.
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = count == all ? i : int64_t(uint64_t(i) * 2654435761u % all);
    zeros += matrix.isZero(at / matrix.columns, at % matrix.columns);
  }
  return count ? double(zeros) / double(count) : 0;
}

static Blocks findBlocks(const ConstantMatrix &matrix, int64_t columns,
                         int64_t dot) {
  Blocks blocks{columns, dot, {0}, {}};
  for (int64_t first = 0; first < matrix.columns; first += columns) {
    int64_t last = std::min(first + columns, matrix.columns);
    for (int64_t step = 0; step < matrix.getDepth() / dot; ++step) {
      bool isZero = true;
      for (int64_t column = first; isZero && column < last; ++column)
        for (int64_t i = 0; isZero && i < dot; ++i)
          isZero = matrix.isZero(step * dot + i, column);
      if (!isZero)
        blocks.places.push_back(step);
    }
    blocks.starts.push_back(blocks.places.size());
  }
  // Constants without elements have no place in an artifact.
  if (blocks.places.empty()) {
    blocks.places.push_back(0);
    for (size_t i = 1; i < blocks.starts.size(); ++i)
      blocks.starts[i] = 1;
  }
  return blocks;
}

/// The elements of the blocks, [blocks, columns * dot].
static nncio::Tensor gatherValues(const ConstantMatrix &matrix,
                                  const Blocks &blocks) {
  int64_t count = blocks.places.size(), width = matrix.getWidth();
  nncio::Tensor values(matrix.tensor.type(),
                       {count, blocks.columns * blocks.dot});
  uint8_t *out = values.mutableData();
  std::memset(out, 0, values.bytes());
  for (size_t group = 0; group + 1 < blocks.starts.size(); ++group)
    for (int32_t block = blocks.starts[group]; block < blocks.starts[group + 1];
         ++block)
      for (int64_t i = 0; i < blocks.columns * blocks.dot; ++i) {
        int64_t column = int64_t(group) * blocks.columns + i / blocks.dot;
        int64_t k = int64_t(blocks.places[block]) * blocks.dot + i % blocks.dot;
        if (column < matrix.columns)
          std::memcpy(out + (block * blocks.columns * blocks.dot + i) * width,
                      matrix.getElement(k, column), width);
      }
  return values;
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

namespace {
/// A product or convolution that could have a sparse form.
struct Contraction {
  Operation *op;
  Value lhs;
  ConstantMatrix matrix;
  DenseI64ArrayAttr window; ///< Null: a product.
  bool areBytes, flips;
  /// Of the dense form the share that a transform could leave.
  double dense = 1;
};
} // namespace

static Type getSumType(Operation *op) {
  return cast<kern::EpilogueOpInterface>(op)
      .getEpilogue()
      .front()
      .getArgument(0)
      .getType();
}

/// True of types that sparse forms compute with: f32, or bytes with sums of
/// i32.
static bool hasSparseTypes(Operation *op, Value lhs, bool areBytes) {
  Type rows = getElementTypeOrSelf(lhs.getType());
  Type values = getElementTypeOrSelf(cast<kern::ContractionOpInterface>(op)
                                         .getPackedOperand()
                                         .get()
                                         .getType());
  return areBytes ? rows.isInteger(8)
                  : rows.isF32() && values.isF32() && getSumType(op).isF32();
}

static std::optional<Contraction> matchGemm(kern::GemmOp op,
                                            const nncio::Tensor &tensor) {
  auto rhs = cast<ShapedType>(op.getRhs().getType());
  if (op.getBatch() || op.isPacked() || rhs.getRank() != 2)
    return std::nullopt;
  bool isRows = op.getLayout() == kern::RhsLayout::Rows;
  int64_t depth = rhs.getDimSize(isRows ? 0 : 1),
          columns = rhs.getDimSize(isRows ? 1 : 0);
  ConstantMatrix matrix{
      tensor, 1, depth, columns, 0, isRows ? columns : 1, isRows ? 1 : depth};
  return Contraction{
      op, op.getLhs(), matrix, {}, kern::multipliesBytes(op), op.getFlips()};
}

static std::optional<Contraction>
matchConv(kern::ConvOp op, const nncio::Tensor &tensor, StringRef precision) {
  bool areBytes = kern::multipliesBytes(op);
  auto isPad = [](int64_t pad) { return pad != 0; };
  // What lies around bytes is a number of the run.
  if (op.getGroup() != 1 || op.isPacked() ||
      (areBytes && llvm::any_of(op.getPads(), isPad)))
    return std::nullopt;
  ArrayRef<int64_t> filter =
      cast<ShapedType>(op.getFilter().getType()).getShape();
  ArrayRef<int64_t> kernel = filter.drop_front(2);
  int64_t positions = llvm::product_of(kernel), channels = filter[1];
  ConstantMatrix matrix{tensor,    positions,           channels, filter[0], 1,
                        positions, channels * positions};
  SmallVector<int64_t> window(kernel);
  llvm::append_range(window, op.getStrides());
  llvm::append_range(window, op.getDilations());
  llvm::append_range(window, op.getPads());
  Contraction result{op,       op.getInput(),
                     matrix,   DenseI64ArrayAttr::get(op.getContext(), window),
                     areBytes, op.getFlips()};
  auto isOne = [](int64_t number) { return number == 1; };
  // F(2,3) needs 4 of 9 products, F(4,3) 1 of 4, and transforms.
  if (kernel == ArrayRef<int64_t>{3, 3} && !areBytes &&
      llvm::all_of(op.getStrides(), isOne) &&
      llvm::all_of(op.getDilations(), isOne))
    result.dense = precision == "relaxed" ? 0.3 : 0.5;
  return result;
}

/// `op` with its constant operand; nothing where there is no sparse form of it.
static std::optional<Contraction> match(Operation *op, nn::KernelOp kernel,
                                        StringRef precision) {
  auto contraction = dyn_cast<kern::ContractionOpInterface>(op);
  if (!contraction || cast<kern::EpilogueOpInterface>(op).getTilingAttr() ||
      !isa<kern::GemmOp, kern::ConvOp>(op))
    return std::nullopt;
  Value constant =
      getOutsideOf(getViewed(contraction.getPackedOperand().get()), kernel);
  auto type = dyn_cast<RankedTensorType>(constant.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() == 0 ||
      !nn::isConstantTensor(constant))
    return std::nullopt;
  bool areBytes = getSumType(op).isInteger(32);
  auto hasKnownEnd = [](Value tensor) {
    return !ShapedType::isDynamic(
        cast<ShapedType>(tensor.getType()).getShape().back());
  };
  if (!hasSparseTypes(op, op->getOperand(0), areBytes) ||
      !hasKnownEnd(op->getOperand(0)) || !hasKnownEnd(op->getResult(0)))
    return std::nullopt;
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(constant);
  if (!tensor)
    return std::nullopt;
  if (auto gemm = dyn_cast<kern::GemmOp>(op))
    return matchGemm(gemm, *tensor);
  return matchConv(cast<kern::ConvOp>(op), *tensor, precision);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
/// A sparse form with what it is predicted to take.
struct Choice {
  Blocks blocks;
  hw::TilingAttr tiling;
  double cycles = 0;
};

struct SparsifyWeights : nnc::impl::SparsifyWeightsPassBase<SparsifyWeights> {
  using SparsifyWeightsPassBase::SparsifyWeightsPassBase;

  void runOnOperation() override {
    machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    // Kernels of GPUs have no such form.
    if (machine.getGpu())
      return;
    if (!getWinogradTiles(precision)) {
      getOperation()->emitError("expects precision strict, default or relaxed, "
                                "but got '")
          << precision << "'";
      return signalPassFailure();
    }
    getOperation().walk([&](nn::KernelOp kernel) {
      SmallVector<Operation *> ops;
      for (Operation &op : kernel.getBody().front())
        if (isa<kern::ContractionOpInterface>(op))
          ops.push_back(&op);
      for (Operation *op : ops)
        visit(op, kernel);
    });
  }

private:
  void visit(Operation *op, nn::KernelOp kernel) {
    constexpr double leastZeros = 0.1;
    std::optional<Contraction> contraction = match(op, kernel, precision);
    if (!contraction || sampleZeros(contraction->matrix) < leastZeros)
      return;
    auto refuse = [&](const Twine &why) {
      remark::missed(op->getLoc(), getRemarkOpts()) << why.str();
    };
    if (precision == "strict")
      return refuse("precision strict multiplies with every 0");
    std::optional<Choice> choice = choose(*contraction);
    if (!choice)
      return refuse("no form of blocks fits its sizes");
    double dense = predictDense(*contraction);
    double gain = dense / choice->cycles;
    std::string text =
        llvm::formatv(
            "{0} blocks of {1} x {2} are predicted to take {3:F2} us, "
            "all of the matrix {4:F2}",
            choice->blocks.places.size(), choice->blocks.columns,
            choice->blocks.dot, toMicroseconds(choice->cycles),
            toMicroseconds(dense))
            .str();
    if (gain < minGain)
      return refuse(text);
    remark::passed(op->getLoc(), getRemarkOpts()) << text;
    replace(*contraction, *choice, kernel);
  }

  double toMicroseconds(double cycles) {
    double ghz = machine.getClockGHz();
    return ghz > 0 ? cycles / ghz * 1e-3 : 0;
  }

  /// As the choice of tilings counts: reading weights is hidden by half.
  double predictDense(const Contraction &contraction) {
    kern::Extents extents =
        cast<kern::EpilogueOpInterface>(contraction.op).getExtents();
    int64_t bytes = contraction.matrix.getWidth();
    if (contraction.areBytes) {
      bytes *= hw::getByteDot(machine.getName());
      extents.depth = llvm::divideCeil(extents.depth, bytes);
    }
    double cycles =
        rankTilings(machine, extents, getSumType(contraction.op), bytes)
            .front()
            .cycles;
    return cycles * contraction.dense +
           predictStreaming(machine, contraction.matrix.tensor.bytes()) / 2;
  }

  std::optional<Choice> choose(const Contraction &contraction) {
    Type sumType = getSumType(contraction.op);
    int64_t lanes = machine.getLanes(sumType);
    int64_t dot = contraction.areBytes ? hw::getByteDot(machine.getName()) : 1;
    SmallVector<int64_t> widths{lanes};
    if (!contraction.areBytes)
      for (int64_t width = 1; width < lanes && width <= 8; width *= 2)
        widths.push_back(width);
    const ConstantMatrix &matrix = contraction.matrix;
    if (matrix.channels % dot || (contraction.areBytes && dot == 1))
      return std::nullopt;
    ArrayRef<int64_t> result =
        cast<ShapedType>(contraction.op->getResult(0).getType()).getShape();
    int64_t rows = kern::multiplySizes(result.drop_back());
    std::optional<Choice> best;
    for (int64_t width : widths) {
      Choice choice{findBlocks(matrix, width, dot), {}, 0};
      SparseShape shape{rows,
                        matrix.columns,
                        matrix.getDepth() / dot,
                        int64_t(choice.blocks.places.size()),
                        width,
                        dot};
      choice.tiling = chooseSparseTiling(machine, shape, sumType);
      if (!fitsScratch(shape, choice.tiling))
        continue;
      TilingCost cost = predictSparse(machine, shape, sumType, choice.tiling);
      int64_t bytes = shape.blocks * (width * dot * matrix.getWidth() + 4);
      choice.cycles =
          cost.cycles + cost.stripCycles + predictStreaming(machine, bytes) / 2;
      if (!best || choice.cycles < best->cycles)
        best = std::move(choice);
    }
    return best;
  }

  /// Rows that were turned around stay in the second-level cache.
  bool fitsScratch(const SparseShape &shape, hw::TilingAttr tiling) {
    int64_t rows = std::max<int64_t>(tiling.getLanes() * tiling.getVectors(),
                                     tiling.getRows());
    return shape.steps * rows * 4 <= int64_t(machine.getL2Kib()) * 1024;
  }

  void replace(const Contraction &contraction, const Choice &choice,
               nn::KernelOp kernel) {
    auto op = cast<kern::EpilogueOpInterface>(contraction.op);
    OpBuilder builder(kernel);
    Block &body = kernel.getBody().front();
    auto addInput = [&](const nncio::Tensor &tensor) -> Value {
      Value constant = nn::ConstantOp::create(
          builder, op->getLoc(), nn::toAttribute(&getContext(), tensor));
      kernel.getInputsMutable().append(constant);
      return body.addArgument(constant.getType(), op->getLoc());
    };
    auto ints = [](ArrayRef<int32_t> numbers) {
      return nncio::Tensor::fromInts(
          nncio::ElementType::I32, {int64_t(numbers.size())},
          std::vector<int64_t>(numbers.begin(), numbers.end()));
    };
    Value values = addInput(gatherValues(contraction.matrix, choice.blocks));
    Value starts = addInput(ints(choice.blocks.starts));
    Value places = addInput(ints(choice.blocks.places));
    OpBuilder inside(op);
    SmallVector<Value> extras;
    for (OpOperand &extra : op.getExtrasMutable())
      extras.push_back(extra.get());
    auto sparse = kern::SparseOp::create(
        inside, op->getLoc(), op->getResultTypes(), choice.blocks.columns,
        contraction.lhs, values, starts, places, extras, op.getInit(),
        contraction.window, op.getExtraMaps(), choice.tiling, choice.blocks.dot,
        contraction.flips);
    sparse.getEpilogue().takeBody(op.getEpilogue());
    Value old = cast<kern::ContractionOpInterface>(contraction.op)
                    .getPackedOperand()
                    .get();
    op->replaceAllUsesWith(sparse->getResults());
    op->erase();
    eraseUnusedViews(old.getDefiningOp());
    dropUnusedInputs(kernel);
  }

  hw::TargetAttr machine;
};
} // namespace
