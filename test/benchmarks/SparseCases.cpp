//===----------------------------------------------------------------------===//
// Writes layers whose weights are partly 0, to hold sparse forms against dense
// ones.
//
//   nnc-sparse-cases FOLDER table         products of known figures
//   nnc-sparse-cases FOLDER COUNT SEED    random layers, sparsities and
//   patterns
//
// Each case is NAME.mlir with its weights in NAME.bin, and NAME_dense, the same
// without zeros; names are printed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

struct Layer {
  int64_t rows, depth, columns;
  int64_t blockColumns, blockDepth; ///< Zeros come in such blocks.
  double sparsity;
  bool areBytes;
  int64_t window = 0; ///< Side of a convolution's window, 0: a product.
};

} // namespace

/// The weights [outputs, depth]: random, blocks of them 0.
static std::vector<double> makeWeights(const Layer &layer,
                                       std::mt19937 &random) {
  const int64_t n = layer.columns,
                k = layer.depth *
                    std::max<int64_t>(1, layer.window * layer.window);
  std::vector<double> weights(static_cast<size_t>(n * k));
  std::uniform_real_distribution<double> number(-1, 1), share(0, 1);
  for (int64_t f = 0; f < n; f += layer.blockColumns)
    for (int64_t at = 0; at < k; at += layer.blockDepth) {
      if (share(random) < layer.sparsity)
        continue;
      for (int64_t i = f; i < std::min(n, f + layer.blockColumns); ++i)
        for (int64_t j = at; j < std::min(k, at + layer.blockDepth); ++j)
          weights[static_cast<size_t>(i * k + j)] = number(random);
    }
  return weights;
}

static void writeWeights(const Layer &layer, const std::string &path,
                         std::mt19937 &random) {
  std::vector<double> weights = makeWeights(layer, random);
  std::ofstream out(path, std::ios::binary);
  auto put = [&](double number) {
    if (layer.areBytes) {
      const auto byte = static_cast<int8_t>(number * 127);
      out.write(reinterpret_cast<const char *>(&byte), 1);
    } else {
      const auto value = static_cast<float>(number);
      out.write(reinterpret_cast<const char *>(&value), sizeof(value));
    }
  };
  if (layer.window) {
    for (double number : weights)
      put(number);
    return;
  }
  for (int64_t k = 0; k < layer.depth; ++k)
    for (int64_t f = 0; f < layer.columns; ++f)
      put(weights[static_cast<size_t>(f * layer.depth + k)]);
}

static std::string tensor(const std::vector<int64_t> &shape,
                          const char *element) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + element + ">";
}

static void writeModel(const Layer &layer, const std::string &folder,
                       const std::string &name) {
  std::ofstream out(folder + "/" + name + ".mlir");
  std::string x, w, y, op;
  if (layer.window) {
    // Places of a square image.
    int64_t side = 1;
    while (side * side < layer.rows)
      ++side;
    const int64_t pad = layer.window / 2;
    const std::string p = std::to_string(pad);
    x = tensor({1, layer.depth, side, side}, "f32");
    w = tensor({layer.columns, layer.depth, layer.window, layer.window}, "f32");
    y = tensor({1, layer.columns, side, side}, "f32");
    op = "nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [" + p + ", " +
         p + ", " + p + ", " + p + "]";
  } else {
    x = tensor({layer.rows, layer.depth}, layer.areBytes ? "ui8" : "f32");
    w = tensor({layer.depth, layer.columns}, layer.areBytes ? "i8" : "f32");
    y = tensor({layer.rows, layer.columns}, layer.areBytes ? "i32" : "f32");
    op = layer.areBytes ? "nn.matmul_integer %x, %w" : "nn.matmul %x, %w";
  }
  const int64_t bytes = layer.columns * layer.depth *
                        std::max<int64_t>(1, layer.window * layer.window) *
                        (layer.areBytes ? 1 : 4);
  out << "func.func @main(%x: " << x << " {nn.name = \"x\"}) -> (" << y
      << " {nn.name = \"y\"}) attributes {nn.entry} {\n"
      << "  %w = nn.weight \"w\" <\"" << folder << "/" << name
      << ".bin\", offset = 0, length = " << bytes << "> : " << w
      << "\n  %y = " << op << " : " << (layer.areBytes ? "(" : "") << x << ", "
      << w << (layer.areBytes ? ") -> " : " -> ") << y
      << "\n  return %y : " << y << "\n}\n";
}

static void write(const Layer &layer, const std::string &folder,
                  const std::string &name, std::mt19937 &random) {
  writeWeights(layer, folder + "/" + name + ".bin", random);
  writeModel(layer, folder, name);
  Layer dense = layer;
  dense.sparsity = 0;
  writeWeights(dense, folder + "/" + name + "_dense.bin", random);
  writeModel(dense, folder, name + "_dense");
  std::printf("%s\n", name.c_str());
}

static void writeTable(const std::string &folder, std::mt19937 &random) {
  for (int64_t depth : {768, 3072})
    for (bool areBytes : {false, true})
      for (int percent : {20, 25, 30, 35, 50, 70, 80, 90, 95}) {
        const Layer layer{128,
                          depth,
                          768,
                          areBytes ? 16 : 4,
                          areBytes ? 4 : 1,
                          percent / 100.0,
                          areBytes};
        write(layer, folder,
              std::string(areBytes ? "i8_16x4_" : "f32_4x1_") +
                  std::to_string(depth) + "x768_" + std::to_string(percent),
              random);
      }
}

static void writeRandom(const std::string &folder, int count,
                        std::mt19937 &random) {
  auto pick = [&](const std::vector<int64_t> &from) {
    return from[std::uniform_int_distribution<size_t>(0,
                                                      from.size() - 1)(random)];
  };
  std::uniform_real_distribution<double> share(0.2, 0.98);
  for (int i = 0; i < count; ++i) {
    Layer layer{pick({1, 4, 16, 49, 64, 128, 196, 256, 784}),
                pick({32, 64, 96, 128, 256, 384, 512, 768, 1024}),
                pick({16, 32, 60, 64, 128, 250, 256, 512, 768}),
                pick({1, 2, 4, 8, 16}),
                1,
                share(random),
                pick({0, 0, 0, 1}) == 1};
    if (layer.areBytes) {
      layer.blockColumns = 16;
      layer.blockDepth = 4;
    } else if (pick({0, 0, 1}) == 1) {
      layer.window = pick({1, 3});
      layer.depth = std::min<int64_t>(layer.depth, 256);
    }
    write(layer, folder, "case_" + std::to_string(i), random);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: nnc-sparse-cases FOLDER table | COUNT SEED\n");
    return 2;
  }
  std::mt19937 random(argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 1);
  if (std::string(argv[2]) == "table")
    writeTable(argv[1], random);
  else
    writeRandom(argv[1], std::atoi(argv[2]), random);
  return 0;
}
