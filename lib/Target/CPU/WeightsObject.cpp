//===----------------------------------------------------------------------===//
// The weights as an ELF object, written section by section to a stream: they
// never pass through LLVM IR.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/Weights.h"
#include "nnc/Target/CPU/Emit.h"

#include "mlir/IR/Threading.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Triple.h"

#include <cstring>

using namespace mlir::nnc;
using namespace llvm::ELF;
using llvm::Error;

/// From this size on the section starts on a page: it can be mapped apart.
static constexpr uint64_t pageThreshold = 1 << 20, pageBytes = 4096;

/// From this size on, code could not reach over the section; x86-64 puts such
/// sections at the far end of the image.
static constexpr uint64_t largeThreshold = uint64_t(1) << 30;

/// Weights that are computed before they are written, in bytes: enough work for
/// several threads, little memory beside that of a compilation.
static constexpr uint64_t batchBytes = uint64_t(64) << 20;

/// At least one weight, and what follows within the size of a batch.
static llvm::ArrayRef<ArtifactWeight>
takeBatch(llvm::ArrayRef<ArtifactWeight> weights, uint64_t end) {
  size_t count = 1;
  for (; count < weights.size(); ++count) {
    uint64_t next =
        count + 1 < weights.size() ? weights[count + 1].offset : end;
    if (next - weights.front().offset > batchBytes)
      break;
  }
  return weights.take_front(count);
}

static llvm::Expected<std::vector<nncio::Tensor>>
loadBatch(llvm::ArrayRef<ArtifactWeight> batch) {
  std::vector<nncio::Tensor> tensors(batch.size());
  std::vector<std::string> messages(batch.size());
  mlir::parallelFor(batch.front().data.getContext(), 0, batch.size(),
                    [&](size_t i) {
                      llvm::Expected<nncio::Tensor> tensor = batch[i].load();
                      if (tensor)
                        tensors[i] = std::move(*tensor);
                      else
                        messages[i] = llvm::toString(tensor.takeError());
                    });
  for (const std::string &message : messages)
    if (!message.empty())
      return llvm::createStringError(message);
  return tensors;
}

Error mlir::nnc::copyWeights(
    const ArtifactInfo &info,
    llvm::function_ref<void(const uint8_t *, size_t)> sink) {
  static const uint8_t zeros[4096] = {};
  uint64_t position = 0;
  auto pad = [&](uint64_t end) {
    while (position < end) {
      size_t step = std::min<uint64_t>(end - position, sizeof zeros);
      sink(zeros, step);
      position += step;
    }
  };
  llvm::ArrayRef<ArtifactWeight> rest = info.weights;
  while (!rest.empty()) {
    llvm::ArrayRef<ArtifactWeight> batch = takeBatch(rest, info.weightsBytes);
    llvm::Expected<std::vector<nncio::Tensor>> tensors = loadBatch(batch);
    if (!tensors)
      return tensors.takeError();
    for (auto [weight, tensor] : llvm::zip(batch, *tensors)) {
      pad(weight.offset);
      if (tensor.bytes() > 0)
        sink(tensor.data(), tensor.bytes());
      position += tensor.bytes();
    }
    rest = rest.drop_front(batch.size());
  }
  pad(info.weightsBytes);
  return Error::success();
}

namespace {
enum Section : unsigned {
  NullSection,
  WeightSection,
  StackSection,
  SymbolSection,
  StringSection,
  NumSections
};

/// Everything of the file but the weights.
struct ObjectLayout {
  Elf64_Ehdr header = {};
  Elf64_Sym symbols[2] = {};
  Elf64_Shdr sections[NumSections] = {};
  std::string strings = std::string(1, '\0');
  uint64_t weightsAt = 0, symbolsAt = 0, stringsAt = 0, sectionsAt = 0;

  unsigned addString(llvm::StringRef text) {
    unsigned at = strings.size();
    strings.append(text.data(), text.size());
    strings.push_back('\0');
    return at;
  }
};
} // namespace

static void fillSections(ObjectLayout &layout, uint64_t bytes,
                         uint64_t alignment, bool isLarge) {
  Elf64_Shdr &weights = layout.sections[WeightSection];
  weights.sh_name = layout.addString(isLarge ? ".lrodata.nnc_weights"
                                             : ".rodata.nnc_weights");
  weights.sh_type = SHT_PROGBITS;
  weights.sh_flags = SHF_ALLOC | (isLarge ? unsigned(SHF_X86_64_LARGE) : 0u);
  weights.sh_size = bytes;
  weights.sh_addralign = alignment;
  // Its absence would ask for an executable stack.
  Elf64_Shdr &stack = layout.sections[StackSection];
  stack.sh_name = layout.addString(".note.GNU-stack");
  stack.sh_type = SHT_PROGBITS;
  stack.sh_addralign = 1;
  Elf64_Shdr &symbols = layout.sections[SymbolSection];
  symbols.sh_name = layout.addString(".symtab");
  symbols.sh_type = SHT_SYMTAB;
  symbols.sh_link = StringSection;
  symbols.sh_info = 1; // The first symbol that is not local.
  symbols.sh_size = sizeof layout.symbols;
  symbols.sh_entsize = sizeof(Elf64_Sym);
  symbols.sh_addralign = 8;
  Elf64_Shdr &strings = layout.sections[StringSection];
  strings.sh_name = layout.addString(".strtab");
  strings.sh_type = SHT_STRTAB;
  strings.sh_addralign = 1;
}

static void place(ObjectLayout &layout, uint64_t bytes, uint64_t alignment) {
  layout.weightsAt = llvm::alignTo(sizeof(Elf64_Ehdr), alignment);
  layout.symbolsAt = llvm::alignTo(layout.weightsAt + bytes, 8);
  layout.stringsAt = layout.symbolsAt + sizeof layout.symbols;
  layout.sectionsAt =
      llvm::alignTo(layout.stringsAt + layout.strings.size(), 8);
  layout.sections[WeightSection].sh_offset = layout.weightsAt;
  layout.sections[StackSection].sh_offset = layout.weightsAt + bytes;
  layout.sections[SymbolSection].sh_offset = layout.symbolsAt;
  layout.sections[StringSection].sh_offset = layout.stringsAt;
  layout.sections[StringSection].sh_size = layout.strings.size();
}

static ObjectLayout makeLayout(uint64_t bytes, const TargetOptions &options) {
  bool isX86 = llvm::Triple(options.triple).getArch() == llvm::Triple::x86_64;
  uint64_t alignment = bytes > pageThreshold ? pageBytes : NNCRT_ALIGNMENT;
  ObjectLayout layout;
  fillSections(layout, bytes, alignment, isX86 && bytes > largeThreshold);
  Elf64_Sym &symbol = layout.symbols[1];
  symbol.st_name = layout.addString(options.symbolPrefix() + "_weights");
  symbol.setBindingAndType(STB_GLOBAL, STT_OBJECT);
  symbol.st_other = STV_HIDDEN;
  symbol.st_shndx = WeightSection;
  symbol.st_size = bytes;
  place(layout, bytes, alignment);

  Elf64_Ehdr &header = layout.header;
  std::memcpy(header.e_ident, ElfMagic, 4);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = isX86 ? EM_X86_64 : EM_AARCH64;
  header.e_version = EV_CURRENT;
  header.e_shoff = layout.sectionsAt;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = NumSections;
  header.e_shstrndx = StringSection;
  return layout;
}

template <typename T>
static void writeRaw(llvm::raw_ostream &os, const T &value) {
  os.write(reinterpret_cast<const char *>(&value), sizeof value);
}

/// An object of `bytes` bytes, which `copy` writes.
static Error writeObject(uint64_t bytes, const TargetOptions &options,
                         llvm::raw_ostream &os,
                         llvm::function_ref<Error()> copy) {
  if (Error error = checkSymbolPrefix(options.prefix))
    return error;
  ObjectLayout layout = makeLayout(bytes, options);
  writeRaw(os, layout.header);
  os.write_zeros(layout.weightsAt - sizeof layout.header);
  if (Error error = copy())
    return error;
  os.write_zeros(layout.symbolsAt - layout.weightsAt - bytes);
  writeRaw(os, layout.symbols);
  os << layout.strings;
  os.write_zeros(layout.sectionsAt - layout.stringsAt - layout.strings.size());
  writeRaw(os, layout.sections);
  return Error::success();
}

Error mlir::nnc::writeWeightsObject(const ArtifactInfo &info,
                                    const TargetOptions &options,
                                    llvm::raw_ostream &os) {
  return writeObject(info.weightsBytes, options, os, [&] {
    return copyWeights(info, [&](const uint8_t *data, size_t size) {
      os.write(reinterpret_cast<const char *>(data), size);
    });
  });
}

Error mlir::nnc::writeBytesObject(llvm::StringRef bytes,
                                  const TargetOptions &options,
                                  llvm::raw_ostream &os) {
  return writeObject(bytes.size(), options, os, [&] {
    os << bytes;
    return Error::success();
  });
}
