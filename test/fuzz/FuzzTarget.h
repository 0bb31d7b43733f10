//===----------------------------------------------------------------------===//
// What a fuzz target consists of. It must come back from any bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_FUZZ_FUZZTARGET_H
#define NNC_TEST_FUZZ_FUZZTARGET_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// libFuzzer's entry point.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace nncfuzz {

/// Whether files of this extension, ".mlir" say, are inputs of the target.
bool isSeed(const std::string &extension);

/// The bytes with a few changes, which depend on `seed` alone. changeBytes
/// knows nothing of what they mean, changeText keeps lines and words together.
std::vector<uint8_t> change(const std::vector<uint8_t> &bytes, uint64_t seed);
std::vector<uint8_t> changeBytes(std::vector<uint8_t> bytes, uint64_t seed);
std::vector<uint8_t> changeText(const std::vector<uint8_t> &bytes,
                                uint64_t seed);

/// A file that holds an input; gone with the object.
class InputFile {
public:
  InputFile(const uint8_t *data, size_t size, const char *extension);
  ~InputFile();
  const std::string &getPath() const { return path; }

private:
  std::string path;
};

} // namespace nncfuzz

#endif // NNC_TEST_FUZZ_FUZZTARGET_H
