//===----------------------------------------------------------------------===//
// Readers of tensors: npy, npz, PNG and TensorProto.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"
#include "nnc/DataIO/Npy.h"
#include "nnc/DataIO/Npz.h"
#include "nnc/DataIO/Png.h"
#include "nnc/DataIO/TensorProto.h"

using namespace nncfuzz;

bool nncfuzz::isSeed(const std::string &extension) {
  return extension == ".npy" || extension == ".npz" || extension == ".png" ||
         extension == ".pb";
}

std::vector<uint8_t> nncfuzz::change(const std::vector<uint8_t> &bytes,
                                     uint64_t seed) {
  return changeBytes(bytes, seed);
}

/// Reads every element.
static void use(const nncio::Result<nncio::Tensor> &tensor) {
  if (!tensor || tensor->isSequence() || tensor->isAbsent())
    return;
  volatile double sum = 0;
  for (int64_t i = 0; i < tensor->size(); ++i)
    sum = sum + tensor->getDouble(i);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  nncio::Span span(data, size);
  use(nncio::parseNpy(span, nullptr));
  use(nncio::parsePng(span));
  if (auto read = nncio::parseTensorProto(span, nullptr))
    use(read->tensor);
  if (size < 4 || data[0] != 'P')
    return 0;
  InputFile file(data, size, ".npz");
  if (auto names = nncio::listNpz(file.getPath()))
    for (const std::string &name : *names)
      use(nncio::readNpz(file.getPath(), name));
  return 0;
}
