//===----------------------------------------------------------------------===//
// The signature of an artifact as JSON and as a C header.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Artifact.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::nnc;
using llvm::StringRef;

/// The text of nnc.h.
static constexpr char runtimeHeader[] =
#include "lib/Target/CPU/RuntimeHeader.inc"
    ;

static StringRef typeName(nnc_type type) {
  switch (type) {
  case NNC_FLOAT32:
    return "float32";
  case NNC_UINT8:
    return "uint8";
  case NNC_INT8:
    return "int8";
  case NNC_UINT16:
    return "uint16";
  case NNC_INT16:
    return "int16";
  case NNC_INT32:
    return "int32";
  case NNC_INT64:
    return "int64";
  case NNC_BOOL:
    return "bool";
  case NNC_FLOAT16:
    return "float16";
  case NNC_FLOAT64:
    return "float64";
  case NNC_UINT32:
    return "uint32";
  case NNC_UINT64:
    return "uint64";
  case NNC_BFLOAT16:
    return "bfloat16";
  case NNC_FLOAT8E4M3FN:
    return "float8e4m3fn";
  case NNC_FLOAT8E4M3FNUZ:
    return "float8e4m3fnuz";
  case NNC_FLOAT8E5M2:
    return "float8e5m2";
  case NNC_FLOAT8E5M2FNUZ:
    return "float8e5m2fnuz";
  case NNC_UINT4:
    return "uint4";
  case NNC_INT4:
    return "int4";
  case NNC_FLOAT4E2M1:
    return "float4e2m1";
  case NNC_FLOAT8E8M0:
    return "float8e8m0";
  case NNC_UINT2:
    return "uint2";
  case NNC_INT2:
    return "int2";
  case NNC_STRING:
    return "string";
  case NNC_UNDEFINED:
    break;
  }
  return "undefined";
}

/// The symbolic name of a dimension, "" without one.
static StringRef dimName(const ArtifactValue &value, size_t axis) {
  return axis < value.dimNames.size() ? StringRef(value.dimNames[axis])
                                      : StringRef();
}

static void writeValues(llvm::json::OStream &json, StringRef key,
                        const std::vector<ArtifactValue> &values) {
  json.attributeArray(key, [&] {
    for (const ArtifactValue &value : values)
      json.object([&] {
        json.attribute("name", llvm::json::fixUTF8(value.name));
        json.attribute("type", typeName(value.type));
        if (value.isSequence)
          json.attribute("sequence", true);
        if (value.isOptional)
          json.attribute("optional", true);
        if (value.anyRank) {
          json.attribute("shape", nullptr);
          return;
        }
        json.attributeArray("shape", [&] {
          for (size_t i = 0; i < value.dims.size(); ++i) {
            StringRef name = dimName(value, i);
            if (value.dims[i] >= 0)
              json.value(value.dims[i]);
            else if (!name.empty())
              json.value(llvm::json::fixUTF8(name));
            else
              json.value(nullptr);
          }
        });
      });
  });
}

std::string mlir::nnc::makeSignatureJson(const ArtifactInfo &info) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeArray("entries", [&] {
      for (const ArtifactEntry &entry : info.entries)
        json.object([&] {
          json.attribute("name", llvm::json::fixUTF8(entry.name));
          writeValues(json, "inputs", entry.inputs);
          writeValues(json, "outputs", entry.outputs);
        });
    });
  });
  return text;
}

/// A name from a model, made harmless inside a C comment.
static std::string inComment(StringRef name) {
  std::string text;
  for (char c : name)
    text += llvm::isPrint(c) && !StringRef("*\\?").contains(c) ? c : '_';
  return text;
}

static void describe(llvm::raw_ostream &os, StringRef what,
                     const std::vector<ArtifactValue> &values) {
  for (auto [i, value] : llvm::enumerate(values)) {
    os << " *   " << what << ' ' << i << "  " << inComment(value.name) << ": "
       << (value.isOptional ? "optional " : "")
       << (value.isSequence ? "sequence of " : "") << typeName(value.type)
       << (value.anyRank ? "[..." : "[");
    for (size_t axis = 0; axis < value.dims.size(); ++axis) {
      os << (axis ? ", " : "");
      StringRef name = dimName(value, axis);
      if (value.dims[axis] >= 0)
        os << value.dims[axis];
      else
        os << (name.empty() ? "_" : inComment(name));
    }
    os << "]\n";
  }
}

static void defineSizes(llvm::raw_ostream &os, StringRef macro, StringRef what,
                        const std::vector<ArtifactValue> &values) {
  os << "#define " << macro << "_NUM_" << what << "S " << values.size() << '\n';
  for (auto [i, value] : llvm::enumerate(values))
    if (value.bytes() >= 0)
      os << "#define " << macro << '_' << what << '_' << i << "_BYTES "
         << value.bytes() << '\n';
}

static void declareFunctions(llvm::raw_ostream &os, StringRef prefix) {
  os << "/* The signature of the default entry. */\n"
     << "const nnc_signature *" << prefix << "_signature(void);\n\n"
     << "/* A context on the model; options may be NULL. As "
        "nnc_context_create. */\n"
     << "nnc_status " << prefix
     << "_create(const nnc_context_options *options,\n"
        "    nnc_context **context, nnc_error *error);\n\n"
     << "/* Runs the default entry. As nnc_context_run. */\n"
     << "nnc_status " << prefix
     << "_run(nnc_context *context, const nnc_value *inputs,\n"
        "    size_t num_inputs, nnc_value *outputs, size_t num_outputs,\n"
        "    nnc_error *error);\n\n"
     << "void " << prefix << "_destroy(nnc_context *context);\n";
}

std::string mlir::nnc::makeCHeader(const ArtifactInfo &info, StringRef prefix) {
  std::string macro = prefix.upper();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "/*\n * A compiled model. First the interface that all models share, "
        "then this model's\n * own functions, at the end. A shared library "
        "exports the latter only.\n */\n"
     << runtimeHeader << "\n/*\n";
  for (auto [i, entry] : llvm::enumerate(info.entries)) {
    os << " * Entry '" << inComment(entry.name) << "'"
       << (i == 0 ? ", the default:\n" : ":\n");
    describe(os, "input", entry.inputs);
    describe(os, "output", entry.outputs);
  }
  os << " * Dimensions with the same name must be equal in one run; _ is any "
        "size.\n */\n"
     << "#ifndef NNC_MODEL_" << prefix << "\n#define NNC_MODEL_" << prefix
     << "\n\n";
  if (!info.entries.empty()) {
    os << "/* Of the default entry; sizes in bytes where they are fixed. */\n";
    defineSizes(os, macro, "INPUT", info.entries.front().inputs);
    defineSizes(os, macro, "OUTPUT", info.entries.front().outputs);
  }
  os << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  declareFunctions(os, prefix);
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  return text;
}
