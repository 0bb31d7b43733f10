//===----------------------------------------------------------------------===//
// From a picture to what a model takes: size, colors, layout, range.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Picture.h"

#include "TensorBytes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace nncio {

using Color = PictureOptions::Color;
using Layout = PictureOptions::Layout;

static constexpr int64_t maxSide = int64_t(1) << 12;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string::npos;
       begin = end + 1)
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

template <typename T>
static bool parseNumber(const std::string &text, T &value) {
  const char *end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, value);
  return code == std::errc() && rest == end;
}

/// "H x W" without the spaces.
static bool parseSize(const std::string &text, std::array<int64_t, 2> &size) {
  const std::vector<std::string> sides = split(text, 'x');
  if (sides.size() != 2)
    return false;
  for (size_t i = 0; i < 2; ++i)
    if (!parseNumber(sides[i], size[i]) || size[i] < 1 || size[i] > maxSide)
      return false;
  return true;
}

static bool parseNumbers(const std::string &text, std::vector<double> &list) {
  for (const std::string &part : split(text, '/')) {
    double value = 0;
    if (!parseNumber(part, value) || !std::isfinite(value))
      return false;
    list.push_back(value);
  }
  return true;
}

template <typename T>
static bool parseName(const std::string &text,
                      const std::map<std::string, T> &known, T &value) {
  const auto found = known.find(text);
  if (found == known.end())
    return false;
  value = found->second;
  return true;
}

static bool isZero(double value) { return value == 0; }

/// Reads one option. Gives what was expected; empty if it was that.
static std::string parseOption(const std::string &key, const std::string &value,
                               PictureOptions &options) {
  if (key == "resize")
    return parseSize(value, options.size)
               ? ""
               : "HEIGHTxWIDTH, each from 1 to " + std::to_string(maxSide);
  if (key == "color")
    return parseName<Color>(value,
                            {{"gray", Color::Gray},
                             {"rgb", Color::RGB},
                             {"bgr", Color::BGR}},
                            options.color)
               ? ""
               : "gray, rgb or bgr";
  if (key == "layout")
    return parseName<Layout>(value,
                             {{"hwc", Layout::HWC},
                              {"chw", Layout::CHW},
                              {"nhwc", Layout::NHWC},
                              {"nchw", Layout::NCHW}},
                             options.layout)
               ? ""
               : "hwc, chw, nhwc or nchw";
  if (key == "type")
    return parseName<bool>(value, {{"f32", true}, {"u8", false}},
                           options.isFloat)
               ? ""
               : "f32 or u8";
  std::vector<double> numbers;
  const bool isList = parseNumbers(value, numbers);
  const bool hasZero = std::any_of(numbers.begin(), numbers.end(), isZero);
  if (key == "scale") {
    if (!isList || numbers.size() != 1 || hasZero)
      return "a number that is not 0";
    options.scale = numbers[0];
  } else if (key == "mean") {
    if (!isList)
      return "numbers such as 0.485/0.456/0.406";
    options.mean = std::move(numbers);
  } else {
    if (!isList || hasZero)
      return "numbers such as 0.229/0.224/0.225, none of them 0";
    options.deviation = std::move(numbers);
  }
  options.isFloat = true;
  return "";
}

Result<PictureOptions> parsePictureOptions(const std::string &text) {
  using Failed = Result<PictureOptions>;
  static const char *const keys[] = {"resize", "color", "scale", "mean",
                                     "std",    "type",  "layout"};
  PictureOptions options;
  std::string type;
  for (const std::string &part : split(text, ',')) {
    const size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos ||
        std::find(std::begin(keys), std::end(keys), key) == std::end(keys))
      return Failed::failure("expected options of a picture, resize=, color=, "
                             "scale=, mean=, std=, type= or layout=, by comma, "
                             "but found '" +
                             part + "'");
    const std::string value = part.substr(equals + 1);
    if (key == "type")
      type = value;
    const std::string expected = parseOption(key, value, options);
    if (!expected.empty())
      return Failed::failure("picture option '" + key + "' expects " +
                             expected + ", but found '" + value + "'");
  }
  const bool isScaled =
      options.scale != 1 || !options.mean.empty() || !options.deviation.empty();
  if (type == "u8" && isScaled)
    return Failed::failure("picture option 'type=u8' leaves no place for "
                           "scale=, mean= or std=, which make f32");
  options.isFloat |= isScaled;
  return options;
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

namespace {

/// Samples in memory order, `channels` innermost.
struct Pixels {
  int64_t height, width, channels;
  std::vector<float> samples;

  float *at(int64_t y, int64_t x) {
    return samples.data() + (y * width + x) * channels;
  }
  const float *at(int64_t y, int64_t x) const {
    return samples.data() + (y * width + x) * channels;
  }
};

/// The samples [first, first + weights.size()) that make one of the result.
struct Tap {
  int64_t first;
  std::vector<double> weights;
};

} // namespace

/// Triangles around the centers of the new samples, cut off at the edges.
static std::vector<Tap> makeTaps(int64_t from, int64_t to) {
  const double step = double(from) / double(to);
  const double radius = std::max(step, 1.0);
  std::vector<Tap> taps;
  for (int64_t i = 0; i < to; ++i) {
    const double center = (double(i) + 0.5) * step;
    const int64_t first =
        std::max<int64_t>(0, int64_t(std::floor(center - radius)));
    const int64_t end =
        std::min<int64_t>(from, int64_t(std::ceil(center + radius)));
    Tap tap{first, {}};
    double sum = 0;
    for (int64_t j = first; j < end; ++j) {
      const double far = std::fabs(double(j) + 0.5 - center) / radius;
      tap.weights.push_back(std::max(0.0, 1 - far));
      sum += tap.weights.back();
    }
    for (double &weight : tap.weights)
      weight /= sum;
    taps.push_back(std::move(tap));
  }
  return taps;
}

/// Resizes the width and transposes, so that twice resizes both.
static Pixels resizeRows(const Pixels &in, int64_t width) {
  Pixels out{width, in.height, in.channels, {}};
  out.samples.resize(static_cast<size_t>(width * in.height * in.channels));
  const std::vector<Tap> taps = makeTaps(in.width, width);
  for (int64_t y = 0; y < in.height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      const Tap &tap = taps[static_cast<size_t>(x)];
      for (int64_t c = 0; c < in.channels; ++c) {
        double sum = 0;
        for (size_t k = 0; k < tap.weights.size(); ++k)
          sum += tap.weights[k] *
                 double(in.at(y, tap.first + static_cast<int64_t>(k))[c]);
        out.at(x, y)[c] = static_cast<float>(sum);
      }
    }
  return out;
}

/// Gray is ITU-R BT.601 luma, as of JPEG and Pillow.
static Pixels convertColors(const Pixels &in, Color color) {
  const bool isColor = in.channels >= 3;
  Pixels out{in.height, in.width, color == Color::Gray ? 1 : 3, {}};
  out.samples.resize(static_cast<size_t>(in.height * in.width * out.channels));
  for (int64_t y = 0; y < in.height; ++y)
    for (int64_t x = 0; x < in.width; ++x) {
      const float *from = in.at(y, x);
      const float red = from[0], green = isColor ? from[1] : red,
                  blue = isColor ? from[2] : red;
      float *to = out.at(y, x);
      if (color == Color::Gray) {
        to[0] = isColor ? 0.299f * red + 0.587f * green + 0.114f * blue : red;
        continue;
      }
      to[0] = color == Color::RGB ? red : blue;
      to[1] = green;
      to[2] = color == Color::RGB ? blue : red;
    }
  return out;
}

static double pick(const std::vector<double> &list, int64_t channel,
                   double otherwise) {
  if (list.empty())
    return otherwise;
  return list.size() == 1 ? list[0] : list[static_cast<size_t>(channel)];
}

static Result<Tensor> arrange(const Pixels &pixels,
                              const PictureOptions &options) {
  const bool isFirst =
      options.layout == Layout::CHW || options.layout == Layout::NCHW;
  std::vector<int64_t> shape =
      isFirst ? std::vector{pixels.channels, pixels.height, pixels.width}
              : std::vector{pixels.height, pixels.width, pixels.channels};
  if (options.layout == Layout::NCHW || options.layout == Layout::NHWC)
    shape.insert(shape.begin(), 1);
  Result<Tensor> tensor = makeTensor(
      options.isFloat ? ElementType::F32 : ElementType::U8, std::move(shape));
  if (!tensor)
    return tensor;
  for (int64_t y = 0; y < pixels.height; ++y)
    for (int64_t x = 0; x < pixels.width; ++x)
      for (int64_t c = 0; c < pixels.channels; ++c) {
        const int64_t place =
            isFirst ? (c * pixels.height + y) * pixels.width + x
                    : (y * pixels.width + x) * pixels.channels + c;
        const double sample = double(pixels.at(y, x)[c]);
        if (options.isFloat)
          tensor->setDouble(
              place, (sample / options.scale - pick(options.mean, c, 0)) /
                         pick(options.deviation, c, 1));
        else
          tensor->setInt(place,
                         std::clamp<int64_t>(std::lround(sample), 0, 255));
      }
  return tensor;
}

Result<Tensor> preparePicture(const Tensor &picture,
                              const PictureOptions &options) {
  using Failed = Result<Tensor>;
  if (picture.type() != ElementType::U8 || picture.rank() != 3 ||
      picture.empty())
    return Failed::failure("expected a picture as ui8 of rank 3");
  Pixels pixels{picture.shape()[0], picture.shape()[1], picture.shape()[2], {}};
  pixels.samples.assign(picture.data(), picture.data() + picture.size());
  if (options.size[1])
    pixels = resizeRows(resizeRows(pixels, options.size[1]), options.size[0]);
  if (options.color != Color::Keep)
    pixels = convertColors(pixels, options.color);
  for (const auto *list : {&options.mean, &options.deviation})
    if (list->size() > 1 &&
        list->size() != static_cast<size_t>(pixels.channels))
      return Failed::failure(
          "mean= and std= expect one number, or one for each of the " +
          std::to_string(pixels.channels) + " channels, but found " +
          std::to_string(list->size()) +
          "; color=rgb, bgr or gray chooses the channels");
  return arrange(pixels, options);
}

} // namespace nncio
