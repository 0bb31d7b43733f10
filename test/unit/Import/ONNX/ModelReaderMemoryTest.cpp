//===----------------------------------------------------------------------===//
// Memory that loading a large model takes: the weights must not count.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReaderTestUtil.h"
#include "llvm/Support/MemoryBuffer.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::test;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kGiB = 1 << 30;

static std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

/// The start of a field of `length` bytes.
static std::string head(unsigned field, uint64_t length) {
  return varint(uint64_t{field} << 3 | 2) + varint(length);
}

/// Writes a model with `count` u8 initializers of `bytes` each. The weights are
/// a hole in the file unless `filled`, when they are in the page cache.
static void writeModel(const std::string &path, uint64_t count, uint64_t bytes,
                       bool filled) {
  std::string tensor =
      "\x08" + varint(bytes) + "\x10\x02" + head(8, 1) + "w" + head(9, bytes);
  std::string initializer = head(5, tensor.size() + bytes) + tensor;
  std::string start =
      "\x08\x08" + head(7, count * (initializer.size() + bytes));
  std::string payload(filled ? bytes : 0, 'p');
  int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  ASSERT_GE(fd, 0);
  uint64_t at = 0;
  auto put = [&](const std::string &text) {
    ASSERT_EQ(pwrite(fd, text.data(), text.size(), at), ssize_t(text.size()));
    at += text.size();
  };
  put(start);
  for (uint64_t i = 0; i != count; ++i) {
    put(initializer);
    put(payload);
    at += bytes - payload.size();
  }
  ASSERT_EQ(ftruncate(fd, at), 0);
  close(fd);
}

/// Peak resident memory of this process in bytes.
static uint64_t peakMemory() {
  auto status = llvm::MemoryBuffer::getFileAsStream("/proc/self/status");
  if (!status)
    return 0;
  llvm::StringRef line = (*status)->getBuffer().split("VmHWM:").second;
  uint64_t kib = 0;
  line.split("kB").first.trim().getAsInteger(10, kib);
  return kib << 10;
}

/// Loads the model in a child, which starts with no more than it uses now, and
/// gives the growth of its peak in MiB; -1 if loading fails or finds less than
/// all tensors.
static int loadGrowth(const std::string &path, uint64_t count) {
  int ends[2];
  if (pipe(ends) != 0)
    return -1;
  pid_t child = fork();
  if (child == 0) {
    uint64_t before = peakMemory();
    llvm::Expected<LoadedModel> model = loadModel(path);
    uint64_t growth = (peakMemory() - before) / kMiB;
    int result = -1;
    if (!model)
      llvm::errs() << llvm::toString(model.takeError()) << '\n';
    else if (model->sources.size() == count && before != 0)
      result = static_cast<int>(growth);
    bool sent = write(ends[1], &result, sizeof(result)) == sizeof(result);
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  int result = -1;
  if (read(ends[0], &result, sizeof(result)) != sizeof(result))
    result = -1;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

static void expectSmall(uint64_t count, uint64_t bytes, bool filled) {
  TempFolder folder;
  std::string path = folder.path("m.onnx");
  writeModel(path, count, bytes, filled);
  int growth = loadGrowth(path, count);
  EXPECT_GE(growth, 0);
  EXPECT_LT(growth, 100);
  ::testing::Test::RecordProperty("growth_mib", growth);
}

TEST(ModelReaderMemory, OneTensorOfOneGiB) { expectSmall(1, kGiB, false); }

TEST(ModelReaderMemory, TenThousandTensors) {
  expectSmall(10000, kGiB / 10000, false);
}

// Reading one byte makes the cached pages around it resident.
TEST(ModelReaderMemory, TenThousandCachedTensors) {
  expectSmall(10000, 30000, true);
}

TEST(ModelReaderMemory, FileAboveFourGiB) {
  expectSmall(3, 5 * kGiB / 2, false);
}
