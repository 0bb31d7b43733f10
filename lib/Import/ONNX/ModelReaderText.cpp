//===----------------------------------------------------------------------===//
// The text formats. libonnx's parser throws on numbers that do not fit, so
// this file is compiled with exceptions, and none leaves it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ModelReaderDetail.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <exception>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <limits>
#include <onnx/defs/parser.h>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;

namespace {
/// Keeps the first errors; the ones after it are mostly its consequences.
class FirstErrors : public google::protobuf::io::ErrorCollector {
public:
  explicit FirstErrors(llvm::StringRef path) : path(path) {}

  /// Line and column count from 0; -1 stands for the whole text.
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string &message) override {
    constexpr unsigned kMaxErrors = 10;
    if (count++ >= kMaxErrors)
      return;
    if (!text.empty())
      text += '\n';
    text += path;
    if (line >= 0)
      text += ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1);
    text += ": " + message;
  }

  std::string text;

private:
  llvm::StringRef path;
  unsigned count = 0;
};
} // namespace

/// A message of libonnx, "[ParseError at position (line: L column: C)]\nError
/// context: ...\nwhat", as "path:L:C: what".
static std::string tidyMessage(llvm::StringRef path, llvm::StringRef message) {
  llvm::StringRef rest = message.split("(line: ").second;
  auto [line, afterLine] = rest.split(" column: ");
  auto [column, afterColumn] = afterLine.split(")]");
  llvm::StringRef what = afterColumn.ltrim().split('\n').second.trim();
  if (what.empty())
    return (path + ": " + message.trim()).str();
  std::string text = what.rtrim('.').str();
  if (!text.empty())
    text[0] = llvm::toLower(text[0]);
  return (path + ":" + line + ":" + column + ": " + text).str();
}

/// libonnx's parser recurses with the braces and parentheses of the text.
/// Strings have no escapes, comments begin with '#'.
static bool isTooDeep(llvm::StringRef text) {
  int depth = 0;
  bool inString = false, inComment = false;
  for (char c : text) {
    if (inComment)
      inComment = c != '\n';
    else if (c == '"')
      inString = !inString;
    else if (inString)
      continue;
    else if (c == '#')
      inComment = true;
    else if (c == '{' || c == '(')
      depth += 1;
    else if (c == '}' || c == ')')
      depth -= depth > 0;
    if (depth > kMaxMessageDepth)
      return true;
  }
  return false;
}

llvm::Error detail::parseOnnxText(llvm::StringRef text, llvm::StringRef path,
                                  onnx::ModelProto &proto) {
  if (text.contains('\0'))
    return makeError(path +
                     ": expects text, but the file contains a NUL "
                     "character at byte " +
                     llvm::Twine(text.find('\0')));
  if (isTooDeep(text))
    return makeError(path + ": braces and parentheses are nested more than " +
                     llvm::Twine(kMaxMessageDepth) + " deep");
  std::string copy = text.str();
  onnx::OnnxParser parser(copy.c_str());
  try {
    onnx::Common::Status status = parser.Parse(proto);
    if (!status.IsOK())
      return makeError(tidyMessage(path, status.ErrorMessage()));
  } catch (const std::exception &) {
    return makeError(tidyMessage(
        path, parser.ParseError("a number is out of range").ErrorMessage()));
  } catch (...) {
    return makeError(path + ": the ONNX text parser failed");
  }
  return llvm::Error::success();
}

llvm::Error detail::parseProtoText(llvm::StringRef text, llvm::StringRef path,
                                   onnx::ModelProto &proto) {
  if (text.size() > std::numeric_limits<int>::max())
    return makeError(path + ": text of more than 2 GiB; use binary protobuf");
  google::protobuf::io::ArrayInputStream stream(text.data(),
                                                static_cast<int>(text.size()));
  FirstErrors errors(path);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxMessageDepth);
  if (!parser.Parse(&stream, &proto))
    return makeError(errors.text.empty() ? path + ": not a valid ModelProto"
                                         : llvm::Twine(errors.text));
  return llvm::Error::success();
}
