//===----------------------------------------------------------------------===//
// The protobuf wire format over a (pointer, size): bounds-checked, without
// allocation, without libprotobuf. Reads the fields of one message; nested
// messages are spans to be read in turn. The writer appends to a string.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_PROTOWIRE_H
#define NNC_DATAIO_PROTOWIRE_H

#include "nnc/DataIO/FileBytes.h"

#include <cstring>

namespace nncio::wire {

enum class WireType : uint8_t {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  Fixed32 = 5,
};

/// One field of a message.
struct Field {
  uint32_t number = 0;
  WireType type = WireType::Varint;
  /// The number of Varint, Fixed64 and Fixed32 fields, zero-extended.
  uint64_t value = 0;
  /// The payload of a Bytes field, inside the reader's memory.
  Span bytes;
};

/// Walks over bytes. After an error every read fails, and `error` says why.
class Reader {
public:
  Reader(Span bytes) : begin(bytes.data), rest(bytes) {}

  bool atEnd() const { return rest.size == 0; }
  /// Null while all is well, else what is wrong.
  const char *error() const { return message; }
  /// Bytes consumed; after an error, where the faulty item begins.
  size_t offset() const { return static_cast<size_t>(rest.data - begin); }

  /// The next field; false at the end and on errors (told apart by `error`).
  bool next(Field &field);

  /// Single items, for packed fields; false at the end or on errors.
  bool varint(uint64_t &value);
  bool fixed32(uint32_t &value) { return fixed(value); }
  bool fixed64(uint64_t &value) { return fixed(value); }

private:
  template <typename T>
  bool fixed(T &value);
  bool payload(Field &field);
  bool fail(const char *why) {
    message = why;
    return false;
  }
  void skip(size_t bytes) {
    rest.data += bytes;
    rest.size -= bytes;
  }

  const uint8_t *begin;
  Span rest;
  const char *message = nullptr;
};

inline bool Reader::varint(uint64_t &value) {
  if (message)
    return false;
  value = 0;
  for (size_t i = 0; i < rest.size && i < 10; ++i) {
    const uint64_t byte = rest.data[i];
    // Only the lowest bit of the tenth byte fits into 64 bits.
    if (i == 9 && byte > 1)
      return fail("a varint of over 64 bits");
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      skip(i + 1);
      return true;
    }
  }
  return rest.size == 0 ? false : fail("a truncated varint");
}

template <typename T>
inline bool Reader::fixed(T &value) {
  if (message || rest.size == 0)
    return false;
  if (rest.size < sizeof(T))
    return fail("a truncated fixed-size number");
  std::memcpy(&value, rest.data, sizeof(T));
  skip(sizeof(T));
  return true;
}

inline bool Reader::payload(Field &field) {
  if (rest.size == 0)
    return fail("a field without its value");
  switch (field.type) {
  case WireType::Varint:
    return varint(field.value);
  case WireType::Fixed64:
    return fixed64(field.value);
  case WireType::Fixed32: {
    uint32_t narrow = 0;
    const bool good = fixed32(narrow);
    field.value = narrow;
    return good;
  }
  case WireType::Bytes:
    if (!varint(field.value))
      return false;
    if (field.value > rest.size)
      return fail("a length that reaches past the end");
    field.bytes = Span(rest.data, static_cast<size_t>(field.value));
    skip(field.bytes.size);
    return true;
  }
  return fail("an unknown wire type");
}

inline bool Reader::next(Field &field) {
  const Span start = rest;
  uint64_t tag = 0;
  if (!varint(tag))
    return false;
  field = Field();
  field.number = static_cast<uint32_t>(tag >> 3);
  field.type = static_cast<WireType>(tag & 7);
  bool good = false;
  if (tag > UINT32_MAX || field.number == 0)
    good = fail("an invalid field number");
  else
    good = payload(field);
  if (!good)
    rest = start;
  return good;
}

inline void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline void appendTag(std::string &out, uint32_t number, WireType type) {
  appendVarint(out, (static_cast<uint64_t>(number) << 3) |
                        static_cast<uint64_t>(type));
}

inline void appendVarintField(std::string &out, uint32_t number,
                              uint64_t value) {
  appendTag(out, number, WireType::Varint);
  appendVarint(out, value);
}

inline void appendBytesField(std::string &out, uint32_t number, Span bytes) {
  appendTag(out, number, WireType::Bytes);
  appendVarint(out, bytes.size);
  if (bytes.size != 0)
    out.append(reinterpret_cast<const char *>(bytes.data), bytes.size);
}

} // namespace nncio::wire

#endif // NNC_DATAIO_PROTOWIRE_H
