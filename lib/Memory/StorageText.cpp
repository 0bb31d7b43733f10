//===----------------------------------------------------------------------===//
// The text form of storage problems.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/StorageText.h"

#include <algorithm>
#include <charconv>
#include <set>

using namespace nncmem;
using nncio::Status;
using TableResult = nncio::Result<StorageTable>;

namespace {
enum Column { Id, Lower, Upper, Size, Alignment, NumColumns };
constexpr const char *columnNames[] = {"id", "lower", "upper", "size",
                                       "alignment"};
constexpr size_t noColumn = SIZE_MAX;

/// One row, with times as in the file.
struct Row {
  int64_t values[NumColumns] = {0, 0, 0, 0, 1};
};

class TableReader {
public:
  explicit TableReader(const std::string &text) : text(text) {}
  TableResult read();

private:
  bool nextLine(std::string &result);
  Status fail(const std::string &message) const {
    return Status::failure("line " + std::to_string(line) + ": " + message);
  }
  Status readHeader();
  Status readRow(const std::string &row);
  Status readNumber(const std::string &field, Column column, int64_t &value);
  void makeBuffers();

  const std::string &text;
  size_t next = 0, line = 0;
  size_t columns[NumColumns];
  size_t numFields = 0;
  std::set<std::string> seen;
  std::vector<Row> rows;
  StorageTable table;
};
} // namespace

static std::string trim(const std::string &field) {
  size_t first = field.find_first_not_of(" \t");
  if (first == std::string::npos)
    return "";
  return field.substr(first, field.find_last_not_of(" \t") + 1 - first);
}

static std::vector<std::string> splitFields(const std::string &row) {
  std::vector<std::string> fields;
  for (size_t begin = 0, end; begin <= row.size(); begin = end + 1) {
    end = std::min(row.find(',', begin), row.size());
    fields.push_back(trim(row.substr(begin, end - begin)));
  }
  return fields;
}

/// The next line that is not empty, without its end.
bool TableReader::nextLine(std::string &result) {
  while (next < text.size()) {
    size_t end = std::min(text.find('\n', next), text.size());
    result = text.substr(next, end - next);
    next = end + 1;
    ++line;
    if (!result.empty() && result.back() == '\r')
      result.pop_back();
    if (!trim(result).empty())
      return true;
  }
  return false;
}

Status TableReader::readHeader() {
  if (!nextLine(table.header))
    return Status::failure(
        "expected a header with id, lower, upper and size, but the file is "
        "empty");
  std::vector<std::string> fields = splitFields(table.header);
  numFields = fields.size();
  std::fill(columns, columns + NumColumns, noColumn);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == "offset")
      return fail("expected no column 'offset', which is the result");
    for (int column = Id; column < NumColumns; ++column) {
      if (fields[i] != columnNames[column])
        continue;
      if (columns[column] != noColumn)
        return fail("column '" + fields[i] + "' stands there twice");
      columns[column] = i;
    }
  }
  for (int column = Id; column <= Size; ++column)
    if (columns[column] == noColumn)
      return fail(std::string("expected a column '") + columnNames[column] +
                  "'");
  return nncio::Success();
}

Status TableReader::readNumber(const std::string &field, Column column,
                               int64_t &value) {
  auto [last, code] =
      std::from_chars(field.data(), field.data() + field.size(), value);
  if (code == std::errc::result_out_of_range)
    return fail(std::string("'") + columnNames[column] + "' is " +
                field.substr(0, 24) + ", which does not fit into 64 bits");
  if (code != std::errc() || last != field.data() + field.size())
    return fail(std::string("expected an integer for '") + columnNames[column] +
                "', but found '" + field.substr(0, 24) + "'");
  return nncio::Success();
}

Status TableReader::readRow(const std::string &text) {
  std::vector<std::string> fields = splitFields(text);
  if (fields.size() != numFields)
    return fail("expected " + std::to_string(numFields) +
                " fields as in the header, but found " +
                std::to_string(fields.size()));
  const std::string &id = fields[columns[Id]];
  if (!seen.insert(id).second)
    return fail("there is a buffer '" + id + "' already");
  Row row;
  for (Column column : {Lower, Upper, Size, Alignment})
    if (columns[column] != noColumn)
      if (Status status =
              readNumber(fields[columns[column]], column, row.values[column]);
          !status)
        return status;
  if (row.values[Lower] >= row.values[Upper])
    return fail(
        "buffer '" + id + "' ends at " + std::to_string(row.values[Upper]) +
        ", not after its begin at " + std::to_string(row.values[Lower]));
  table.rows.push_back(text);
  table.ids.push_back(id);
  rows.push_back(row);
  return nncio::Success();
}

/// Times become their ranks, so that they may be any.
void TableReader::makeBuffers() {
  std::vector<int64_t> times;
  for (const Row &row : rows) {
    times.push_back(row.values[Lower]);
    times.push_back(row.values[Upper]);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  auto rankOf = [&](int64_t time) {
    return int32_t(std::lower_bound(times.begin(), times.end(), time) -
                   times.begin());
  };
  for (const Row &row : rows)
    table.buffers.push_back({row.values[Size], row.values[Alignment],
                             rankOf(row.values[Lower]),
                             rankOf(row.values[Upper]) - 1});
}

TableResult TableReader::read() {
  if (Status status = readHeader(); !status)
    return TableResult::failure(status.error());
  for (std::string row; nextLine(row);)
    if (Status status = readRow(row); !status)
      return TableResult::failure(status.error());
  if (rows.empty())
    return TableResult::failure("expected at least one buffer");
  makeBuffers();
  if (Outcome outcome = check(table.problem()); !outcome)
    return TableResult::failure("buffer '" + table.ids[outcome.buffer] + "' " +
                                errorText(outcome.error));
  return std::move(table);
}

TableResult nncmem::parseStorage(const std::string &text) {
  return TableReader(text).read();
}

std::string nncmem::printOffsets(const StorageTable &table,
                                 const int64_t *offsets) {
  std::string text = table.header + ",offset\n";
  for (size_t i = 0; i < table.rows.size(); ++i)
    text += table.rows[i] + "," + std::to_string(offsets[i]) + "\n";
  return text;
}
