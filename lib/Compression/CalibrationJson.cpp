//===----------------------------------------------------------------------===//
// Calibration files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Calibration.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static constexpr int64_t formatVersion = 1;

static void writeNumbers(llvm::json::OStream &json, StringRef key,
                         ArrayRef<double> numbers) {
  if (numbers.empty())
    return;
  json.attributeArray(key, [&] {
    for (double number : numbers)
      json.value(number);
  });
}

static void writeTensor(llvm::json::OStream &json, const std::string &name,
                        const TensorStatistics &tensor) {
  const Histogram &histogram = tensor.histogram;
  json.attribute("name", llvm::json::fixUTF8(name));
  json.attribute("min", histogram.getMin());
  json.attribute("max", histogram.getMax());
  json.attributeObject("range", [&] {
    json.attribute("low", tensor.range.low);
    json.attribute("high", tensor.range.high);
    json.attribute("by", tensor.chosenBy);
  });
  if (!tensor.trials.empty())
    json.attributeObject("sqnr_db", [&] {
      for (const auto &[calibrator, decibels] : tensor.trials)
        json.attribute(calibrator, decibels);
    });
  json.attributeObject("histogram", [&] {
    json.attribute("width", histogram.getWidth());
    json.attribute("first", histogram.getFirst());
    json.attributeArray("counts", [&] {
      for (uint64_t count : histogram.getCounts())
        json.value(int64_t(count));
    });
  });
  writeNumbers(json, "channel_absmax", tensor.channelAbsMax);
  writeNumbers(json, "channel_mean", tensor.channelMean);
}

std::string CalibrationData::toJson() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/0);
  json.object([&] {
    json.attribute("version", formatVersion);
    json.attribute("kind", "nnc-calibration");
    json.attribute("samples", samples);
    json.attributeArray("tensors", [&] {
      // A line a tensor, for people and for diff.
      for (const auto &tensor : tensors)
        json.rawValue([&](llvm::raw_ostream &out) {
          out << "\n";
          llvm::json::OStream line(out, /*IndentSize=*/0);
          line.object([&] { writeTensor(line, tensor.first, tensor.second); });
        });
    });
  });
  return text + "\n";
}

namespace {
/// Reads one file; the first thing that does not fit is kept.
class Reader {
public:
  llvm::Error read(const llvm::json::Value &root, CalibrationData &data);

private:
  bool fail(const Twine &message) {
    if (problem.empty())
      problem = message.str();
    return false;
  }
  bool readTensor(const llvm::json::Value &value, size_t number,
                  CalibrationData &data);
  bool readNumbers(const llvm::json::Object &object, StringRef key,
                   StringRef name, std::vector<double> &numbers);
  bool readHistogram(const llvm::json::Object &object, StringRef name,
                     Histogram &histogram);

  std::string problem;
};
} // namespace

bool Reader::readNumbers(const llvm::json::Object &object, StringRef key,
                         StringRef name, std::vector<double> &numbers) {
  const llvm::json::Value *value = object.get(key);
  if (!value)
    return true;
  const llvm::json::Array *array = value->getAsArray();
  if (!array)
    return fail("tensor '" + name + "': '" + key + "' is no array");
  for (const llvm::json::Value &element : *array) {
    std::optional<double> number = element.getAsNumber();
    if (!number)
      return fail("tensor '" + name + "': '" + key +
                  "' has elements that are no numbers");
    numbers.push_back(*number);
  }
  return true;
}

bool Reader::readHistogram(const llvm::json::Object &object, StringRef name,
                           Histogram &histogram) {
  const llvm::json::Object *bins = object.getObject("histogram");
  std::optional<double> low = object.getNumber("min");
  std::optional<double> high = object.getNumber("max");
  std::vector<double> numbers;
  if (bins && !readNumbers(*bins, "counts", name, numbers))
    return false;
  std::optional<double> width = bins ? bins->getNumber("width") : std::nullopt;
  std::optional<int64_t> first =
      bins ? bins->getInteger("first") : std::nullopt;
  std::vector<uint64_t> counts;
  for (double number : numbers)
    counts.push_back(number >= 0 && number < 0x1p60 ? uint64_t(number) : 0);
  if (!low || !high || !width || !first ||
      !Histogram::restore(*width, *first, std::move(counts), *low, *high,
                          histogram))
    return fail("tensor '" + name +
                "': expected 'min', 'max' and a 'histogram' with 'width', "
                "'first' and 'counts'");
  return true;
}

bool Reader::readTensor(const llvm::json::Value &value, size_t number,
                        CalibrationData &data) {
  const llvm::json::Object *object = value.getAsObject();
  std::optional<StringRef> name =
      object ? object->getString("name") : std::nullopt;
  if (!name)
    return fail("tensor " + Twine(number) + " has no 'name'");
  TensorStatistics tensor;
  const llvm::json::Object *range = object->getObject("range");
  std::optional<double> low = range ? range->getNumber("low") : std::nullopt;
  std::optional<double> high = range ? range->getNumber("high") : std::nullopt;
  if (!low || !high || !(*low <= *high) || !std::isfinite(*low) ||
      !std::isfinite(*high))
    return fail("tensor '" + *name +
                "': expected a 'range' with 'low' and 'high' in order");
  tensor.range = {*low, *high};
  tensor.chosenBy = range->getString("by").value_or("").str();
  if (!readHistogram(*object, *name, tensor.histogram) ||
      !readNumbers(*object, "channel_absmax", *name, tensor.channelAbsMax) ||
      !readNumbers(*object, "channel_mean", *name, tensor.channelMean))
    return false;
  if (const llvm::json::Object *trials = object->getObject("sqnr_db"))
    for (const auto &[key, decibels] : *trials)
      tensor.trials[key.str()] = decibels.getAsNumber().value_or(0);
  if (!data.tensors.emplace(name->str(), std::move(tensor)).second)
    return fail("tensor '" + *name + "' is there twice");
  return true;
}

llvm::Error Reader::read(const llvm::json::Value &root, CalibrationData &data) {
  const llvm::json::Object *object = root.getAsObject();
  std::optional<StringRef> kind =
      object ? object->getString("kind") : std::nullopt;
  if (!kind || *kind != "nnc-calibration")
    return llvm::createStringError(
        "expected a calibration file, as nnc calibrate writes it");
  std::optional<int64_t> version = object->getInteger("version");
  if (!version || *version != formatVersion)
    return llvm::createStringError(
        llvm::formatv("expected version {0} of calibration files, but found "
                      "{1}; calibrate again",
                      formatVersion, version.value_or(0))
            .str());
  data.samples = object->getInteger("samples").value_or(0);
  const llvm::json::Array *tensors = object->getArray("tensors");
  if (!tensors)
    return llvm::createStringError("expected an array 'tensors'");
  for (size_t i = 0; i < tensors->size(); ++i)
    if (!readTensor((*tensors)[i], i, data))
      return llvm::createStringError(problem);
  return llvm::Error::success();
}

llvm::Expected<CalibrationData> CalibrationData::parse(StringRef text) {
  llvm::Expected<llvm::json::Value> root = llvm::json::parse(text);
  if (!root)
    return llvm::createStringError("expected JSON: " +
                                   llvm::toString(root.takeError()));
  CalibrationData data;
  if (llvm::Error error = Reader().read(*root, data))
    return std::move(error);
  return data;
}

llvm::Expected<CalibrationData> CalibrationData::read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path.str() +
                                   "': " + buffer.getError().message());
  llvm::Expected<CalibrationData> data = parse((*buffer)->getBuffer());
  if (!data)
    return llvm::createStringError("'" + path.str() +
                                   "': " + llvm::toString(data.takeError()));
  return data;
}
