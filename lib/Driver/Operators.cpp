//===----------------------------------------------------------------------===//
// The table of supported operators, read from the importer and found out by
// asking it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Operators.h"

#include "nnc/Import/ONNX/OperatorProbe.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// All entries of one operator.
struct Row {
  std::string domain;
  std::string name;
  std::vector<int64_t> since;
  std::vector<nncio::ElementType> types;
};
} // namespace

static std::vector<Row> makeRows() {
  Session session(/*quiet=*/true);
  std::vector<Row> rows;
  for (const SupportedOperator &op : getSupportedOperators()) {
    if (rows.empty() || rows.back().domain != op.domain ||
        rows.back().name != op.name)
      rows.push_back({op.domain, op.name, {}, {}});
    Row &row = rows.back();
    row.since.push_back(op.sinceVersion);
    // The newest entry that says something.
    auto types = probeElementTypes(&session.getContext(), op);
    if (!types.empty())
      row.types = std::move(types);
  }
  return rows;
}

static void printMarkdown(ArrayRef<Row> rows) {
  llvm::outs()
      << "# Supported operators\n\n"
         "Made by `nnc check --list-operators=markdown`; do not edit.\n\n"
         "An entry of the importer holds from the opset version under "
         "\"since\" on, until the\nnext one. The types are those of which the "
         "importer accepts a small node that has\nthem as data; \"-\" where "
         "the nodes that it is asked about do not fit the operator.\n";
  std::string domain = "?";
  for (const Row &row : rows) {
    if (row.domain != domain) {
      domain = row.domain;
      llvm::outs() << "\n## " << (domain.empty() ? "ai.onnx" : domain)
                   << "\n\n| operator | since | types |\n| --- | --- | --- |\n";
    }
    llvm::outs() << "| " << row.name << " | ";
    llvm::interleaveComma(row.since, llvm::outs());
    llvm::outs() << " | " << (row.types.empty() ? "-" : "");
    llvm::interleaveComma(row.types, llvm::outs(), [](nncio::ElementType type) {
      llvm::outs() << nncio::elementName(type);
    });
    llvm::outs() << " |\n";
  }
}

static void printJson(ArrayRef<Row> rows) {
  llvm::json::Array list;
  for (const Row &row : rows) {
    llvm::json::Array types;
    for (nncio::ElementType type : row.types)
      types.push_back(nncio::elementName(type));
    list.push_back(llvm::json::Object{{"domain", row.domain},
                                      {"name", row.name},
                                      {"since", llvm::json::Array(row.since)},
                                      {"types", std::move(types)}});
  }
  llvm::outs() << llvm::formatv(
      "{0:2}\n", llvm::json::Value(llvm::json::Object{
                     {"version", 1}, {"operators", std::move(list)}}));
}

int driver::listOperators(const Arguments &arguments) {
  std::string form = arguments.get("list-operators");
  if (form != "markdown" && form != "json")
    return reportError(
        "--list-operators expects markdown or json, but found '" + form + "'",
        nncrun::ExitUsage);
  if (!arguments.operands.empty())
    return reportError("--list-operators takes no model, but found '" +
                           arguments.operands[0] + "'",
                       nncrun::ExitUsage);
  std::vector<Row> rows = makeRows();
  if (form == "json")
    printJson(rows);
  else
    printMarkdown(rows);
  llvm::outs().flush();
  return nncrun::ExitDone;
}
