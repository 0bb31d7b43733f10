//===----------------------------------------------------------------------===//
// Einstein's notation of sums of products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/EinsumEquation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <map>

using namespace mlir;
using namespace mlir::nnc::nn;

namespace {
/// Axis names: letters as their code; the ellipsis' axes as -1 for the last, -2
/// for the one before it, and so on.
using Term = SmallVector<int>;
/// The axes of a term's ellipsis (0 if there is none), by the letters beside
/// it.
using EllipsisRank =
    function_ref<FailureOr<int>(int letters, bool hasEllipsis)>;

class Parser {
public:
  Parser(ArrayRef<int64_t> ranks, std::string &message)
      : ranks(ranks), message(message) {}

  FailureOr<EinsumEquation> run(StringRef text);

private:
  LogicalResult fail(const Twine &text) {
    message = text.str();
    return failure();
  }
  FailureOr<Term> readTerm(StringRef text, EllipsisRank ellipsisRank);
  LogicalResult readOperands(StringRef text);
  FailureOr<Term> readResult(StringRef text);
  Term implicitResult();

  ArrayRef<int64_t> ranks;
  std::string &message;
  SmallVector<Term> terms;
  /// The longest ellipsis of an operand, and whether there is any.
  int longest = 0;
  bool hasEllipsis = false;
};
} // namespace

FailureOr<Term> Parser::readTerm(StringRef text, EllipsisRank ellipsisRank) {
  size_t dots = text.find("...");
  bool isBroadcast = dots != StringRef::npos;
  StringRef before = text.take_front(dots);
  StringRef after = isBroadcast ? text.drop_front(dots + 3) : StringRef();
  for (StringRef part : {before, after})
    for (char c : part)
      if (!llvm::isAlpha(c))
        return fail("expects letters and one '...' in each term of the "
                    "equation, but got '" +
                    text + "'");
  Term term(before.begin(), before.end());
  int letters = before.size() + after.size();
  FailureOr<int> length = ellipsisRank(letters, isBroadcast);
  if (failed(length))
    return failure();
  for (int i = *length; i > 0; --i)
    term.push_back(-i);
  term.append(after.begin(), after.end());
  return term;
}

LogicalResult Parser::readOperands(StringRef text) {
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  if (parts.size() != ranks.size())
    return fail("expects an equation of " + Twine(ranks.size()) +
                " operands, but got " + Twine(parts.size()));
  for (auto [part, rank] : llvm::zip(parts, ranks)) {
    auto ellipsisRank = [&, part = part, rank = rank](
                            int letters, bool isBroadcast) -> FailureOr<int> {
      if (isBroadcast ? rank < letters : rank != letters)
        return fail("expects an operand of rank " + Twine(letters) +
                    (isBroadcast ? " or more" : "") + " for term '" + part +
                    "', but got rank " + Twine(rank));
      hasEllipsis |= isBroadcast;
      longest = std::max<int>(longest, rank - letters);
      return int(rank - letters);
    };
    FailureOr<Term> term = readTerm(part, ellipsisRank);
    if (failed(term))
      return failure();
    terms.push_back(std::move(*term));
  }
  return success();
}

FailureOr<Term> Parser::readResult(StringRef text) {
  FailureOr<Term> result =
      readTerm(text, [&](int, bool isBroadcast) -> FailureOr<int> {
        if (!isBroadcast && longest > 0)
          return fail("expects '...' in the result '" + text +
                      "', since the operands have it");
        if (isBroadcast && !hasEllipsis)
          return fail("has '...' in the result, but in no operand");
        return longest;
      });
  if (failed(result))
    return failure();
  for (auto [number, name] : llvm::enumerate(*result)) {
    if (llvm::is_contained(ArrayRef(*result).take_front(number), name))
      return fail("has '" + Twine(char(name)) + "' twice in the result");
    if (name > 0 && llvm::none_of(terms, [&, name = name](const Term &term) {
          return llvm::is_contained(term, name);
        }))
      return fail("has '" + Twine(char(name)) +
                  "' in the result, but in no operand");
  }
  return result;
}

Term Parser::implicitResult() {
  std::map<int, int> counts;
  for (const Term &term : terms)
    for (int name : term)
      ++counts[name];
  Term result;
  for (int i = longest; i > 0; --i)
    result.push_back(-i);
  for (auto [name, count] : counts)
    if (name > 0 && count == 1)
      result.push_back(name);
  return result;
}

FailureOr<EinsumEquation> Parser::run(StringRef text) {
  std::string compact = text.str();
  llvm::erase_if(compact, [](char c) { return llvm::isSpace(c); });
  auto [operands, output] = StringRef(compact).split("->");
  bool isExplicit = StringRef(compact).contains("->");
  if (failed(readOperands(operands)))
    return failure();
  FailureOr<Term> result =
      isExplicit ? readResult(output) : FailureOr<Term>(implicitResult());
  if (failed(result))
    return failure();
  std::map<int, unsigned> loops;
  for (int name : *result)
    loops.try_emplace(name, loops.size());
  EinsumEquation equation;
  equation.resultRank = result->size();
  for (const Term &term : terms) {
    equation.operands.emplace_back();
    for (int name : term)
      equation.operands.back().push_back(
          loops.try_emplace(name, loops.size()).first->second);
  }
  equation.numLoops = loops.size();
  return equation;
}

FailureOr<EinsumEquation> EinsumEquation::parse(StringRef text,
                                                ArrayRef<int64_t> ranks,
                                                std::string &message) {
  return Parser(ranks, message).run(text);
}
