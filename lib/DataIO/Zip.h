//===----------------------------------------------------------------------===//
// Zip archives: the container of .npz files. Stored and deflated members,
// zip64, no encryption, one volume.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DATAIO_ZIP_H
#define NNC_LIB_DATAIO_ZIP_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

/// An entry of the central directory.
struct ZipEntry {
  std::string name;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t packedSize = 0;
  uint64_t size = 0;
  uint64_t localOffset = 0;
};

/// What is in the archive, in the order of its directory.
Result<std::vector<ZipEntry>> listZip(Span archive);

/// The bytes of a member, with sizes and CRC checked. A stored member shares
/// `archive`.
Result<FileBytes> readZipEntry(const FileBytes &archive, const ZipEntry &entry);

/// A member to write: its bytes are the pieces, one after the other.
struct ZipMember {
  std::string name;
  std::vector<Span> pieces;
};

/// Writes stored members. Zip64 fields appear where sizes or offsets need
/// them, and everywhere under `forceZip64`.
Status writeZip(const std::string &path, const std::vector<ZipMember> &members,
                bool forceZip64 = false);

} // namespace nncio

#endif // NNC_LIB_DATAIO_ZIP_H
