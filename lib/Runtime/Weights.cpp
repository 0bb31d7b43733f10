//===----------------------------------------------------------------------===//
// Weights in a file beside the library: found, checked and mapped.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Weights.h"

#include "lib/Runtime/Internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace nncrt;

//===----------------------------------------------------------------------===//
// XXH64, by Yann Collet: https://github.com/Cyan4973/xxHash, specification in
// doc/xxhash_spec.md; the seed is 0.
//===----------------------------------------------------------------------===//

static constexpr uint64_t prime1 = 0x9E3779B185EBCA87, //
    prime2 = 0xC2B2AE3D27D4EB4F, prime3 = 0x165667B19E3779F9,
                          prime4 = 0x85EBCA77C2B2AE63,
                          prime5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t value, int bits) {
  return (value << bits) | (value >> (64 - bits));
}

template <typename T>
static T readRaw(const uint8_t *data) {
  T value;
  memcpy(&value, data, sizeof value);
  return value;
}

static uint64_t mixRound(uint64_t sum, uint64_t lane) {
  return rotate(sum + lane * prime2, 31) * prime1;
}

/// The last 31 bytes at most.
static uint64_t finishHash(uint64_t hash, const uint8_t *data,
                           const uint8_t *end) {
  for (; end - data >= 8; data += 8)
    hash = rotate(hash ^ mixRound(0, readRaw<uint64_t>(data)), 27) * prime1 +
           prime4;
  if (end - data >= 4) {
    hash =
        rotate(hash ^ readRaw<uint32_t>(data) * prime1, 23) * prime2 + prime3;
    data += 4;
  }
  for (; data != end; ++data)
    hash = rotate(hash ^ *data * prime5, 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

uint64_t nncrt::hashBytes(const uint8_t *data, uint64_t bytes) {
  const uint8_t *end = data + bytes;
  if (bytes < 32)
    return finishHash(prime5 + bytes, data, end);
  uint64_t sums[4] = {prime1 + prime2, prime2, 0, 0 - prime1};
  for (; end - data >= 32; data += 32)
    for (int lane = 0; lane < 4; ++lane)
      sums[lane] = mixRound(sums[lane], readRaw<uint64_t>(data + 8 * lane));
  uint64_t hash = rotate(sums[0], 1) + rotate(sums[1], 7) +
                  rotate(sums[2], 12) + rotate(sums[3], 18);
  for (uint64_t sum : sums)
    hash = (hash ^ mixRound(0, sum)) * prime1 + prime4;
  return finishHash(hash + bytes, data, end);
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static const nncrt_weights_file &getFile(const nncrt_model &tables) {
  return *reinterpret_cast<const nncrt_weights_file *>(tables.weights);
}

nnc_status nncrt::checkWeightsFile(const nncrt_model &tables,
                                   nnc_error *error) {
  const nncrt_weights_file &file = getFile(tables);
  bool isName = file.name[0] && memchr(file.name, '\0', sizeof file.name) &&
                !strchr(file.name, '/');
  if (isName && file.offset % NNCRT_ALIGNMENT == 0 &&
      file.offset <= file.file_bytes && tables.weights_bytes > 0 &&
      tables.weights_bytes <= file.file_bytes - file.offset)
    return NNC_OK;
  return report(error, NNC_INVALID_MODEL,
                "what the model says of the file of its weights makes no "
                "sense");
}

/// The file called `name` in the folder of the library, or program, that holds
/// `tables`; to be freed. NULL without memory.
static char *pathBeside(const void *tables, const char *name) {
  Dl_info info = {};
  const char *library =
      dladdr(tables, &info) && info.dli_fname ? info.dli_fname : "";
  const char *slash = strrchr(library, '/');
  size_t folder = slash ? static_cast<size_t>(slash + 1 - library) : 0;
  auto *path = static_cast<char *>(malloc(folder + strlen(name) + 1));
  if (!path)
    return nullptr;
  memcpy(path, library, folder);
  strcpy(path + folder, name);
  return path;
}

/// Maps an open file of the right size.
static nnc_status mapDescriptor(int file, const char *path,
                                const nncrt_weights_file &expected,
                                MappedWeights &weights, nnc_error *error) {
  struct stat info;
  char text[128];
  if (fstat(file, &info) != 0)
    return report(error, NNC_IO_ERROR, "cannot read the weights '%s': %s", path,
                  strerror_r(errno, text, sizeof text));
  if (!S_ISREG(info.st_mode))
    return report(error, NNC_IO_ERROR,
                  "cannot read the weights '%s': not a "
                  "file",
                  path);
  if (static_cast<uint64_t>(info.st_size) != expected.file_bytes)
    return report(
        error, NNC_INVALID_MODEL,
        "the weights '%s' are not those of the model: expects %" PRIu64
        " bytes but the file has %" PRIu64
        "; take the file that was written with the library",
        path, expected.file_bytes, static_cast<uint64_t>(info.st_size));
  void *data =
      mmap(nullptr, expected.file_bytes, PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED)
    return report(error, NNC_IO_ERROR, "cannot map the weights '%s': %s", path,
                  strerror_r(errno, text, sizeof text));
  weights = {data, expected.file_bytes};
  uint64_t hash = hashBytes(static_cast<const uint8_t *>(data), weights.bytes);
  if (hash == expected.hash)
    return NNC_OK;
  weights.release();
  return report(error, NNC_INVALID_MODEL,
                "the weights '%s' are not those of the model: expects the hash "
                "%016" PRIx64 " but the file has %016" PRIx64
                "; take the file that was written with the library",
                path, expected.hash, hash);
}

static nnc_status mapPath(const char *path, bool isGiven,
                          const nncrt_weights_file &expected,
                          MappedWeights &weights, nnc_error *error) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    char text[128];
    return report(error, NNC_IO_ERROR, "cannot open the weights '%s': %s%s",
                  path, strerror_r(errno, text, sizeof text),
                  isGiven ? ""
                          : "; they belong beside the library, or are named "
                            "when the model is opened");
  }
  nnc_status status = mapDescriptor(file, path, expected, weights, error);
  close(file);
  return status;
}

void MappedWeights::release() {
  if (data)
    munmap(data, bytes);
  *this = MappedWeights();
}

nnc_status nncrt::mapWeights(const nncrt_model &tables, const char *path,
                             nncrt_model &complete, MappedWeights &weights,
                             nnc_error *error) {
  const nncrt_weights_file &file = getFile(tables);
  char *beside = path ? nullptr : pathBeside(&tables, file.name);
  if (!path && !beside)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a path");
  nnc_status status =
      mapPath(path ? path : beside, path != nullptr, file, weights, error);
  free(beside);
  if (status != NNC_OK)
    return status;
  complete = tables;
  complete.abi_version &= ~NNCRT_WEIGHTS_IN_FILE;
  complete.weights = static_cast<const uint8_t *>(weights.data) + file.offset;
  complete.next = nullptr;
  return NNC_OK;
}
