//===----------------------------------------------------------------------===//
// Outputs of a run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npy.h"
#include "nnc/DataIO/TensorProto.h"
#include "nnc/Runner/Data.h"

#include <cmath>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

using namespace nncrun;

static nncio::Status writeStdout(const std::vector<nncio::Span> &pieces) {
  for (const nncio::Span &piece : pieces)
    if (piece.size &&
        std::fwrite(piece.data, 1, piece.size, stdout) != piece.size)
      return nncio::Status::failure("cannot write to stdout");
  if (std::fflush(stdout) != 0)
    return nncio::Status::failure("cannot write to stdout");
  return nncio::Success();
}

nncio::Status nncrun::writeWhole(const std::string &path,
                                 const std::vector<nncio::Span> &pieces) {
  if (path == "-")
    return writeStdout(pieces);
  struct stat info;
  // Devices and pipes can not be replaced by a file.
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) &&
      !S_ISDIR(info.st_mode))
    return nncio::writeFile(path, pieces);
  const std::string part = path + ".part" + std::to_string(::getpid());
  nncio::Status written = nncio::writeFile(part, pieces);
  if (!written) {
    ::unlink(part.c_str());
    return nncio::Status::failure("cannot write '" + path +
                                  "': " + written.error());
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    ::unlink(part.c_str());
    return nncio::Status::failure("cannot write '" + path + "'");
  }
  return nncio::Success();
}

nncio::Status nncrun::saveTensor(const std::string &path,
                                 const nncio::Tensor &tensor,
                                 const std::string &name,
                                 nncio::ProtoForm form) {
  const bool isProto =
      path.size() > 3 && path.compare(path.size() - 3, 3, ".pb") == 0;
  if (isProto) {
    nncio::Result<std::string> bytes =
        nncio::serializeValueProto(tensor, name, form);
    if (!bytes)
      return nncio::Status::failure(bytes.error());
    return writeWhole(path, {nncio::Span(*bytes)});
  }
  if (tensor.isSequence() || tensor.isAbsent())
    return nncio::Status::failure(
        "cannot write '" + path + "': expected a tensor, but found " +
        (tensor.isSequence() ? "a sequence; write it as .pb"
                             : "an absent value"));
  nncio::Result<nncio::NpyImage> image = nncio::serializeNpy(tensor);
  if (!image)
    return nncio::Status::failure(image.error());
  return writeWhole(path, {nncio::Span(image->header), image->data()});
}

static std::string numberText(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

/// The first few, quoted and cut.
static std::string summarizeStrings(const std::vector<std::string> &strings) {
  constexpr size_t mostShown = 6, longest = 40;
  std::string text = " [";
  for (size_t i = 0; i < strings.size() && i < mostShown; ++i)
    text += (i ? " " : "") + jsonQuote(strings[i].substr(0, longest));
  return text + (strings.size() > mostShown ? " ...]" : "]");
}

std::string nncrun::summarize(const std::string &name,
                              const nncio::Tensor &tensor) {
  if (tensor.isAbsent())
    return name + ": absent";
  if (tensor.isSequence()) {
    const size_t count = tensor.elements().size();
    std::string text = name + ": sequence of " + std::to_string(count);
    for (size_t i = 0; i < count && i < 6; ++i)
      text += "\n  " + summarize(std::to_string(i), tensor.elements()[i]);
    return text + (count > 6 ? "\n  ..." : "");
  }
  std::string text = name + ": " + nncio::elementName(tensor.type()) +
                     shapeText(tensor.shape());
  if (tensor.empty() || !nncio::elementBytes(tensor.type()))
    return text;
  if (tensor.type() == nncio::ElementType::String)
    return text + summarizeStrings(tensor.strings());
  double low = INFINITY, high = -INFINITY, sum = 0;
  int64_t invalid = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const double value = tensor.getDouble(i);
    if (std::isnan(value)) {
      ++invalid;
      continue;
    }
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  const int64_t valid = tensor.size() - invalid;
  if (valid)
    text += " min " + numberText(low) + " max " + numberText(high) + " mean " +
            numberText(sum / double(valid));
  if (invalid)
    text += " NaN " + std::to_string(invalid);
  text += " [";
  const int64_t shown = std::min<int64_t>(tensor.size(), 6);
  for (int64_t i = 0; i < shown; ++i)
    text += (i ? " " : "") + numberText(tensor.getDouble(i));
  return text + (shown < tensor.size() ? " ...]" : "]");
}

/// Bytes of the UTF-8 sequence at `at`; 0 if there is none.
static size_t utf8Length(const std::string &text, size_t at) {
  const uint8_t lead = static_cast<uint8_t>(text[at]);
  const size_t length = lead < 0x80           ? 1
                        : (lead >> 5) == 0x6  ? 2
                        : (lead >> 4) == 0xe  ? 3
                        : (lead >> 3) == 0x1e ? 4
                                              : 0;
  for (size_t i = 1; i < length; ++i)
    if (at + i >= text.size() ||
        (static_cast<uint8_t>(text[at + i]) >> 6) != 0x2)
      return 0;
  return length;
}

std::string nncrun::jsonQuote(const std::string &text) {
  std::string result = "\"";
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8Length(text, i);
    const uint8_t c = static_cast<uint8_t>(text[i]);
    if (length == 0) {
      result += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    if (c == '"' || c == '\\') {
      result += '\\';
      result += text[i];
    } else if (c < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
      result += escaped;
    } else {
      result.append(text, i, length);
    }
    i += length;
  }
  return result + "\"";
}
