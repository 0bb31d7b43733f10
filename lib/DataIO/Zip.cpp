//===----------------------------------------------------------------------===//
// Reading and writing of zip archives. Field offsets are those of the ZIP
// application note (APPNOTE 6.3), sections 4.3.7 to 4.3.16 and 4.5.3.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Zip.h"

#include "Deflate.h"

#include <algorithm>
#include <cstring>

namespace nncio {

static constexpr uint32_t localSignature = 0x04034b50;
static constexpr uint32_t centralSignature = 0x02014b50;
static constexpr uint32_t endSignature = 0x06054b50;
static constexpr uint32_t end64Signature = 0x06064b50;
static constexpr uint32_t locator64Signature = 0x07064b50;
static constexpr size_t localBytes = 30;
static constexpr size_t centralBytes = 46;
static constexpr size_t endBytes = 22;
static constexpr size_t end64Bytes = 56;
static constexpr size_t locator64Bytes = 20;
static constexpr uint32_t inZip64 = 0xffffffff;
static constexpr uint16_t inZip64Short = 0xffff;
/// Deflate cannot do better: 258 bytes from two bits.
static constexpr uint64_t maxDeflateRatio = 1032;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

template <typename T>
static T load(const uint8_t *at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

static bool holds(Span bytes, uint64_t offset, uint64_t size) {
  return offset <= bytes.size && size <= bytes.size - offset;
}

static bool hasSignature(Span bytes, uint64_t offset, size_t size,
                         uint32_t signature) {
  return holds(bytes, offset, size) &&
         load<uint32_t>(bytes.data + offset) == signature;
}

namespace {

struct Directory {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t entries = 0;
};

} // namespace

/// Finds the end record, behind which only a comment may follow.
static bool findEnd(Span archive, size_t &offset) {
  if (archive.size < endBytes)
    return false;
  const size_t last = archive.size - endBytes;
  const size_t first = last > 0xffff ? last - 0xffff : 0;
  for (size_t at = last + 1; at-- > first;)
    if (load<uint32_t>(archive.data + at) == endSignature &&
        load<uint16_t>(archive.data + at + 20) == last - at) {
      offset = at;
      return true;
    }
  return false;
}

static Result<Directory> findDirectory(Span archive) {
  using Failed = Result<Directory>;
  size_t end = 0;
  if (!findEnd(archive, end))
    return Failed::failure(
        "expected a zip archive, but found no end record (is "
        "the file truncated?)");
  const uint8_t *record = archive.data + end;
  Directory directory;
  directory.entries = load<uint16_t>(record + 10);
  directory.size = load<uint32_t>(record + 12);
  directory.offset = load<uint32_t>(record + 16);
  if (end >= locator64Bytes &&
      hasSignature(archive, end - locator64Bytes, locator64Bytes,
                   locator64Signature)) {
    const uint64_t at = load<uint64_t>(record - locator64Bytes + 8);
    if (!hasSignature(archive, at, end64Bytes, end64Signature))
      return Failed::failure("the zip64 end record is not where it should be");
    const uint8_t *wide = archive.data + at;
    directory.entries = load<uint64_t>(wide + 32);
    directory.size = load<uint64_t>(wide + 40);
    directory.offset = load<uint64_t>(wide + 48);
  }
  if (!holds(archive, directory.offset, directory.size) ||
      directory.entries > directory.size / centralBytes)
    return Failed::failure(
        "the zip directory reaches past the end of the file");
  return directory;
}

/// Replaces the fields that are all ones by those of the zip64 extra field.
static bool applyZip64(Span extra, ZipEntry &entry) {
  uint64_t *const fields[] = {&entry.size, &entry.packedSize,
                              &entry.localOffset};
  bool needed = false;
  for (const uint64_t *field : fields)
    needed |= *field == inZip64;
  if (!needed)
    return true;
  for (size_t at = 0; holds(extra, at, 4);) {
    const uint16_t id = load<uint16_t>(extra.data + at);
    const uint16_t size = load<uint16_t>(extra.data + at + 2);
    at += 4;
    if (!holds(extra, at, size))
      return false;
    if (id == 1) {
      size_t used = 0;
      for (uint64_t *field : fields) {
        if (*field != inZip64)
          continue;
        if (size - used < 8)
          return false;
        *field = load<uint64_t>(extra.data + at + used);
        used += 8;
      }
      return true;
    }
    at += size;
  }
  return false;
}

Result<std::vector<ZipEntry>> listZip(Span archive) {
  using Failed = Result<std::vector<ZipEntry>>;
  Result<Directory> directory = findDirectory(archive);
  if (!directory)
    return Failed::failure(directory.error());
  const Span bytes(archive.data + directory->offset,
                   static_cast<size_t>(directory->size));
  std::vector<ZipEntry> entries;
  size_t at = 0;
  for (uint64_t i = 0; i < directory->entries; ++i) {
    if (!hasSignature(bytes, at, centralBytes, centralSignature))
      return Failed::failure("entry " + std::to_string(i) +
                             " of the zip directory is malformed");
    const uint8_t *record = bytes.data + at;
    const size_t nameSize = load<uint16_t>(record + 28);
    const size_t extraSize = load<uint16_t>(record + 30);
    const size_t total =
        centralBytes + nameSize + extraSize + load<uint16_t>(record + 32);
    if (!holds(bytes, at, total))
      return Failed::failure("entry " + std::to_string(i) +
                             " of the zip directory is truncated");
    ZipEntry entry;
    entry.flags = load<uint16_t>(record + 8);
    entry.method = load<uint16_t>(record + 10);
    entry.crc = load<uint32_t>(record + 16);
    entry.packedSize = load<uint32_t>(record + 20);
    entry.size = load<uint32_t>(record + 24);
    entry.localOffset = load<uint32_t>(record + 42);
    entry.name.assign(reinterpret_cast<const char *>(record + centralBytes),
                      nameSize);
    if (!applyZip64(Span(record + centralBytes + nameSize, extraSize), entry))
      return Failed::failure("zip member '" + entry.name +
                             "' has a malformed zip64 field");
    entries.push_back(std::move(entry));
    at += total;
  }
  return entries;
}

Result<FileBytes> readZipEntry(const FileBytes &archive,
                               const ZipEntry &entry) {
  const auto failure = [&](const std::string &why) {
    return Result<FileBytes>::failure("zip member '" + entry.name + "' " + why);
  };
  if (entry.flags & 1)
    return failure("is encrypted, which is not supported");
  if (!hasSignature(archive.span, entry.localOffset, localBytes,
                    localSignature))
    return failure("is not where the directory says");
  const uint8_t *local = archive.span.data + entry.localOffset;
  const uint64_t start = entry.localOffset + localBytes +
                         load<uint16_t>(local + 26) +
                         load<uint16_t>(local + 28);
  if (!holds(archive.span, start, entry.packedSize))
    return failure("reaches past the end of the file");
  FileBytes bytes;
  bytes.span =
      Span(archive.span.data + start, static_cast<size_t>(entry.packedSize));
  bytes.owner = archive.owner;
  if (entry.method == 0) {
    if (entry.size != entry.packedSize)
      return failure("is stored, but its two sizes differ");
  } else if (entry.method == 8) {
    if (entry.size / maxDeflateRatio > entry.packedSize)
      return failure("claims more bytes than deflate can pack");
    uint8_t *data = nullptr;
    Result<FileBytes> inflated =
        allocateBytes(static_cast<size_t>(entry.size), data);
    if (!inflated)
      return failure("cannot be unpacked: " + inflated.error());
    Status unpacked = inflateExactly(bytes.span, data, inflated->span.size);
    if (!unpacked)
      return failure(unpacked.error());
    bytes = std::move(*inflated);
  } else {
    return failure("uses compression method " + std::to_string(entry.method) +
                   "; expected stored (0) or deflated (8)");
  }
  if (addToChecksum(0, bytes.span) != entry.crc)
    return failure("has a wrong checksum");
  return bytes;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

template <typename T>
static void put(std::string &out, uint64_t value) {
  const T narrow = static_cast<T>(value);
  out.append(reinterpret_cast<const char *>(&narrow), sizeof(T));
}

/// The fields that local header and directory entry share.
static void putCommon(std::string &out, const ZipEntry &entry, bool wide,
                      size_t extraSize) {
  put<uint16_t>(out, wide ? 45 : 20);
  put<uint16_t>(out, entry.flags);
  put<uint16_t>(out, entry.method);
  put<uint16_t>(out, 0);
  // The first day that the format can express: outputs do not depend on time.
  put<uint16_t>(out, 0x21);
  put<uint32_t>(out, entry.crc);
  put<uint32_t>(out, wide ? inZip64 : entry.size);
  put<uint32_t>(out, wide ? inZip64 : entry.size);
  put<uint16_t>(out, entry.name.size());
  put<uint16_t>(out, extraSize);
}

static std::string localHeader(const ZipEntry &entry, bool wide) {
  std::string out;
  put<uint32_t>(out, localSignature);
  putCommon(out, entry, wide, wide ? 20 : 0);
  out += entry.name;
  if (wide) {
    put<uint16_t>(out, 1);
    put<uint16_t>(out, 16);
    put<uint64_t>(out, entry.size);
    put<uint64_t>(out, entry.size);
  }
  return out;
}

static void putCentral(std::string &out, const ZipEntry &entry, bool wide) {
  put<uint32_t>(out, centralSignature);
  put<uint16_t>(out, 45);
  putCommon(out, entry, wide, wide ? 28 : 0);
  put<uint16_t>(out, 0); // Comment.
  put<uint16_t>(out, 0); // Volume.
  put<uint16_t>(out, 0); // Internal attributes.
  put<uint32_t>(out, 0); // External attributes.
  put<uint32_t>(out, wide ? inZip64 : entry.localOffset);
  out += entry.name;
  if (wide) {
    put<uint16_t>(out, 1);
    put<uint16_t>(out, 24);
    put<uint64_t>(out, entry.size);
    put<uint64_t>(out, entry.size);
    put<uint64_t>(out, entry.localOffset);
  }
}

static void putEnd(std::string &out, const Directory &directory, bool wide) {
  if (wide) {
    put<uint32_t>(out, end64Signature);
    put<uint64_t>(out, end64Bytes - 12);
    put<uint16_t>(out, 45);
    put<uint16_t>(out, 45);
    put<uint32_t>(out, 0);
    put<uint32_t>(out, 0);
    put<uint64_t>(out, directory.entries);
    put<uint64_t>(out, directory.entries);
    put<uint64_t>(out, directory.size);
    put<uint64_t>(out, directory.offset);
    put<uint32_t>(out, locator64Signature);
    put<uint32_t>(out, 0);
    put<uint64_t>(out, directory.offset + directory.size);
    put<uint32_t>(out, 1);
  }
  put<uint32_t>(out, endSignature);
  put<uint16_t>(out, 0);
  put<uint16_t>(out, 0);
  put<uint16_t>(out, wide ? inZip64Short : directory.entries);
  put<uint16_t>(out, wide ? inZip64Short : directory.entries);
  put<uint32_t>(out, wide ? inZip64 : directory.size);
  put<uint32_t>(out, wide ? inZip64 : directory.offset);
  put<uint16_t>(out, 0);
}

Status writeZip(const std::string &path, const std::vector<ZipMember> &members,
                bool forceZip64) {
  std::vector<std::string> headers(members.size());
  std::vector<Span> pieces;
  std::string tail;
  uint64_t offset = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    ZipEntry entry;
    entry.name = members[i].name;
    if (entry.name.size() > 0xffff)
      return Status::failure("a zip member's name has over 65535 bytes");
    entry.flags = 0x800; // The name is UTF-8.
    entry.localOffset = offset;
    for (const Span &piece : members[i].pieces) {
      entry.crc = addToChecksum(entry.crc, piece);
      entry.size += piece.size;
    }
    const bool wide =
        forceZip64 || entry.size >= inZip64 || entry.localOffset >= inZip64;
    headers[i] = localHeader(entry, wide);
    putCentral(tail, entry, wide);
    pieces.push_back(Span(headers[i]));
    pieces.insert(pieces.end(), members[i].pieces.begin(),
                  members[i].pieces.end());
    offset += headers[i].size() + entry.size;
  }
  Directory directory;
  directory.offset = offset;
  directory.size = tail.size();
  directory.entries = members.size();
  putEnd(tail, directory,
         forceZip64 || offset >= inZip64 || tail.size() >= inZip64 ||
             members.size() >= inZip64Short);
  pieces.push_back(Span(tail));
  return writeFile(path, pieces);
}

} // namespace nncio
