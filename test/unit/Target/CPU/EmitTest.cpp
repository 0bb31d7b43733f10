//===----------------------------------------------------------------------===//
// Artifacts as files: opened, linked, compared; nothing left after a failure.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Emit.h"

#include "TestModule.h"
#include "nnc/Target/CPU/Codegen.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ELFObjectFile.h"

#include <csignal>
#include <dlfcn.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::nnc;
using namespace nnctest;

namespace {

EmitResult emit(const std::string &path,
                const TargetOptions &options = target()) {
  TestModule module;
  auto result = emitArtifact(*module, options, *getOutputKind(path), path);
  if (result)
    return *result;
  ADD_FAILURE() << messageOf(result.takeError());
  return {};
}

TEST(Emit, KindByName) {
  EXPECT_EQ(getOutputKind("a/b.so"), OutputKind::SharedLibrary);
  EXPECT_EQ(getOutputKind("b.a"), OutputKind::Archive);
  EXPECT_EQ(getOutputKind("b.so.o"), OutputKind::Object);
  EXPECT_EQ(getOutputKind("b.s"), OutputKind::Assembly);
  EXPECT_EQ(getOutputKind("b.ll"), OutputKind::LLVMIR);
  EXPECT_EQ(getOutputKind("b"), std::nullopt);
  EXPECT_EQ(getOutputKind("b.dll"), std::nullopt);
}

TEST(Emit, SharedLibrary) {
  Folder folder;
  std::string path = folder.file("my-net.so");
  EmitResult result = emit(path);
  EXPECT_EQ(result.prefix, "my_net");
  EXPECT_EQ(result.weightsBytes, 84u);
  EXPECT_EQ(result.fileBytes, readFile(path).size());
  EXPECT_EQ(folder.list(), std::vector<std::string>{"my-net.so"});
  nnc_model *model = nullptr;
  nnc_error error = {};
  ASSERT_EQ(nnc_model_open(path.c_str(), &model, &error), NNC_OK)
      << error.message;
  expectGoodResults(model, 1);
  expectGoodResults(model, 2);
  EXPECT_NE(std::string(nnc_model_signature_json(model)).find("\"version\":1"),
            std::string::npos);
  nnc_model_close(model);
}

std::vector<std::string> dynamicSymbols(const std::string &path, bool defined,
                                        std::vector<std::string> &needed,
                                        std::string &soname) {
  std::string text = readFile(path);
  auto object =
      llvm::cantFail(llvm::object::ELFObjectFile<llvm::object::ELF64LE>::create(
          llvm::MemoryBufferRef(text, path)));
  std::vector<std::string> names;
  for (auto symbol : object.getDynamicSymbolIterators())
    if (bool(llvm::cantFail(symbol.getFlags()) &
             llvm::object::SymbolRef::SF_Undefined) != defined)
      names.push_back(llvm::cantFail(symbol.getName()).str());
  std::sort(names.begin(), names.end());
  auto strings = [&]() -> const char * {
    for (auto section : object.sections())
      if (llvm::cantFail(section.getName()) == ".dynstr")
        return llvm::cantFail(section.getContents()).data();
    return "";
  }();
  for (const auto &entry : llvm::cantFail(object.getELFFile().dynamicEntries()))
    if (entry.d_tag == llvm::ELF::DT_NEEDED)
      needed.push_back(strings + entry.d_un.d_val);
    else if (entry.d_tag == llvm::ELF::DT_SONAME)
      soname = strings + entry.d_un.d_val;
  return names;
}

TEST(Emit, SharedLibraryExportsItsOwn) {
  Folder folder;
  std::string path = folder.file("net.so"), soname;
  emit(path);
  std::vector<std::string> needed;
  EXPECT_EQ(
      dynamicSymbols(path, true, needed, soname),
      (std::vector<std::string>{"net_create", "net_destroy", "net_model",
                                "net_run", "net_signature", "nnc_library"}));
  std::sort(needed.begin(), needed.end());
  EXPECT_EQ(needed, (std::vector<std::string>{"libc.so.6", "libm.so.6"}));
  EXPECT_EQ(soname, "net.so");
}

TEST(Emit, HalfFloatsNeedNoOtherLibrary) {
  Folder folder;
  TestModule module(moduleTextWith("%e = llvm.call @expf(%x) : (f32) -> f32",
                                   "%h = llvm.fptrunc %x : f32 to f16\n"
                                   "%b = llvm.fptrunc %x : f32 to bf16\n"
                                   "%hx = llvm.fpext %h : f16 to f32\n"
                                   "%bx = llvm.fpext %b : bf16 to f32\n"
                                   "%e = llvm.fadd %hx, %bx : f32"));
  EXPECT_EQ(
      messageOf(emitArtifact(*module, target("x86-64"),
                             OutputKind::SharedLibrary, folder.file("m.so"))),
      "");
}

TEST(Emit, PrefixFunctions) {
  Folder folder;
  std::string path = folder.file("x.so");
  TargetOptions options = target();
  options.prefix = "given";
  EXPECT_EQ(emit(path, options).prefix, "given");
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto find = [&](auto *&function, const char *name) {
    function =
        reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
    ASSERT_NE(function, nullptr) << name;
  };
  const nnc_signature *(*signature)();
  nnc_status (*create)(const nnc_context_options *, nnc_context **,
                       nnc_error *);
  nnc_status (*run)(nnc_context *, const nnc_value *, size_t, nnc_value *,
                    size_t, nnc_error *);
  void (*destroy)(nnc_context *);
  find(signature, "given_signature");
  find(create, "given_create");
  find(run, "given_run");
  find(destroy, "given_destroy");
  EXPECT_STREQ(signature()->name, "main");
  nnc_context *context = nullptr;
  ASSERT_EQ(create(nullptr, &context, nullptr), NNC_OK);
  float x[5] = {1, 2, 3, 4, 5}, z[5] = {};
  nnc_value values[3] = {};
  for (nnc_value &value : values)
    value = {NNC_TENSOR, NNC_FLOAT32, 1, 0, {5}, x, sizeof x};
  values[2].data = z;
  EXPECT_EQ(run(context, values, 2, values + 2, 1, nullptr), NNC_OK);
  EXPECT_EQ(z[4], 15.0f);
  EXPECT_EQ(run(context, values, 1, values + 2, 1, nullptr),
            NNC_INVALID_ARGUMENT);
  destroy(context);
  dlclose(handle);
}

/// Links `files` into a program that runs both models `a` and `b`.
void expectProgramRuns(const Folder &folder, const std::string &files) {
  TestModule module;
  EXPECT_EQ(messageOf(emitCHeader(module.info(), "a", folder.file("a.h"))), "");
  EXPECT_EQ(messageOf(emitCHeader(module.info(), "b", folder.file("b.h"))), "");
  std::ofstream(folder.file("use.c"))
      << "#include \"a.h\"\n#include \"b.h\"\n"
         "static float x[5] = {1, 2, 3, 4, 5}, z[5];\n"
         "int main(void) {\n"
         "  nnc_context *p = 0, *q = 0;\n"
         "  nnc_value v = {NNC_TENSOR, NNC_FLOAT32, 1, 0, {5}, x, sizeof x};\n"
         "  nnc_value in[2], out;\n"
         "  in[0] = in[1] = out = v;\n"
         "  out.data = z;\n"
         "  if (a_create(0, &p, 0) || b_create(0, &q, 0)) return 1;\n"
         "  if (a_run(p, in, 2, &out, 1, 0) || z[4] != 15.0f) return 2;\n"
         "  z[4] = 0;\n"
         "  if (b_run(q, in, 2, &out, 1, 0) || z[4] != 15.0f) return 3;\n"
         "  a_destroy(p);\n  b_destroy(q);\n  return 0;\n}\n";
  std::string program = folder.file("program");
  std::string command = NNC_TEST_CC " -o " + program + " " +
                        folder.file("use.c") + " " + files +
                        " " NNC_TEST_ARCHIVE " -fuse-ld=lld-22 -lm -lpthread";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  EXPECT_EQ(std::system(program.c_str()), 0);
}

TEST(Emit, ArchivesLinkIntoOneProgram) {
  Folder folder;
  emit(folder.file("a.a"));
  emit(folder.file("b.a"));
  expectProgramRuns(folder, folder.file("a.a") + " " + folder.file("b.a"));
  std::string text = readFile(folder.file("a.a"));
  auto archive = llvm::cantFail(
      llvm::object::Archive::create(llvm::MemoryBufferRef(text, "a.a")));
  std::vector<std::string> names;
  llvm::Error error = llvm::Error::success();
  for (const auto &child : archive->children(error))
    names.push_back(llvm::cantFail(child.getName()).str());
  EXPECT_EQ(messageOf(std::move(error)), "");
  EXPECT_EQ(names, (std::vector<std::string>{"a.o", "a_1.o", "a_weights.o"}));
}

TEST(Emit, ObjectsLinkIntoOneProgram) {
  Folder folder;
  emit(folder.file("a.o"));
  emit(folder.file("b.o"));
  expectProgramRuns(folder, folder.file("a.o") + " " + folder.file("b.o"));
}

TEST(Emit, Texts) {
  Folder folder;
  TargetOptions options = target("x86-64-v4");
  emit(folder.file("m.ll"), options);
  std::string ir = readFile(folder.file("m.ll"));
  EXPECT_NE(ir.find("@m_model ="), std::string::npos);
  EXPECT_NE(ir.find("\"prefer-vector-width\"=\"512\""), std::string::npos);
  EXPECT_NE(ir.find("\"target-cpu\"=\"x86-64\""), std::string::npos);
  emit(folder.file("v3.s"), target("x86-64-v3"));
  EXPECT_NE(readFile(folder.file("v3.s")).find("vaddss"), std::string::npos);
  emit(folder.file("v1.s"), target("x86-64"));
  std::string old = readFile(folder.file("v1.s"));
  EXPECT_NE(old.find("addss"), std::string::npos);
  EXPECT_EQ(old.find("vaddss"), std::string::npos);
}

TEST(Emit, ForAnotherArchitecture) {
  Folder folder;
  std::string path = folder.file("m.o");
  emit(path, target("aarch64"));
  std::string text = readFile(path);
  auto object = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(text, path)));
  EXPECT_EQ(object->getArch(), llvm::Triple::aarch64);
  TestModule module;
  TargetOptions options = target("aarch64");
  options.runtimeArchive = "";
#if defined(__x86_64__)
  std::string message = messageOf(emitArtifact(
      *module, options, OutputKind::SharedLibrary, folder.file("m.so")));
  EXPECT_EQ(message.find("cannot link a shared library for "
                         "'aarch64-unknown-linux-gnu': expected the runtime '"),
            0u)
      << message;
  EXPECT_NE(message.find("/lib/aarch64/libnncrt.a'"), std::string::npos)
      << message;
#endif
  EXPECT_EQ(folder.list(), std::vector<std::string>{"m.o"});
}

TEST(Emit, SameBytesAgain) {
  Folder first, second;
  for (const char *name : {"m.so", "m.a", "m.o", "m.ll", "m.s"}) {
    emit(first.file(name));
    emit(second.file(name));
    EXPECT_EQ(readFile(first.file(name)), readFile(second.file(name))) << name;
  }
}

TEST(Emit, SameObjectsForAnyNumberOfThreads) {
  TestModule parallel, serial;
  (*serial).getContext()->disableMultithreading();
  TargetOptions options = target();
  options.prefix = "m";
  auto compile = [&](TestModule &module) {
    return llvm::cantFail(
        compileObjects(*module, module.info(), options, ArtifactUse::Link));
  };
  std::vector<ObjectBytes> objects = compile(parallel);
  // The host functions with the tables, and the kernels.
  EXPECT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects, compile(serial));
}

TEST(Emit, WritableGlobalsStayInOnePart) {
  TestModule module(
      moduleTextWith("llvm.func @expf(f32) -> f32",
                     "llvm.func @expf(f32) -> f32\n"
                     "llvm.mlir.global internal @n(0 : i32) : i32"));
  TargetOptions options = target();
  options.prefix = "m";
  EXPECT_EQ(llvm::cantFail(compileObjects(*module, module.info(), options,
                                          ArtifactUse::Link))
                .size(),
            1u);
}

TEST(Emit, MissingFolder) {
  Folder folder;
  TestModule module;
  std::string path = folder.file("none/m.so");
  EXPECT_EQ(messageOf(emitArtifact(*module, target(), OutputKind::SharedLibrary,
                                   path)),
            "cannot write '" + path + "': No such file or directory");
  EXPECT_EQ(messageOf(emitText(folder.path, [](llvm::raw_ostream &) {})),
            "cannot write '" + folder.path + "': Is a directory");
  EXPECT_TRUE(folder.list().empty());
}

TEST(Emit, ReadOnlyFolder) {
  if (geteuid() == 0)
    GTEST_SKIP() << "the superuser may write anywhere";
  Folder folder;
  ASSERT_EQ(chmod(folder.path.c_str(), 0500), 0);
  std::string path = folder.file("m.s");
  EXPECT_EQ(messageOf(emitText(path, [](llvm::raw_ostream &) {})),
            "cannot write '" + path + "': Permission denied");
  EXPECT_TRUE(folder.list().empty());
  chmod(folder.path.c_str(), 0700);
}

TEST(Emit, FailureKeepsTheOldFile) {
  Folder folder;
  std::string path = folder.file("m.so");
  std::ofstream(path) << "old";
  TestModule module(moduleTextWith("expf", "nope"));
  std::string message = messageOf(
      emitArtifact(*module, target(), OutputKind::SharedLibrary, path));
  EXPECT_EQ(message.find("linking failed: undefined symbol: nope"), 0u)
      << message;
  EXPECT_EQ(readFile(path), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"m.so"});
  // The linker can be used again.
  emit(path);
  EXPECT_NE(readFile(path), "old");
}

TEST(EmitDeathTest, SignalsLeaveNothing) {
  Folder folder;
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(llvm::consumeError(emitText(folder.file("m.s"),
                                          [](llvm::raw_ostream &os) {
                                            os << "half";
                                            os.flush();
                                            raise(SIGTERM);
                                          })),
              testing::KilledBySignal(SIGTERM), "");
  EXPECT_TRUE(folder.list().empty());
}

TEST(Emit, NoSpace) {
  if (access("/dev/full", W_OK) != 0)
    GTEST_SKIP() << "there is no /dev/full";
  EXPECT_EQ(messageOf(emitText("/dev/full",
                               [](llvm::raw_ostream &os) { os << "text"; })),
            "cannot write '/dev/full': No space left on device");
}

TEST(Emit, DevicesAndLinksStay) {
  Folder folder;
  std::ofstream(folder.file("m.s")) << "old";
  EXPECT_EQ(messageOf(emitText("/dev/null",
                               [](llvm::raw_ostream &os) { os << "text"; })),
            "");
  struct stat info;
  ASSERT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
  ASSERT_EQ(symlink("m.s", folder.file("link.s").c_str()), 0);
  EXPECT_EQ(messageOf(emitText(folder.file("link.s"),
                               [](llvm::raw_ostream &os) { os << "text"; })),
            "");
  EXPECT_EQ(readFile(folder.file("m.s")), "text");
  EXPECT_EQ(folder.list(), (std::vector<std::string>{"link.s", "m.s"}));
}

} // namespace
