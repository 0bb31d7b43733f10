//===----------------------------------------------------------------------===//
// Tests of .npz files and of the zip archives under them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npz.h"

#include "TestSupport.h"
#include "lib/DataIO/Zip.h"
#include "nnc/DataIO/Npy.h"

#include <zlib.h>

using namespace nncio;
using namespace nncio::test;

static std::string npyOf(const Tensor &tensor) {
  Result<NpyImage> image = serializeNpy(tensor);
  EXPECT_TRUE(image) << image.error();
  const Span data = image->data();
  return image->header +
         std::string(reinterpret_cast<const char *>(data.data), data.size);
}

static std::string deflated(const std::string &text) {
  z_stream stream = {};
  EXPECT_EQ(
      deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef *>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

template <typename T>
static std::string number(T value) {
  return std::string(reinterpret_cast<const char *>(&value), sizeof(T));
}

/// An archive of one deflated member, written independently of the library.
/// `claimedSize` is what the headers say.
static std::string deflatedArchive(const std::string &name,
                                   const std::string &content,
                                   uint32_t claimedSize) {
  const std::string packed = deflated(content);
  const uint32_t crc = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef *>(content.data()),
            static_cast<uInt>(content.size())));
  const std::string common =
      number<uint16_t>(20) + number<uint16_t>(0) + number<uint16_t>(8) +
      number<uint32_t>(0) + number(crc) +
      number(static_cast<uint32_t>(packed.size())) + number(claimedSize) +
      number(static_cast<uint16_t>(name.size())) + number<uint16_t>(0);
  const std::string local = "PK\3\4" + common + name + packed;
  const std::string central =
      "PK\1\2" + number<uint16_t>(20) + common + std::string(14, '\0') + name;
  return local + central + "PK\5\6" + number<uint32_t>(0) +
         number<uint16_t>(1) + number<uint16_t>(1) +
         number(static_cast<uint32_t>(central.size())) +
         number(static_cast<uint32_t>(local.size())) + number<uint16_t>(0);
}

/// Reads the only member, as readNpz does with a file.
static Result<Tensor> parseOnly(Span bytes) {
  Result<std::vector<ZipEntry>> entries = listZip(bytes);
  if (!entries)
    return Result<Tensor>::failure(entries.error());
  if (entries->size() != 1)
    return Result<Tensor>::failure("expected one member");
  FileBytes archive;
  archive.span = bytes;
  Result<FileBytes> member = readZipEntry(archive, entries->front());
  if (!member)
    return Result<Tensor>::failure(member.error());
  return parseNpy(member->span, nullptr);
}

TEST(Npz, RoundTripsAndLists) {
  TempFolder folder;
  const std::string path = folder / "x.npz";
  std::vector<NamedTensor> tensors;
  for (ElementType type : numberTypes())
    tensors.push_back({elementName(type), sampleTensor(type, {2, 3})});
  tensors.push_back({"empty", Tensor(ElementType::F32, {0})});
  tensors.push_back({"text", Tensor::fromStrings({2}, {"x", "yz"})});
  Status written = writeNpz(path, tensors);
  ASSERT_TRUE(written) << written.error();
  Result<std::vector<std::string>> keys = listNpz(path);
  ASSERT_TRUE(keys) << keys.error();
  ASSERT_EQ(keys->size(), tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ((*keys)[i], tensors[i].name);
    Result<Tensor> read = readNpz(path, tensors[i].name);
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(sameTensor(*read, tensors[i].tensor)) << tensors[i].name;
  }
  EXPECT_TRUE(readNpz(path, "f32.npy"));
  Result<Tensor> missing = readNpz(path, "nothing");
  EXPECT_TRUE(contains(missing.error(), "no array 'nothing'"));
  EXPECT_TRUE(contains(missing.error(), "'f32', 'ui8'"));
  EXPECT_TRUE(contains(readNpz(path, "").error(), "expected ':KEY'"));
}

TEST(Npz, EmptyArchive) {
  TempFolder folder;
  ASSERT_TRUE(writeNpz(folder / "x.npz", {}));
  Result<std::vector<std::string>> keys = listNpz(folder / "x.npz");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_TRUE(keys->empty());
  EXPECT_TRUE(contains(readNpz(folder / "x.npz", "a").error(), "none"));
}

TEST(Npz, DeflatedMember) {
  TempFolder folder;
  Tensor tensor(ElementType::F32, {1000, 33});
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.setDouble(i, static_cast<double>(i % 97) / 7);
  const std::string npy = npyOf(tensor);
  const std::string archive =
      deflatedArchive("input:0.npy", npy, static_cast<uint32_t>(npy.size()));
  ASSERT_LT(archive.size(), npy.size());
  ASSERT_TRUE(writeFile(folder / "x.npz", {Span(archive)}));
  Result<Tensor> read = readNpz(folder / "x.npz", "input:0");
  ASSERT_TRUE(read) << read.error();
  EXPECT_TRUE(sameTensor(*read, tensor));
  EXPECT_TRUE(readNpz(folder / "x.npz", "")) << "the only array needs no key";
}

TEST(Npz, DeflatedSizesMustBeTrue) {
  const std::string npy = npyOf(sampleTensor(ElementType::U8, {100}));
  const uint32_t size = static_cast<uint32_t>(npy.size());
  ASSERT_TRUE(parseOnly(deflatedArchive("a.npy", npy, size)));
  for (uint32_t claimed : {0u, size - 1, size + 1, size * 2}) {
    Result<Tensor> read = parseOnly(deflatedArchive("a.npy", npy, claimed));
    ASSERT_FALSE(read) << claimed;
    EXPECT_TRUE(contains(read.error(), "does not unpack"));
  }
  Result<Tensor> huge = parseOnly(deflatedArchive("a.npy", npy, 0xfffffff0));
  EXPECT_TRUE(contains(huge.error(), "more bytes than deflate can pack"));
}

TEST(Npz, Zip64) {
  TempFolder folder;
  const std::string npy = npyOf(sampleTensor(ElementType::I32, {5}));
  const std::string path = folder / "x.npz";
  ASSERT_TRUE(writeZip(
      path,
      {{"a.npy", {Span(npy)}},
       {"b.npy",
        {Span(npy.data(), 64), Span(npy.data() + 64, npy.size() - 64)}}},
      /*forceZip64=*/true));
  Result<std::vector<std::string>> keys = listNpz(path);
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(*keys, (std::vector<std::string>{"a", "b"}));
  for (const std::string &key : *keys) {
    Result<Tensor> read = readNpz(path, key);
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(sameTensor(*read, sampleTensor(ElementType::I32, {5})));
  }
}

TEST(Npz, CommentBehindTheEndRecord) {
  const std::string npy = npyOf(sampleTensor(ElementType::U8, {3}));
  std::string archive =
      deflatedArchive("a.npy", npy, static_cast<uint32_t>(npy.size()));
  archive[archive.size() - 2] = 5;
  EXPECT_TRUE(parseOnly(archive + "hello"));
  EXPECT_FALSE(parseOnly(archive + "hell"));
}

TEST(Npz, ChecksumIsVerified) {
  TempFolder folder;
  const std::string path = folder / "x.npz";
  const Tensor tensor = sampleTensor(ElementType::U8, {8});
  ASSERT_TRUE(writeNpz(path, {{"a", tensor}}));
  std::string archive = slurp(path);
  const size_t at = archive.find(std::string(
      reinterpret_cast<const char *>(tensor.data()), tensor.bytes()));
  ASSERT_NE(at, std::string::npos);
  archive[at + 3] ^= 1;
  EXPECT_TRUE(contains(parseOnly(archive).error(), "wrong checksum"));
}

TEST(Npz, EncryptedAndUnknownMethodsAreRefused) {
  const std::string npy = npyOf(sampleTensor(ElementType::U8, {3}));
  const std::string archive =
      deflatedArchive("a.npy", npy, static_cast<uint32_t>(npy.size()));
  const size_t central = archive.find("PK\1\2");
  std::string encrypted = archive;
  encrypted[central + 8] = 1;
  EXPECT_TRUE(contains(parseOnly(encrypted).error(), "encrypted"));
  std::string other = archive;
  other[central + 10] = 14;
  EXPECT_TRUE(contains(parseOnly(other).error(), "compression method 14"));
}

TEST(Npz, EveryTruncationFails) {
  TempFolder folder;
  const std::string npy = npyOf(sampleTensor(ElementType::F16, {3}));
  expectAllPrefixesFail(
      deflatedArchive("a.npy", npy, static_cast<uint32_t>(npy.size())),
      parseOnly);
  ASSERT_TRUE(writeZip(folder / "w.npz", {{"a.npy", {Span(npy)}}}, true));
  expectAllPrefixesFail(slurp(folder / "w.npz"), parseOnly);
}

TEST(Npz, FlippedBitsSurvive) {
  TempFolder folder;
  const std::string npy = npyOf(sampleTensor(ElementType::F16, {3}));
  expectFlipsSurvive(
      deflatedArchive("a.npy", npy, static_cast<uint32_t>(npy.size())),
      parseOnly);
  ASSERT_TRUE(writeZip(folder / "w.npz", {{"a.npy", {Span(npy)}}}, true));
  expectFlipsSurvive(slurp(folder / "w.npz"), parseOnly);
}
