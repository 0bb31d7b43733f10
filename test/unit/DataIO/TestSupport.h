//===----------------------------------------------------------------------===//
// What the tests of files share: sample tensors, temporary folders, damage.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_DATAIO_TESTSUPPORT_H
#define NNC_TEST_UNIT_DATAIO_TESTSUPPORT_H

#include "nnc/DataIO/FileBytes.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>

namespace nncio::test {

inline const std::vector<ElementType> &numberTypes() {
  static const std::vector<ElementType> types = {
      ElementType::F32, ElementType::U8,  ElementType::I8,  ElementType::U16,
      ElementType::I16, ElementType::I32, ElementType::I64, ElementType::Bool,
      ElementType::F16, ElementType::F64, ElementType::U32, ElementType::U64,
      ElementType::BF16};
  return types;
}

/// Bytes that no two elements share, with both ends of the range.
inline Tensor sampleTensor(ElementType type, std::vector<int64_t> shape) {
  Tensor tensor(type, std::move(shape));
  uint8_t *data = tensor.mutableData();
  for (size_t i = 0; i < tensor.bytes(); ++i)
    data[i] = type == ElementType::Bool ? i % 3 == 0
                                        : static_cast<uint8_t>(i * 37 + 129);
  return tensor;
}

inline ::testing::AssertionResult sameTensor(const Tensor &a, const Tensor &b) {
  if (a.type() != b.type())
    return ::testing::AssertionFailure()
           << elementName(a.type()) << " is not " << elementName(b.type());
  if (a.shape() != b.shape())
    return ::testing::AssertionFailure() << "shapes differ";
  if (a.strings() != b.strings())
    return ::testing::AssertionFailure() << "strings differ";
  for (size_t i = 0; i < a.bytes(); ++i)
    if (a.data()[i] != b.data()[i])
      return ::testing::AssertionFailure() << "byte " << i << " differs";
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult contains(const std::string &text,
                                           const std::string &part) {
  if (text.find(part) != std::string::npos)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "'" << part << "' is not in: " << text;
}

/// Calls `parse(Span)` on every proper prefix, each in memory of its exact size
/// so that a sanitizer sees reads behind the end; each must fail with a
/// message.
template <typename F>
void expectAllPrefixesFail(const std::string &bytes, F &&parse) {
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::unique_ptr<uint8_t[]> copy(new uint8_t[size]);
    if (size != 0)
      std::memcpy(copy.get(), bytes.data(), size);
    auto result = parse(Span(copy.get(), size));
    ASSERT_FALSE(result) << "prefix of " << size << " bytes";
    ASSERT_FALSE(result.error().empty());
  }
}

/// Calls `parse(Span)` with each bit flipped in turn; it may succeed or fail
/// with a message.
template <typename F>
void expectFlipsSurvive(const std::string &bytes, F &&parse) {
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    copy[bit / 8] = static_cast<uint8_t>(copy[bit / 8] ^ 1 << bit % 8);
    auto result = parse(Span(copy.get(), bytes.size()));
    ASSERT_TRUE(result || !result.error().empty()) << "bit " << bit;
  }
}

/// A folder that goes away with the object.
class TempFolder {
public:
  TempFolder() {
    std::string pattern = ::testing::TempDir() + "nncioXXXXXX";
    folder = mkdtemp(pattern.data()) ? pattern : std::string();
  }
  ~TempFolder() {
    std::error_code ignored;
    if (!folder.empty())
      std::filesystem::remove_all(folder, ignored);
  }
  std::string operator/(const std::string &name) const {
    return folder + "/" + name;
  }

private:
  std::string folder;
};

inline std::string slurp(const std::string &path) {
  Result<FileBytes> file = readFile(path);
  EXPECT_TRUE(file) << file.error();
  return std::string(reinterpret_cast<const char *>(file->span.data),
                     file->span.size);
}

} // namespace nncio::test

#endif // NNC_TEST_UNIT_DATAIO_TESTSUPPORT_H
