//===----------------------------------------------------------------------===//
// Transforms of weights against plain loops, however the work is cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/WeightTransforms.h"
#include "dialects/NN/IR/NNConstants.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <cstring>
#include <random>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

namespace {
using Shape = SmallVector<int64_t>;

class WeightTransforms : public testing::Test {
protected:
  WeightTransforms() { context.loadDialect<NNDialect>(); }

  RankedTensorType typeOf(const nncio::Tensor &tensor) {
    return RankedTensorType::get(tensor.shape(),
                                 fromElementType(&context, tensor.type()));
  }

  nncio::Tensor random(nncio::ElementType type, std::vector<int64_t> shape) {
    nncio::Tensor tensor(type, std::move(shape));
    uint8_t *out = tensor.mutableData();
    for (size_t i = 0; i < tensor.bytes(); ++i)
      out[i] = uint8_t(generator() | 1); // nothing is zero
    return tensor;
  }
  nncio::Tensor randomFloats(nncio::ElementType type,
                             std::vector<int64_t> shape) {
    nncio::Tensor tensor(type, std::move(shape));
    std::normal_distribution<double> normal;
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setDouble(i, normal(generator));
    return tensor;
  }

  nncio::Tensor apply(const nncio::Tensor &tensor,
                      ArrayRef<Attribute> transforms) {
    nncio::Result<nncio::Tensor> result =
        applyTransforms(typeOf(tensor), tensor, transforms);
    EXPECT_TRUE(bool(result)) << result.error();
    return *result;
  }

  void checkRelayout(nncio::ElementType type, Shape shape, Shape pad,
                     Shape split, Shape perm);

  MLIRContext context;
  std::mt19937 generator{1};
};
} // namespace

static void fillIndices(int64_t linear, ArrayRef<int64_t> shape,
                        SmallVectorImpl<int64_t> &indices) {
  indices.resize(shape.size());
  for (int64_t i = int64_t(shape.size()) - 1; i >= 0; --i) {
    indices[i] = linear % shape[i];
    linear /= shape[i];
  }
}

/// Element by element, by the definition. `split` and `perm` must be given.
static std::vector<uint8_t> relayout(const nncio::Tensor &tensor, Shape shape,
                                     Shape pad, Shape split, Shape perm) {
  Shape padded(shape), sizes;
  for (auto [size, more] : llvm::zip(padded, pad))
    size += more;
  for (int64_t dim : perm)
    sizes.push_back(split[dim]);
  int64_t width = nncio::elementBytes(tensor.type());
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  std::vector<uint8_t> result(count * width);
  for (int64_t i = 0; i < count; ++i) {
    Shape permuted, indices(split.size()), place;
    fillIndices(i, sizes, permuted);
    for (auto [dim, index] : llvm::zip(perm, permuted))
      indices[dim] = index;
    int64_t linear = 0, from = 0;
    for (auto [index, size] : llvm::zip(indices, split))
      linear = linear * size + index;
    fillIndices(linear, padded, place);
    bool inside = true;
    for (auto [index, size] : llvm::zip(place, shape)) {
      inside &= index < size;
      from = from * size + index;
    }
    if (inside)
      std::memcpy(&result[i * width], tensor.data() + from * width, width);
  }
  return result;
}

void WeightTransforms::checkRelayout(nncio::ElementType type, Shape shape,
                                     Shape pad, Shape split, Shape perm) {
  // One byte off, as in a file.
  std::vector<int64_t> dims(shape.begin(), shape.end());
  nncio::Tensor aligned = random(type, dims);
  std::vector<uint8_t> bytes(aligned.bytes() + 1);
  std::copy_n(aligned.data(), aligned.bytes(), bytes.begin() + 1);
  nncio::Tensor tensor(type, dims, bytes.data() + 1, nullptr);
  auto attr = RelayoutAttr::get(&context, shape, pad, split, perm);
  std::vector<uint8_t> expected = relayout(tensor, shape, pad, split, perm);
  nncio::Tensor whole = apply(tensor, attr);
  ASSERT_EQ(whole.bytes(), expected.size());
  EXPECT_EQ(std::vector(whole.data(), whole.data() + whole.bytes()), expected);
  // However the work is cut, in whatever order, each byte is written.
  std::vector<uint8_t> pieces(expected.size(), 0xff);
  int64_t units = attr.getNumUnits(typeOf(tensor));
  for (int64_t end = units; end > 0;) {
    int64_t begin = std::max<int64_t>(0, end - 1 - int64_t(generator() % 7));
    attr.applyUnits(typeOf(tensor), tensor.data(), pieces.data(), begin, end);
    end = begin;
  }
  EXPECT_EQ(pieces, expected);
}

TEST_F(WeightTransforms, packsMatrices) {
  using nncio::ElementType;
  for (ElementType type :
       {ElementType::I8, ElementType::F16, ElementType::F32, ElementType::F64})
    for (int64_t rows : {1, 3, 64, 131})
      for (int64_t columns : {1, 15, 16, 17, 100}) {
        int64_t pad = (16 - columns % 16) % 16, panels = (columns + pad) / 16;
        checkRelayout(type, {rows, columns}, {0, pad}, {rows, panels, 16},
                      {1, 0, 2});
        checkRelayout(type, {columns, rows}, {pad, 0}, {panels, 16, rows},
                      {0, 2, 1});
        checkRelayout(type, {rows, columns}, {0, 0}, {rows, columns}, {1, 0});
        // Rows in fours, as dot products of bytes take them.
        int64_t more = (4 - rows % 4) % 4, fours = (rows + more) / 4;
        checkRelayout(type, {rows, columns}, {more, pad},
                      {fours, 4, panels, 16}, {2, 0, 3, 1});
      }
}

TEST_F(WeightTransforms, packsFilters) {
  nncio::ElementType type = nncio::ElementType::F32;
  for (int64_t filters : {1, 5, 8, 20})
    for (int64_t channels : {1, 3, 8})
      for (int64_t kernel : {1, 3}) {
        int64_t pad = (8 - filters % 8) % 8, panels = (filters + pad) / 8;
        checkRelayout(type, {filters, channels, kernel, kernel}, {pad, 0, 0, 0},
                      {panels, 8, channels, kernel, kernel}, {0, 3, 4, 2, 1});
        // In groups.
        checkRelayout(
            type, {2, filters, channels, kernel, kernel}, {0, pad, 0, 0, 0},
            {2, panels, 8, channels, kernel, kernel}, {0, 1, 4, 5, 3, 2});
        // Depthwise.
        checkRelayout(type, {filters, kernel, kernel}, {pad, 0, 0},
                      {panels, 8, kernel, kernel}, {0, 2, 3, 1});
      }
}

TEST_F(WeightTransforms, laysOutOddShapes) {
  nncio::ElementType type = nncio::ElementType::I16;
  checkRelayout(type, {0, 3}, {2, 0}, {2, 3}, {1, 0});
  checkRelayout(type, {0, 3}, {0, 1}, {0, 4}, {1, 0});
  checkRelayout(type, {1}, {3}, {2, 2}, {1, 0});
  checkRelayout(type, {7, 1}, {0, 3}, {7, 2, 2}, {2, 0, 1});
  checkRelayout(type, {1, 1, 1}, {0, 0, 0}, {1, 1, 1, 1}, {3, 1, 0, 2});
  checkRelayout(type, {5, 6, 7}, {1, 2, 1}, {2, 3, 8, 2, 4}, {4, 2, 0, 3, 1});
  checkRelayout(type, {12, 5}, {4, 0}, {2, 4, 2, 5}, {1, 3, 0, 2});
}

TEST_F(WeightTransforms, sharesLargeWorkBetweenThreads) {
  checkRelayout(nncio::ElementType::F32, {1500, 1001}, {0, 7}, {1500, 63, 16},
                {1, 0, 2});
  checkRelayout(nncio::ElementType::F32, {1500, 1001}, {0, 0}, {1500, 1001},
                {1, 0});
}

TEST_F(WeightTransforms, refusesLayoutsThatDoNotFit) {
  std::string message;
  context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  auto emit = [&] { return emitError(UnknownLoc::get(&context)); };
  auto make = [&](Shape shape, Shape pad, Shape split, Shape perm) {
    message.clear();
    auto list = [&](const Shape &values) {
      return DenseI64ArrayAttr::get(&context, values);
    };
    return bool(RelayoutAttr::getChecked(emit, &context, list(shape), list(pad),
                                         list(split), list(perm)));
  };
  constexpr int64_t max = std::numeric_limits<int64_t>::max();
  EXPECT_TRUE(make({2, 3}, {}, {}, {}));
  EXPECT_FALSE(make({max, 3}, {}, {}, {}));
  EXPECT_FALSE(make({-1}, {}, {}, {}));
  EXPECT_FALSE(make({2, 3}, {1}, {}, {}));
  EXPECT_FALSE(make({2, 3}, {0, -1}, {}, {}));
  EXPECT_FALSE(make({2, 3}, {max, 0}, {}, {}));
  EXPECT_FALSE(make({2, 3}, {}, {3, 2}, {}));
  EXPECT_FALSE(make({4, 3}, {}, {2, 2}, {}));
  EXPECT_FALSE(make({4, 3}, {}, {2, 2, 3, 2}, {}));
  EXPECT_FALSE(make({4, 3}, {}, {-2, -2, 3}, {}));
  EXPECT_NE(message.find("split into parts"), std::string::npos) << message;
  EXPECT_FALSE(make({2, 3}, {}, {}, {0, 0}));
  EXPECT_FALSE(make({2, 3}, {}, {}, {0}));
  EXPECT_FALSE(make({2, 3}, {}, {}, {1, 2}));
  EXPECT_NE(message.find("permutation of 2"), std::string::npos) << message;
}

TEST_F(WeightTransforms, scalesAlongADimension) {
  using nncio::ElementType;
  for (ElementType type : {ElementType::F32, ElementType::F64, ElementType::F16,
                           ElementType::BF16})
    for (int64_t axis : {0, 1, 2}) {
      nncio::Tensor weight = randomFloats(type, {3, 4, 5});
      int64_t count = weight.shape()[axis], inner = 1;
      for (int64_t i = axis + 1; i < 3; ++i)
        inner *= weight.shape()[i];
      nncio::Tensor factors = randomFloats(ElementType::F32, {count});
      nncio::Tensor expected(type, weight.shape());
      for (int64_t i = 0; i < weight.size(); ++i)
        expected.setDouble(i, weight.getDouble(i) *
                                  factors.getDouble(i / inner % count));
      nncio::Tensor result =
          apply(weight,
                ScaleAttr::get(&context, axis, toAttribute(&context, factors)));
      EXPECT_EQ(result.toDoubles(), expected.toDoubles());
    }
}

/// A convolution of one input tile by the filter in `result`, at channel `c`
/// and filter `f`, has to give what the direct one gives.
static void checkWinograd(const nncio::Tensor &filters,
                          const nncio::Tensor &result, int64_t tile,
                          ArrayRef<double> dataMatrix,
                          ArrayRef<double> outMatrix, double tolerance) {
  int64_t points = tile + 2, count = filters.shape()[0];
  int64_t channels = filters.shape()[1];
  std::vector<double> input(points * points);
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = double(i * 7 % 11) - 5;
  auto sandwich = [](ArrayRef<double> left, ArrayRef<double> middle, int64_t n,
                     int64_t k) {
    std::vector<double> out(n * n);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        for (int64_t a = 0; a < k; ++a)
          for (int64_t b = 0; b < k; ++b)
            out[i * n + j] +=
                left[i * k + a] * middle[a * k + b] * left[j * k + b];
    return out;
  };
  std::vector<double> spread = sandwich(dataMatrix, input, points, points);
  for (int64_t f = 0; f < count; ++f)
    for (int64_t c = 0; c < channels; ++c) {
      std::vector<double> products(points * points);
      for (int64_t p = 0; p < points * points; ++p)
        products[p] =
            spread[p] * result.getDouble((p * channels + c) * count + f);
      std::vector<double> out = sandwich(outMatrix, products, tile, points);
      for (int64_t y = 0; y < tile; ++y)
        for (int64_t x = 0; x < tile; ++x) {
          double sum = 0;
          for (int64_t i = 0; i < 9; ++i)
            sum += input[(y + i / 3) * points + x + i % 3] *
                   filters.getDouble((f * channels + c) * 9 + i);
          EXPECT_NEAR(out[y * tile + x], sum, tolerance);
        }
    }
}

TEST_F(WeightTransforms, transformsFiltersForWinograd) {
  // B^T and A^T of Lavin and Gray.
  const double data2[] = {1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, 1, 0, -1};
  const double out2[] = {1, 1, 1, 0, 0, 1, -1, -1};
  const double data4[] = {4, 0, -5, 0,  1, 0, 0, -4, -4, 1,  1, 0,
                          0, 4, -4, -1, 1, 0, 0, -2, -1, 2,  1, 0,
                          0, 2, -1, -2, 1, 0, 0, 4,  0,  -5, 0, 1};
  const double out4[] = {1, 1, 1, 1, 1, 0, 0, 1, -1, 2, -2, 0,
                         0, 1, 1, 4, 4, 0, 0, 1, -1, 8, -8, 1};
  for (auto [filters, channels] :
       {std::pair(1, 1), std::pair(17, 9), std::pair(16, 8), std::pair(0, 3)}) {
    nncio::Tensor weight =
        randomFloats(nncio::ElementType::F32, {filters, channels, 3, 3});
    nncio::Tensor small = apply(weight, WinogradAttr::get(&context, 2));
    EXPECT_EQ(small.shape(), (std::vector<int64_t>{16, channels, filters}));
    checkWinograd(weight, small, 2, data2, out2, 1e-4);
    nncio::Tensor large = apply(weight, WinogradAttr::get(&context, 4));
    checkWinograd(weight, large, 4, data4, out4, 1e-3);
  }
  nncio::Tensor half = randomFloats(nncio::ElementType::F16, {2, 3, 3, 3});
  checkWinograd(half, apply(half, WinogradAttr::get(&context, 2)), 2, data2,
                out2, 0.2);
}

TEST_F(WeightTransforms, appendsToWeightsAndComputesConstants) {
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module =
      ModuleOp::create(builder, builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto type = RankedTensorType::get({2, 3}, builder.getF32Type());
  Value weight = WeightOp::create(builder, builder.getUnknownLoc(), type, "w",
                                  DataAttr::get(&context, "m", 8, 24));
  Attribute flat = RelayoutAttr::get(&context, {6}, {}, {}, {});
  Attribute turn = RelayoutAttr::get(&context, {2, 3}, {}, {}, {1, 0});
  FailureOr<Value> once = transformWeight(builder, weight, {flat});
  ASSERT_TRUE(succeeded(once));
  EXPECT_EQ(cast<RankedTensorType>(once->getType()).getShape(),
            ArrayRef<int64_t>({6}));
  FailureOr<Value> twice = transformWeight(builder, *once, {turn});
  ASSERT_TRUE(succeeded(twice));
  // The first only changed the shape, which the second gives itself.
  DataAttr data = twice->getDefiningOp<WeightOp>().getData();
  EXPECT_EQ(data.getTransforms(), ArrayRef<Attribute>({turn}));
  EXPECT_EQ(data.getStored(), type);
  EXPECT_TRUE(failed(
      transformWeight(builder, weight, {WinogradAttr::get(&context, 2)})));
  EXPECT_TRUE(
      failed(transformWeight(builder, weight, {builder.getUnitAttr()})));

  auto value = DenseElementsAttr::get(type, ArrayRef<float>{1, 2, 3, 4, 5, 6});
  Value constant = ConstantOp::create(builder, builder.getUnknownLoc(), value);
  FailureOr<Value> turned = transformWeight(builder, constant, {turn});
  ASSERT_TRUE(succeeded(turned));
  auto folded =
      cast<DenseElementsAttr>(turned->getDefiningOp<ConstantOp>().getValue());
  EXPECT_EQ(llvm::to_vector(folded.getValues<float>()),
            (SmallVector<float>{1, 4, 2, 5, 3, 6}));
}
