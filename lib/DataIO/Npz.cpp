//===----------------------------------------------------------------------===//
// Reading and writing of .npz files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npz.h"

#include "TensorBytes.h"
#include "Zip.h"
#include "nnc/DataIO/Npy.h"

#include <algorithm>

namespace nncio {

static std::string keyOf(const std::string &member) {
  const std::string suffix = ".npy";
  if (member.size() >= suffix.size() &&
      member.compare(member.size() - suffix.size(), suffix.size(), suffix) == 0)
    return member.substr(0, member.size() - suffix.size());
  return member;
}

/// "'a', 'b'", shortened after ten.
static std::string keysText(const std::vector<ZipEntry> &entries) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(entries.size(), 10); ++i)
    text += (i == 0 ? "'" : ", '") + keyOf(entries[i].name) + "'";
  if (entries.size() > 10)
    text += ", ...";
  return entries.empty() ? "none" : text;
}

static Result<Tensor> readMember(const FileBytes &archive,
                                 const std::string &key) {
  Result<std::vector<ZipEntry>> entries = listZip(archive.span);
  if (!entries)
    return Result<Tensor>::failure(entries.error());
  if (key.empty() && entries->size() != 1)
    return Result<Tensor>::failure(
        "expected ':KEY' after the file's name, because it holds " +
        std::to_string(entries->size()) +
        " arrays; its keys: " + keysText(*entries));
  const auto found = std::find_if(
      entries->rbegin(), entries->rend(), [&](const ZipEntry &entry) {
        return key.empty() || entry.name == key || keyOf(entry.name) == key;
      });
  if (found == entries->rend())
    return Result<Tensor>::failure("there is no array '" + key +
                                   "'; its keys: " + keysText(*entries));
  Result<FileBytes> bytes = readZipEntry(archive, *found);
  if (!bytes)
    return Result<Tensor>::failure(bytes.error());
  return inFile(found->name, parseNpy(bytes->span, bytes->owner));
}

Result<std::vector<std::string>> listNpz(const std::string &path) {
  using Keys = Result<std::vector<std::string>>;
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Keys::failure(file.error());
  Result<std::vector<ZipEntry>> entries = inFile(path, listZip(file->span));
  if (!entries)
    return Keys::failure(entries.error());
  std::vector<std::string> keys;
  for (const ZipEntry &entry : *entries)
    keys.push_back(keyOf(entry.name));
  return keys;
}

Result<Tensor> readNpz(const std::string &path, const std::string &key) {
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Result<Tensor>::failure(file.error());
  return inFile(path, readMember(*file, key));
}

Status writeNpz(const std::string &path,
                const std::vector<NamedTensor> &tensors) {
  std::vector<NpyImage> images(tensors.size());
  std::vector<ZipMember> members(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    Result<NpyImage> image = serializeNpy(tensors[i].tensor);
    if (!image)
      return Status::failure("cannot write '" + tensors[i].name + "' to '" +
                             path + "': " + image.error());
    images[i] = std::move(*image);
    members[i].name = tensors[i].name + ".npy";
    members[i].pieces = {Span(images[i].header), images[i].data()};
  }
  return writeZip(path, members);
}

} // namespace nncio
