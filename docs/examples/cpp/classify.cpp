// Opens a compiled model at run time, by the C++ wrapper, and asks it what it
// takes. Links libnncrt.a and no model.
//
//   c++ -std=c++17 classify.cpp $(pkg-config --cflags --libs nnc) -o classify
//   ./classify digits.so
#include "nnc/Runtime/nnc.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

int main(int argc, char **argv) {
  nnc::Model model;
  if (nnc::Status status = nnc::Model::open(argc > 1 ? argv[1] : "", model);
      !status) {
    std::fprintf(stderr, "%s\n", status.message());
    return 1;
  }
  nnc::Context context;
  if (nnc::Status status = nnc::Context::create(model, context); !status) {
    std::fprintf(stderr, "%s\n", status.message());
    return 1;
  }
  // A bar down the middle.
  std::array<float, 64> image = {};
  for (int row = 0; row < 8; ++row)
    image[row * 8 + 3] = image[row * 8 + 4] = 1;
  std::array<float, 10> logits = {};
  nnc_value input = nnc::tensor(image.data(), {1, 1, 8, 8});
  nnc_value output = nnc::tensor(logits.data(), {1, 10});
  if (nnc::Status status = context.run(&input, 1, &output, 1); !status) {
    std::fprintf(stderr, "%s\n", status.message());
    return 1;
  }
  std::printf("digit %td\n",
              std::max_element(logits.begin(), logits.end()) - logits.begin());
}
