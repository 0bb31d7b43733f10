//===----------------------------------------------------------------------===//
// A report as one page of HTML.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReportData.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
namespace json = llvm::json;

static constexpr char pageText[] =
#include "ReportPage.inc"
    ;
static constexpr char styleText[] =
#include "ReportStyle.inc"
    ;
static constexpr char viewText[] =
#include "ReportView.inc"
    ;
static constexpr char graphText[] =
#include "ReportGraph.inc"
    ;
static constexpr char libraryText[] =
#include "ReportDagre.inc"
    ;

bool driver::isHtmlPath(StringRef path) {
  return llvm::sys::path::extension(path).equals_insensitive(".html");
}

/// JSON inside a script element: nothing in it may end the element.
static std::string embedJson(json::Value data) {
  std::string text = llvm::formatv("{0}", data), safe;
  for (char c : text)
    safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

/// Replaces the mark, which stands in `page` once.
static void fill(std::string &page, StringRef mark, const std::string &text) {
  size_t at = page.find(mark.str());
  if (at != std::string::npos)
    page.replace(at, mark.size(), text);
}

std::string driver::makeHtmlReport(const std::string &model,
                                   json::Object schedule,
                                   const CostTotals &totals,
                                   json::Array remarks) {
  auto known = [](auto value) {
    return value < 0 ? json::Value(nullptr) : json::Value(value);
  };
  schedule["version"] = 1;
  schedule["model"] = json::fixUTF8(model);
  schedule["remarks"] = std::move(remarks);
  schedule["totals"] =
      json::Object{{"predicted_us", known(totals.predictedUs)},
                   {"lo_us", known(totals.lowUs)},
                   {"hi_us", known(totals.highUs)},
                   {"flops", known(totals.flops)},
                   {"bytes", known(totals.bytes)},
                   {"peak_bytes", known(totals.peakBytes)},
                   {"arena_bytes", known(totals.arenaBytes)},
                   {"arena_lower_bound_bytes", known(totals.arenaLowerBound)},
                   {"weight_bytes", known(totals.weightBytes)}};
  std::string page = pageText;
  fill(page, "/*style*/", styleText);
  fill(page, "/*library*/", libraryText);
  fill(page, "/*graph*/", graphText);
  fill(page, "/*view*/", viewText);
  // Last, since it holds texts of the model.
  fill(page, "/*data*/", embedJson(std::move(schedule)));
  return page;
}
