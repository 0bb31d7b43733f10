//===----------------------------------------------------------------------===//
// External data: finds, checks and maps the files beside a model that hold its
// tensors. A model is input from anywhere, so its paths must not lead out of
// its folder.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ModelReaderDetail.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA1.h"

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;
namespace path = llvm::sys::path;

namespace {

/// The entries of external_data that have a meaning here.
struct Reference {
  std::string location;
  std::string checksum;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

class Resolver {
public:
  Resolver(LoadedModel &model, const LoadOptions &options)
      : model(model), options(options) {}

  /// Makes one tensor's marker, or fails with words that do not name it.
  llvm::Error resolve(onnx::TensorProto &tensor);

private:
  llvm::Expected<int> openLocation(llvm::StringRef location);
  llvm::Expected<int> mapLocation(llvm::StringRef location);
  llvm::Error checkInside(llvm::StringRef file, llvm::StringRef folder) const;
  llvm::Error checkSum(const Reference &reference, int file);

  LoadedModel &model;
  const LoadOptions &options;
  /// Number in LoadedModel::files, by location without "." and "//".
  llvm::StringMap<int> known;
  llvm::StringMap<std::string> refused;
  llvm::StringMap<std::string> sums;
};

} // namespace

static llvm::Expected<Reference>
parseReference(const onnx::TensorProto &tensor) {
  Reference reference;
  llvm::StringMap<std::string> values;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data())
    if (!values.try_emplace(entry.key(), entry.value()).second)
      return makeError("external_data has two entries '" + entry.key() + "'");
  auto number = [&](llvm::StringRef key, uint64_t &value) -> llvm::Error {
    llvm::StringRef text = values.find(key)->second;
    if (text.empty() || !llvm::all_of(text, llvm::isDigit) ||
        text.getAsInteger(10, value))
      return makeError("expects a decimal number of bytes as " + key +
                       " of the external data, but got '" + text + "'");
    return llvm::Error::success();
  };
  if (values.count("offset"))
    if (llvm::Error error = number("offset", reference.offset))
      return std::move(error);
  if (values.count("length")) {
    reference.length = 0;
    if (llvm::Error error = number("length", *reference.length))
      return std::move(error);
  }
  reference.location = values.lookup("location");
  reference.checksum = values.lookup("checksum");
  return reference;
}

/// `location` without "." and doubled separators; refuses what could lead out
/// of the model's folder or is no path at all.
static llvm::Expected<std::string> normalize(llvm::StringRef location) {
  if (location.empty())
    return makeError("external_data names no location");
  if (location.contains('\0'))
    return makeError("the location of the external data contains a NUL "
                     "character");
  if (path::is_absolute(location))
    return makeError("expects a location of external data relative to the "
                     "model's folder, but got '" +
                     location + "'");
  if (llvm::is_contained(
          llvm::make_range(path::begin(location), path::end(location)), ".."))
    return makeError("the location '" + location +
                     "' of the external data contains '..'; put the file into "
                     "the model's folder");
  llvm::SmallString<128> clean(location);
  path::remove_dots(clean);
  if (clean.empty() || path::is_separator(location.back()))
    return makeError("expects a file as location of the external data, but "
                     "got '" +
                     location + "'");
  std::string joined;
  for (llvm::StringRef part :
       llvm::make_range(path::begin(clean), path::end(clean)))
    joined += (joined.empty() ? "" : "/") + part.str();
  return joined;
}

/// Links are allowed as long as they end inside of the model's folder.
llvm::Error Resolver::checkInside(llvm::StringRef file,
                                  llvm::StringRef folder) const {
  llvm::SmallString<256> realFile, realFolder;
  if (std::error_code code = llvm::sys::fs::real_path(file, realFile))
    return makeError("cannot open the external data '" + file +
                     "': " + code.message());
  if (std::error_code code = llvm::sys::fs::real_path(folder, realFolder))
    return makeError("cannot open the model's folder '" + folder +
                     "': " + code.message());
  llvm::StringRef rest = realFile;
  if (realFolder == "/" ||
      (rest.consume_front(realFolder) && rest.starts_with("/")))
    return llvm::Error::success();
  return makeError("the external data '" + file +
                   "' is a link out of the model's folder, to '" + realFile +
                   "'; copy the file into the folder");
}

llvm::Expected<int> Resolver::mapLocation(llvm::StringRef location) {
  llvm::StringRef modelPath = model.files[0].path;
  llvm::SmallString<256> file = path::parent_path(modelPath);
  std::string folder = file.empty() ? "." : file.str().str();
  path::append(file, location);
  if (llvm::Error error = checkInside(file, folder))
    return std::move(error);
  llvm::Expected<std::shared_ptr<const FileMapping>> mapping =
      FileMapping::open(file);
  if (!mapping)
    return makeError("external data " + llvm::toString(mapping.takeError()));
  for (auto [index, other] : llvm::enumerate(model.files))
    if (other.mapping->isSameFile(**mapping))
      return static_cast<int>(index);
  model.files.push_back(
      {file.str().str(), location.str(), std::move(*mapping)});
  return static_cast<int>(model.files.size()) - 1;
}

llvm::Expected<int> Resolver::openLocation(llvm::StringRef location) {
  llvm::Expected<std::string> clean = normalize(location);
  if (!clean)
    return clean.takeError();
  if (auto it = known.find(*clean); it != known.end())
    return it->second;
  if (auto it = refused.find(*clean); it != refused.end())
    return makeError(it->second);
  llvm::Expected<int> file = mapLocation(*clean);
  if (file) {
    known[*clean] = *file;
    return file;
  }
  std::string message = llvm::toString(file.takeError());
  refused[*clean] = message;
  return makeError(message);
}

llvm::Error Resolver::checkSum(const Reference &reference, int file) {
  if (!options.verifyChecksums || reference.checksum.empty())
    return llvm::Error::success();
  const MappedFile &mapped = model.files[file];
  std::string &sum = sums[mapped.path];
  if (sum.empty())
    sum = llvm::toHex(llvm::SHA1::hash(mapped.mapping->bytes()), true);
  if (llvm::StringRef(sum).equals_insensitive(reference.checksum))
    return llvm::Error::success();
  return makeError("expects the SHA-1 " + reference.checksum +
                   " of the external data '" + mapped.path + "', but it is " +
                   sum);
}

llvm::Error Resolver::resolve(onnx::TensorProto &tensor) {
  llvm::Expected<Reference> reference = parseReference(tensor);
  if (!reference)
    return reference.takeError();
  llvm::Expected<uint64_t> needed = expectedBytes(tensor);
  if (!needed)
    return needed.takeError();
  if (reference->length && *reference->length != *needed)
    return makeError("expects " + llvm::Twine(*needed) + " bytes for " +
                     dimsText(tensor) + " of " + typeName(tensor.data_type()) +
                     ", but external_data says length " +
                     llvm::Twine(*reference->length));
  llvm::Expected<int> file = openLocation(reference->location);
  if (!file)
    return file.takeError();
  const MappedFile &mapped = model.files[*file];
  uint64_t size = mapped.mapping->bytes().size();
  if (reference->offset > size || *needed > size - reference->offset)
    return makeError("expects " + llvm::Twine(*needed) + " bytes at offset " +
                     llvm::Twine(reference->offset) +
                     " of the external data '" + mapped.path +
                     "', but the file has " + llvm::Twine(size) + " bytes");
  if (llvm::Error error = checkSum(*reference, *file))
    return error;
  tensor.set_raw_data(makeMarker(model.sources.size()));
  TensorSource source;
  source.file = *file;
  source.offset = reference->offset;
  source.length = *needed;
  model.sources.push_back(source);
  return llvm::Error::success();
}

llvm::Error detail::resolveExternalData(LoadedModel &model,
                                        const LoadOptions &options) {
  Resolver resolver(model, options);
  std::string messages;
  auto visit = [&](onnx::TensorProto &tensor, const llvm::Twine &where) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return;
    llvm::Error error = resolver.resolve(tensor);
    if (!error)
      return;
    std::string name =
        tensor.name().empty() ? where.str() : "tensor '" + tensor.name() + "'";
    messages += (messages.empty() ? "" : "\n") + model.files[0].path + ": " +
                name + ": " + llvm::toString(std::move(error));
  };
  forEachTensor(*model.proto, visit);
  if (!messages.empty())
    return makeError(messages);
  return llvm::Error::success();
}
