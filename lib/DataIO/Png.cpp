//===----------------------------------------------------------------------===//
// Reading of PNG pictures through libpng. Its errors arrive by longjmp: the
// two functions that call setjmp keep nothing with a destructor.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Png.h"

#include "TensorBytes.h"

#include <cstdio>
#include <cstring>
#include <png.h>

namespace nncio {

static constexpr size_t maxPictureBytes = size_t(1) << 28;
static constexpr png_uint_32 maxPictureSide = png_uint_32(1) << 20;
/// Deflate cannot do better.
static constexpr size_t maxDeflateRatio = 1032;

namespace {

/// The memory that libpng reads, and what it reports.
struct Source {
  Span rest;
  char message[160] = "unknown error";
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Source() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct Header {
  png_uint_32 width = 0;
  png_uint_32 height = 0;
  int channels = 0;
  size_t rowBytes = 0;
};

} // namespace

static void onError(png_structp png, png_const_charp message) {
  Source *source = static_cast<Source *>(png_get_error_ptr(png));
  std::snprintf(source->message, sizeof(source->message), "%s", message);
  png_longjmp(png, 1);
}

static void onWarning(png_structp, png_const_charp) {}

static void onRead(png_structp png, png_bytep out, size_t size) {
  Source *source = static_cast<Source *>(png_get_io_ptr(png));
  if (size > source->rest.size)
    png_error(png, "the file is truncated");
  std::memcpy(out, source->rest.data, size);
  source->rest.data += size;
  source->rest.size -= size;
}

static bool readHeader(Source &source, Header &header) {
  png_structp png = source.png;
  png_infop info = source.info;
  if (setjmp(png_jmpbuf(png)))
    return false;
  png_set_read_fn(png, &source, onRead);
  png_set_user_limits(png, maxPictureSide, maxPictureSide);
  png_set_chunk_malloc_max(png, maxPictureBytes);
  png_read_info(png, info);
  png_set_scale_16(png);
  const int color = png_get_color_type(png, info);
  if (color == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS))
      png_set_tRNS_to_alpha(png);
  } else if (color == PNG_COLOR_TYPE_GRAY) {
    png_set_expand_gray_1_2_4_to_8(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  header.width = png_get_image_width(png, info);
  header.height = png_get_image_height(png, info);
  header.channels = png_get_channels(png, info);
  header.rowBytes = png_get_rowbytes(png, info);
  return true;
}

static bool readRows(Source &source, png_bytepp rows) {
  if (setjmp(png_jmpbuf(source.png)))
    return false;
  png_read_image(source.png, rows);
  png_read_end(source.png, nullptr);
  return true;
}

Result<Tensor> parsePng(Span bytes) {
  using Failed = Result<Tensor>;
  if (bytes.size < 8 || png_sig_cmp(bytes.data, 0, 8) != 0)
    return Failed::failure(
        "expected a PNG, but its first bytes are not those of one");
  Source source;
  source.rest = bytes;
  source.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, onError,
                                      onWarning);
  source.info = source.png ? png_create_info_struct(source.png) : nullptr;
  if (!source.info)
    return Failed::failure("cannot set up libpng");
  Header header;
  if (!readHeader(source, header))
    return Failed::failure(std::string("the PNG is damaged: ") +
                           source.message);
  const size_t total = header.rowBytes * header.height;
  if (total > maxPictureBytes)
    return Failed::failure("the PNG has " + std::to_string(total) +
                           " bytes of pixels; expected at most " +
                           std::to_string(maxPictureBytes));
  // Expanding a 1-bit palette to RGBA makes 32 bytes of one.
  if (total / maxDeflateRatio / 32 > bytes.size)
    return Failed::failure("the PNG claims more pixels than its " +
                           std::to_string(bytes.size) + " bytes can hold");
  std::vector<int64_t> shape = {header.height, header.width, header.channels};
  if (static_cast<size_t>(numElements(shape)) != total)
    return Failed::failure("the PNG's samples do not become 8 bits");
  Result<Tensor> tensor = makeTensor(ElementType::U8, std::move(shape));
  if (!tensor)
    return tensor;
  uint8_t *data = tensor->mutableData();
  std::vector<png_bytep> rows(header.height);
  for (size_t y = 0; y < rows.size(); ++y)
    rows[y] = data + y * header.rowBytes;
  if (!readRows(source, rows.data()))
    return Failed::failure(std::string("the PNG is damaged: ") +
                           source.message);
  return tensor;
}

Result<Tensor> readPng(const std::string &path) {
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Result<Tensor>::failure(file.error());
  return inFile(path, parsePng(file->span));
}

} // namespace nncio
