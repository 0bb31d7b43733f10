//===----------------------------------------------------------------------===//
// Tests of .npy files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npy.h"

#include "TestSupport.h"

#include <algorithm>

using namespace nncio;
using namespace nncio::test;

/// A file as NumPy writes it, of any version and dictionary.
static std::string npyFile(const std::string &dict, const std::string &data,
                           char version = 1) {
  std::string file = "\x93NUMPY";
  file += version;
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += static_cast<char>(dict.size() >> (8 * i));
  return file + dict + data;
}

static std::string dictOf(const std::string &descr, const std::string &shape,
                          bool fortran = false) {
  return "{'descr': '" + descr +
         "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

static Result<Tensor> parse(Span bytes) { return parseNpy(bytes, nullptr); }

static std::string bytesOf(const Tensor &tensor) {
  return std::string(reinterpret_cast<const char *>(tensor.data()),
                     tensor.bytes());
}

static std::string fileOf(const Tensor &tensor) {
  Result<NpyImage> image = serializeNpy(tensor);
  EXPECT_TRUE(image) << image.error();
  const Span data = image->data();
  return image->header +
         std::string(reinterpret_cast<const char *>(data.data), data.size);
}

TEST(Npy, EveryTypeAndShapeRoundTrips) {
  TempFolder folder;
  for (ElementType type : numberTypes())
    for (const std::vector<int64_t> &shape : std::vector<std::vector<int64_t>>{
             {}, {1}, {0}, {7}, {3, 0, 2}, {3, 5}, {2, 1, 3, 1}}) {
      const Tensor tensor = sampleTensor(type, shape);
      const std::string path = folder / "x.npy";
      Status written = writeNpy(path, tensor);
      ASSERT_TRUE(written) << written.error();
      Result<Tensor> read = readNpy(path);
      ASSERT_TRUE(read) << read.error();
      EXPECT_TRUE(sameTensor(*read, tensor));
    }
}

TEST(Npy, HeaderIsWhatNumPyWrites) {
  const std::string file = fileOf(sampleTensor(ElementType::F32, {2, 3}));
  EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(file.substr(10, 60),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ");
  EXPECT_EQ(file.size(), 128u + 24u);
  EXPECT_EQ(file[127], '\n');
  EXPECT_TRUE(contains(fileOf(sampleTensor(ElementType::Bool, {4})),
                       "'|b1', 'fortran_order': False, 'shape': (4,), }"));
  EXPECT_TRUE(contains(fileOf(sampleTensor(ElementType::BF16, {})), "'<V2'"));
  EXPECT_TRUE(
      contains(fileOf(sampleTensor(ElementType::BF16, {})), "'shape': (), }"));
}

TEST(Npy, LaterVersionsAndOldSpellings) {
  for (char version : {1, 2, 3}) {
    Result<Tensor> tensor = parse(
        npyFile(dictOf("<i2", "(2,)"), std::string("\1\0\2\0", 4), version));
    ASSERT_TRUE(tensor) << tensor.error();
    EXPECT_EQ(tensor->toInts(), (std::vector<int64_t>{1, 2}));
  }
  Result<Tensor> old = parse(npyFile(
      "{\"shape\":(1L, 2L),\"fortran_order\":False,\"descr\":\"|u1\"}", "ab"));
  ASSERT_TRUE(old) << old.error();
  EXPECT_EQ(old->shape(), (std::vector<int64_t>{1, 2}));
}

TEST(Npy, BigEndianIsConverted) {
  for (ElementType type : numberTypes()) {
    const size_t unit = elementBytes(type);
    if (unit == 1)
      continue;
    const Tensor tensor = sampleTensor(type, {3});
    std::string data = bytesOf(tensor);
    for (size_t i = 0; i < data.size(); i += unit)
      std::reverse(data.begin() + static_cast<ptrdiff_t>(i),
                   data.begin() + static_cast<ptrdiff_t>(i + unit));
    const std::string kind = type == ElementType::BF16 ? "V"
                             : isFloat(type)           ? "f"
                             : isUnsigned(type)        ? "u"
                                                       : "i";
    Result<Tensor> read =
        parse(npyFile(dictOf(">" + kind + std::to_string(unit), "(3,)"), data));
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(sameTensor(*read, tensor)) << elementName(type);
  }
}

TEST(Npy, FortranOrderIsConverted) {
  // Element [i][j][k] = 100i + 10j + k of shape 2x3x2, first index fastest.
  std::string data;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i)
        data += static_cast<char>(100 * i + 10 * j + k);
  Result<Tensor> tensor =
      parse(npyFile(dictOf("|u1", "(2, 3, 2)", true), data));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->toInts(), (std::vector<int64_t>{0, 1, 10, 11, 20, 21, 100,
                                                    101, 110, 111, 120, 121}));
  Result<Tensor> strings =
      parse(npyFile(dictOf("|S1", "(2, 2)", true), "abcd"));
  ASSERT_TRUE(strings) << strings.error();
  EXPECT_EQ(strings->strings(), (std::vector<std::string>{"a", "c", "b", "d"}));
  EXPECT_TRUE(parse(npyFile(dictOf("<f4", "(0, 3)", true), "")));
  const std::string wide = "(4611686018427387904, 8, 0)";
  EXPECT_TRUE(parse(npyFile(dictOf("<f4", wide, true), "")));
}

TEST(Npy, BoolBytesBecomeZeroOrOne) {
  Result<Tensor> tensor =
      parse(npyFile(dictOf("|b1", "(3,)"), std::string("\0\x80\1", 3)));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(bytesOf(*tensor), std::string("\0\1\1", 3));
}

TEST(Npy, StringsRoundTrip) {
  for (const std::vector<std::string> &strings :
       std::vector<std::vector<std::string>>{
           {"a", "", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac \xf0\x9f\x98\x80"},
           {"\xff\xfe", "plain", "", "x"},
           {"", "", "", ""}}) {
    const Tensor tensor = Tensor::fromStrings({2, 2}, strings);
    Result<Tensor> read = parse(fileOf(tensor));
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(sameTensor(*read, tensor));
  }
  const Tensor none = Tensor::fromStrings({0}, {});
  EXPECT_TRUE(sameTensor(*parse(fileOf(none)), none));
}

TEST(Npy, BigEndianUnicode) {
  Result<Tensor> tensor = parse(
      npyFile(dictOf(">U2", "(1,)"), std::string("\0\0\x20\xac\0\0\0\0", 8)));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->strings()[0], "\xe2\x82\xac");
}

TEST(Npy, InvalidUtf8IsWrittenAsBytes) {
  // Overlong, surrogate, beyond Unicode, truncated.
  for (const char *text :
       {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    const Tensor tensor = Tensor::fromStrings({1}, {text});
    EXPECT_TRUE(contains(fileOf(tensor), "'|S")) << text;
    EXPECT_TRUE(sameTensor(*parse(fileOf(tensor)), tensor));
  }
}

TEST(Npy, EveryTruncationFails) {
  expectAllPrefixesFail(fileOf(sampleTensor(ElementType::F64, {3, 1})), parse);
  expectAllPrefixesFail(fileOf(Tensor::fromStrings({2}, {"ab", "c"})), parse);
}

TEST(Npy, FlippedBitsSurvive) {
  expectFlipsSurvive(fileOf(sampleTensor(ElementType::I16, {3, 1})), parse);
  expectFlipsSurvive(fileOf(Tensor::fromStrings({2}, {"ab", "c"})), parse);
}

TEST(Npy, HostileHeadersGiveOneMessage) {
  struct Case {
    const char *dict;
    const char *message;
  };
  const std::string tail = "'fortran_order': False, ";
  for (const Case &c : std::initializer_list<Case>{
           {"{'descr': '<f4', 'fortran_order': False, 'shape': "
            "(4611686018427387904, 4), }",
            "too many elements"},
           {"{'descr': '<f4', 'fortran_order': False, 'shape': "
            "(99999999999999999999,), }",
            "64 bits"},
           {"{'descr': '<f8', 'fortran_order': False, 'shape': "
            "(1152921504606846976,), }",
            "needs 9223372036854775808 bytes of data, but the file has 4"},
           {"{'descr': '<U0', 'fortran_order': False, 'shape': "
            "(1152921504606846976,), }",
            "file has 4"},
           {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
            "at least 0"},
           {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
            "'|O' are not supported"},
           {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
            "'<c8' are not supported"},
           {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }",
            "not supported"},
           {"{'descr': [('a', '<f4')], 'fortran_order': False}", "structured"},
           {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }",
            "True or False"},
           {"{'descr': '<f4', 'shape': (1,), }", "expected 'descr'"},
           {"{'descr': '<f4", "does not end"},
           {"{'extra': '<f4'}", "unknown key 'extra'"},
           {"", "expected '{'"},
           {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
            "needs 8 bytes of data, but the file has 4"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }",
            "needs 2 bytes of data, but the file has 4"}}) {
    Result<Tensor> tensor = parse(npyFile(c.dict, "abcd"));
    ASSERT_FALSE(tensor) << c.dict;
    EXPECT_TRUE(contains(tensor.error(), c.message));
  }
  Result<Tensor> empty =
      parse(npyFile(dictOf("<U0", "(1152921504606846976,)"), ""));
  ASSERT_FALSE(empty);
  EXPECT_TRUE(contains(empty.error(), "strings are not supported"));
  EXPECT_FALSE(parse(npyFile(dictOf("<U1", "(1,)"), "\xff\xff\xff\xff")));
}

TEST(Npy, WrongFilesAreNamed) {
  TempFolder folder;
  EXPECT_TRUE(contains(readNpy(folder / "none.npy").error(), "none.npy"));
  EXPECT_TRUE(contains(readNpy(folder / "").error(), "regular file"));
  EXPECT_FALSE(writeNpy(folder / "missing/x.npy", Tensor(ElementType::U8, {})));
  EXPECT_FALSE(writeNpy(folder / "x.npy", Tensor()));
}
