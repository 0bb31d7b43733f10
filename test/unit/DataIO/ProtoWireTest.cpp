//===----------------------------------------------------------------------===//
// Tests of the protobuf wire reader and writer.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/ProtoWire.h"

#include "TestSupport.h"

using namespace nncio;
using namespace nncio::test;
using namespace nncio::wire;

TEST(ProtoWire, VarintsRoundTrip) {
  for (uint64_t value :
       {uint64_t(0), uint64_t(1), uint64_t(127), uint64_t(128), uint64_t(300),
        uint64_t(UINT32_MAX), uint64_t(1) << 63, UINT64_MAX}) {
    std::string bytes;
    appendVarint(bytes, value);
    Reader reader{Span(bytes)};
    uint64_t read = 0;
    ASSERT_TRUE(reader.varint(read));
    EXPECT_EQ(read, value);
    EXPECT_TRUE(reader.atEnd());
    EXPECT_FALSE(reader.varint(read));
    EXPECT_EQ(reader.error(), nullptr);
  }
}

TEST(ProtoWire, FieldsOfAllWireTypes) {
  std::string bytes;
  appendVarintField(bytes, 1, 150);
  appendTag(bytes, 2, WireType::Fixed32);
  bytes += std::string("\1\0\0\x80", 4);
  appendTag(bytes, 3, WireType::Fixed64);
  bytes += std::string("\2\0\0\0\0\0\0\x80", 8);
  appendBytesField(bytes, 536870911, std::string("abc"));
  appendBytesField(bytes, 5, Span());
  EXPECT_EQ(bytes.substr(0, 3), "\x08\x96\x01");

  Reader reader{Span(bytes)};
  Field field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.number, 1u);
  EXPECT_EQ(field.value, 150u);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::Fixed32);
  EXPECT_EQ(field.value, 0x80000001u);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.value, 0x8000000000000002u);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.number, 536870911u);
  EXPECT_EQ(field.bytes.size, 3u);
  EXPECT_EQ(std::memcmp(field.bytes.data, "abc", 3), 0);
  EXPECT_GE(field.bytes.data, reinterpret_cast<const uint8_t *>(bytes.data()));
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.bytes.size, 0u);
  EXPECT_FALSE(reader.next(field));
  EXPECT_EQ(reader.error(), nullptr);
  EXPECT_EQ(reader.offset(), bytes.size());
}

TEST(ProtoWire, MalformedInputIsRefusedForGood) {
  struct Case {
    std::string bytes;
    const char *message;
  };
  for (const Case &c : std::initializer_list<Case>{
           {std::string("\x80"), "truncated varint"},
           {std::string("\x08\x80"), "truncated varint"},
           {std::string("\x08"), "without its value"},
           {std::string(11, '\xff'), "over 64 bits"},
           {std::string("\x0a\x05") + "abcd", "past the end"},
           {std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            "past the end"},
           {std::string("\x0d") + "abc", "truncated fixed"},
           {std::string("\x09") + "abcdefg", "truncated fixed"},
           {std::string("\x0b") + "a", "unknown wire type"},
           {std::string("\x0f") + "a", "unknown wire type"},
           {std::string("\0a", 2), "invalid field number"},
           {std::string("\x80\x80\x80\x80\x10") + "a",
            "invalid field number"}}) {
    std::string bytes = std::string("\x10\x01") + c.bytes;
    Reader reader{Span(bytes)};
    Field field;
    ASSERT_TRUE(reader.next(field));
    EXPECT_FALSE(reader.next(field));
    ASSERT_NE(reader.error(), nullptr) << c.message;
    EXPECT_TRUE(contains(reader.error(), c.message));
    EXPECT_EQ(reader.offset(), 2u) << c.message;
    EXPECT_FALSE(reader.next(field)) << "an error is final";
  }
}
