//===----------------------------------------------------------------------===//
// Data named on the command line.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/DataSpec.h"

#include "nnc/DataIO/Npy.h"
#include "nnc/DataIO/Npz.h"
#include "nnc/DataIO/Picture.h"
#include "nnc/DataIO/Png.h"

#include <filesystem>
#include <map>
#include <system_error>

namespace nncio {

namespace fs = std::filesystem;

namespace {

/// A file with what follows its extension and a colon.
struct FileAndOption {
  std::string path;
  std::string extension;
  std::string option;
  bool hasOption = false;
};

} // namespace

static bool endsWith(const std::string &text, const std::string &suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

/// Finds the extension: at the end, else before the first colon that follows
/// one. An empty extension means that there is none of ours.
static FileAndOption splitSpec(const std::string &spec) {
  static const char *const extensions[] = {".npy", ".npz", ".pb", ".png"};
  FileAndOption result;
  result.path = spec;
  std::error_code ignored;
  const bool exists = fs::is_regular_file(fs::path(spec), ignored);
  size_t colon = std::string::npos;
  for (const char *extension : extensions) {
    const size_t at = spec.find(std::string(extension) + ":");
    if (at == std::string::npos || at >= colon)
      continue;
    colon = at;
    result.extension = extension;
  }
  if (colon != std::string::npos && !exists) {
    colon += result.extension.size();
    result.path = spec.substr(0, colon);
    result.option = spec.substr(colon + 1);
    result.hasOption = true;
    return result;
  }
  result.extension.clear();
  for (const char *extension : extensions)
    if (endsWith(spec, extension))
      result.extension = extension;
  return result;
}

static Result<Tensor> loadPicture(const FileAndOption &file) {
  using Failed = Result<Tensor>;
  if (!file.hasOption)
    return readPng(file.path);
  const Result<PictureOptions> options = parsePictureOptions(file.option);
  if (!options)
    return Failed::failure("'" + file.path + "': " + options.error());
  const Result<Tensor> picture = readPng(file.path);
  if (!picture)
    return picture;
  const Result<Tensor> tensor = preparePicture(*picture, *options);
  if (!tensor)
    return Failed::failure("'" + file.path + "': " + tensor.error());
  return tensor;
}

Result<Tensor> loadTensorFile(const std::string &spec, ProtoForm form) {
  using Failed = Result<Tensor>;
  const FileAndOption file = splitSpec(spec);
  if (file.extension == ".npz") {
    if (file.hasOption && file.option.empty())
      return Failed::failure("expected a key after '" + file.path + ":'");
    return readNpz(file.path, file.option);
  }
  if (file.extension == ".png")
    return loadPicture(file);
  if (file.hasOption)
    return Failed::failure("unknown option '" + file.option + "' of '" +
                           file.path + "'; a " + file.extension +
                           " file takes none");
  if (file.extension == ".npy")
    return readNpy(file.path);
  if (file.extension == ".pb") {
    Result<NamedTensor> named = readValueProto(file.path, form);
    if (!named)
      return Failed::failure(named.error());
    return std::move(named->tensor);
  }
  return Failed::failure("expected a file .npy, .npz:KEY, .pb or .png, but "
                         "found '" +
                         spec + "'");
}

Result<Binding> parseBinding(const std::string &text) {
  const size_t at = text.find("=@");
  if (at == std::string::npos || at == 0 || at + 2 == text.size())
    return Result<Binding>::failure("expected NAME=@FILE, but found '" + text +
                                    "'");
  Binding binding;
  binding.name = text.substr(0, at);
  binding.file = text.substr(at + 2);
  return binding;
}

/// The number between prefix and suffix; -1 if the name is another one.
static int64_t numberIn(const std::string &name, const std::string &prefix,
                        const std::string &suffix) {
  if (name.size() <= prefix.size() + suffix.size() ||
      name.compare(0, prefix.size(), prefix) != 0 || !endsWith(name, suffix))
    return -1;
  const std::string digits =
      name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  if (digits.size() > 9 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    return -1;
  int64_t number = 0;
  for (char digit : digits)
    number = number * 10 + (digit - '0');
  return number;
}

/// The entries of a folder that are `prefix` N `suffix`, by N.
static Result<std::map<int64_t, std::string>>
numberedEntries(const std::string &directory, const std::string &prefix,
                const std::string &suffix) {
  using Entries = Result<std::map<int64_t, std::string>>;
  std::map<int64_t, std::string> entries;
  std::error_code code;
  fs::directory_iterator it(fs::path(directory), code);
  for (; !code && it != fs::directory_iterator(); it.increment(code)) {
    const int64_t number =
        numberIn(it->path().filename().string(), prefix, suffix);
    if (number < 0)
      continue;
    if (!entries.emplace(number, it->path().string()).second)
      return Entries::failure("'" + directory + "' has two entries " + prefix +
                              std::to_string(number) + suffix);
  }
  if (code)
    return Entries::failure("cannot list '" + directory +
                            "': " + code.message());
  return entries;
}

/// The paths prefix_K.pb, which must count from 0 without a gap.
static Result<std::vector<std::string>> listTensors(const std::string &folder,
                                                    const std::string &prefix) {
  using Paths = Result<std::vector<std::string>>;
  Result<std::map<int64_t, std::string>> entries =
      numberedEntries(folder, prefix, ".pb");
  if (!entries)
    return Paths::failure(entries.error());
  std::vector<std::string> paths;
  for (const auto &entry : *entries) {
    if (entry.first != static_cast<int64_t>(paths.size()))
      return Paths::failure("'" + folder + "' has '" + prefix +
                            std::to_string(entry.first) + ".pb', but not '" +
                            prefix + std::to_string(paths.size()) + ".pb'");
    paths.push_back(entry.second);
  }
  return paths;
}

Result<std::vector<TestDataSet>>
listTestDataSets(const std::string &directory) {
  using Sets = Result<std::vector<TestDataSet>>;
  Result<std::map<int64_t, std::string>> folders =
      numberedEntries(directory, "test_data_set_", "");
  if (!folders)
    return Sets::failure(folders.error());
  if (folders->empty())
    return Sets::failure("expected folders test_data_set_N in '" + directory +
                         "', but found none");
  std::vector<TestDataSet> sets;
  for (const auto &folder : *folders) {
    TestDataSet set;
    set.folder = folder.second;
    Result<std::vector<std::string>> inputs = listTensors(set.folder, "input_");
    if (!inputs)
      return Sets::failure(inputs.error());
    Result<std::vector<std::string>> outputs =
        listTensors(set.folder, "output_");
    if (!outputs)
      return Sets::failure(outputs.error());
    set.inputs = std::move(*inputs);
    set.outputs = std::move(*outputs);
    sets.push_back(std::move(set));
  }
  return sets;
}

} // namespace nncio
