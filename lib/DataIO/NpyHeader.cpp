//===----------------------------------------------------------------------===//
// Parsing and formatting of .npy headers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NpyHeader.h"

#include "TensorBytes.h"

#include <cstring>

namespace nncio {

namespace {

/// Reads the dictionary literal; `error` is set by the first thing that fails.
class DictParser {
public:
  DictParser(Span text)
      : pos(reinterpret_cast<const char *>(text.data)), end(pos + text.size) {}

  bool parse(NpyHeader &header);

  std::string error;
  std::string descr;

private:
  bool fail(std::string message) {
    if (error.empty())
      error = std::move(message);
    return false;
  }
  void skipSpace() {
    while (pos != end && (*pos == ' ' || *pos == '\n' || *pos == '\t'))
      ++pos;
  }
  bool accept(char c) {
    skipSpace();
    if (pos == end || *pos != c)
      return false;
    ++pos;
    return true;
  }
  bool expect(char c) {
    return accept(c) || fail(std::string("expected '") + c +
                             "' in the npy header's dictionary");
  }
  bool parseString(std::string &text);
  bool parseBool(bool &value);
  bool parseDim(int64_t &value);
  bool parseShape(std::vector<int64_t> &shape);
  bool parseEntry(NpyHeader &header);

  const char *pos;
  const char *end;
  unsigned seen = 0;
};

} // namespace

bool DictParser::parseString(std::string &text) {
  skipSpace();
  if (pos == end || (*pos != '\'' && *pos != '"'))
    return fail("expected a quoted string in the npy header's dictionary");
  const char quote = *pos++;
  const char *start = pos;
  while (pos != end && *pos != quote)
    ++pos;
  if (pos == end)
    return fail("a string in the npy header's dictionary does not end");
  text.assign(start, pos++);
  return true;
}

bool DictParser::parseBool(bool &value) {
  skipSpace();
  for (bool candidate : {false, true}) {
    const char *word = candidate ? "True" : "False";
    const size_t length = std::strlen(word);
    if (static_cast<size_t>(end - pos) >= length &&
        std::memcmp(pos, word, length) == 0) {
      pos += length;
      value = candidate;
      return true;
    }
  }
  return fail("expected True or False for 'fortran_order' in the npy header");
}

bool DictParser::parseDim(int64_t &value) {
  skipSpace();
  const char *start = pos;
  value = 0;
  for (; pos != end && *pos >= '0' && *pos <= '9'; ++pos)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *pos - '0', &value))
      return fail("a dimension in the npy header does not fit into 64 bits");
  if (pos == start)
    return fail("expected a dimension of at least 0 in the npy header's shape");
  // Python 2 wrote long integers so.
  if (pos != end && *pos == 'L')
    ++pos;
  return true;
}

bool DictParser::parseShape(std::vector<int64_t> &shape) {
  if (!expect('('))
    return false;
  shape.clear();
  while (!accept(')')) {
    int64_t dim;
    if (!parseDim(dim))
      return false;
    if (shape.size() == maxRank)
      return fail("over " + std::to_string(maxRank) +
                  " dimensions are not supported");
    shape.push_back(dim);
    if (!accept(',')) {
      if (!expect(')'))
        return false;
      break;
    }
  }
  return true;
}

bool DictParser::parseEntry(NpyHeader &header) {
  std::string key;
  if (!parseString(key) || !expect(':'))
    return false;
  if (key == "descr") {
    seen |= 1;
    skipSpace();
    if (pos != end && *pos == '[')
      return fail("structured npy arrays are not supported");
    return parseString(descr);
  }
  if (key == "fortran_order") {
    seen |= 2;
    return parseBool(header.fortranOrder);
  }
  if (key == "shape") {
    seen |= 4;
    return parseShape(header.shape);
  }
  return fail("unknown key '" + key + "' in the npy header");
}

bool DictParser::parse(NpyHeader &header) {
  if (!expect('{'))
    return false;
  while (!accept('}')) {
    if (!parseEntry(header))
      return false;
    if (!accept(',')) {
      if (!expect('}'))
        return false;
      break;
    }
  }
  skipSpace();
  if (pos != end && *pos != '\0')
    return fail("unexpected text after the npy header's dictionary");
  if (seen != 7)
    return fail("expected 'descr', 'fortran_order' and 'shape' in the npy "
                "header");
  return true;
}

/// The element type of a kind and a size; Undefined if there is none.
static ElementType numberType(char kind, size_t bytes) {
  static const struct {
    char kind;
    size_t bytes;
    ElementType type;
  } table[] = {
      {'b', 1, ElementType::Bool}, {'i', 1, ElementType::I8},
      {'i', 2, ElementType::I16},  {'i', 4, ElementType::I32},
      {'i', 8, ElementType::I64},  {'u', 1, ElementType::U8},
      {'u', 2, ElementType::U16},  {'u', 4, ElementType::U32},
      {'u', 8, ElementType::U64},  {'f', 2, ElementType::F16},
      {'f', 4, ElementType::F32},  {'f', 8, ElementType::F64},
      {'V', 2, ElementType::BF16}, {'V', 1, ElementType::U8},
  };
  for (const auto &row : table)
    if (row.kind == kind && row.bytes == bytes)
      return row.type;
  return ElementType::Undefined;
}

/// Fills in what `descr` says; false when it is not supported.
static bool applyDescr(const std::string &descr, NpyHeader &header) {
  size_t at = 0;
  if (!descr.empty() && std::strchr("<>=|", descr[0]))
    header.bigEndian = descr[at++] == '>';
  if (descr.size() < at + 2 || descr.size() > at + 10)
    return false;
  const char kind = descr[at++];
  size_t number = 0;
  for (; at < descr.size(); ++at) {
    if (descr[at] < '0' || descr[at] > '9')
      return false;
    number = number * 10 + static_cast<size_t>(descr[at] - '0');
  }
  if (kind == 'S' || kind == 'a' || kind == 'U') {
    header.type = ElementType::String;
    header.unicode = kind == 'U';
    header.swapUnit = header.unicode ? 4 : 1;
    header.itemBytes = number * header.swapUnit;
    return true;
  }
  header.type = numberType(kind, number);
  header.itemBytes = header.swapUnit = number;
  return header.type != ElementType::Undefined;
}

Result<NpyHeader> parseNpyHeader(Span bytes) {
  using Failed = Result<NpyHeader>;
  if (bytes.size < 10 || std::memcmp(bytes.data, "\x93NUMPY", 6) != 0)
    return Failed::failure("expected a .npy file, but its first bytes are not "
                           "those of one");
  const unsigned major = bytes.data[6];
  if (major < 1 || major > 3 || bytes.data[7] != 0)
    return Failed::failure("expected npy format version 1.0, 2.0 or 3.0, but "
                           "found " +
                           std::to_string(major) + "." +
                           std::to_string(bytes.data[7]));
  const size_t prefix = major == 1 ? 10 : 12;
  if (bytes.size < prefix)
    return Failed::failure("the npy header is truncated");
  size_t length = 0;
  for (size_t i = prefix; i > 8; --i)
    length = length << 8 | bytes.data[i - 1];
  if (length > bytes.size - prefix)
    return Failed::failure("the npy header of " + std::to_string(length) +
                           " bytes reaches past the end of the file");
  NpyHeader header;
  header.dataOffset = prefix + length;
  DictParser parser(Span(bytes.data + prefix, length));
  if (!parser.parse(header))
    return Failed::failure(parser.error);
  if (!applyDescr(parser.descr, header))
    return Failed::failure(
        "npy elements of type '" + parser.descr.substr(0, 40) +
        "' are not supported; expected bool, an integer, a float of 16 to 64 "
        "bits, or strings");
  return header;
}

std::string formatNpyHeader(const std::string &descr,
                            const std::vector<int64_t> &shape) {
  std::string dict =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    dict += (i == 0 ? "" : " ") + std::to_string(shape[i]) +
            (i + 1 < shape.size() || i == 0 ? "," : "");
  dict += "), }";
  // Version 2.0 has a longer length field, for shapes of thousands of axes.
  const bool large = dict.size() + 64 > 0xffff;
  const size_t prefix = large ? 12 : 10;
  while ((prefix + dict.size() + 1) % 64 != 0)
    dict += ' ';
  dict += '\n';
  std::string header = "\x93NUMPY";
  header += large ? '\x02' : '\x01';
  header += '\0';
  for (size_t i = 8; i < prefix; ++i)
    header += static_cast<char>(dict.size() >> (8 * (i - 8)) & 0xff);
  return header + dict;
}

std::string npyDescr(ElementType type) {
  const std::string size = std::to_string(elementBytes(type));
  // NumPy has no narrow types; the codes are written.
  if (isNarrowFloat(type) || elementBits(type) % 8)
    return "|u1";
  switch (type) {
  case ElementType::Undefined:
  case ElementType::String:
    return {};
  case ElementType::Bool:
    return "|b1";
  case ElementType::U8:
    return "|u1";
  case ElementType::I8:
    return "|i1";
  case ElementType::BF16:
    return "<V2";
  default:
    return (isFloat(type) ? "<f" : isUnsigned(type) ? "<u" : "<i") + size;
  }
}

} // namespace nncio
