#ifndef NNC_DIALECTS_NN_IR_NNWEIGHTATTRS_TD
#define NNC_DIALECTS_NN_IR_NNWEIGHTATTRS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/WeightTransformInterface.td"

class NN_WeightTransform<string name, string mnemo>
    : AttrDef<NN_Dialect, name,
        [DeclareAttrInterfaceMethods<NN_WeightTransformAttrInterface>]> {
  let mnemonic = mnemo;
  let genVerifyDecl = 1;
}

def NN_DataAttr : AttrDef<NN_Dialect, "Data"> {
  let mnemonic = "data";
  let summary = "a weight's bytes in a file, and what is made of them";
  let description = [{
    Row-major little-endian elements at `offset` of `file`, `length` bytes, not
    necessarily aligned. The file is mapped, never copied; a relative path is
    relative to the working directory of the compiler.

    With `transforms`, `stored` is the type in the file; each transform makes the
    next tensor of the one before. They run once, when an artifact is written or
    loaded.

    Example: `#nn.data<"model.onnx", offset = 1184, length = 24, stored =
    tensor<2x3xf32>, transforms = [#nn.relayout<shape = [2, 3], perm = [1, 0]>]>`
  }];
  let parameters = (ins
    StringRefParameter<"path of the file">:$file,
    "int64_t":$offset,
    "int64_t":$length,
    OptionalParameter<"::mlir::RankedTensorType", "type in the file">:$stored,
    OptionalArrayRefParameter<"::mlir::Attribute", "in order">:$transforms);
  let builders = [AttrBuilder<(ins "::llvm::StringRef":$file,
      "int64_t":$offset, "int64_t":$length), [{
    return $_get($_ctxt, file, offset, length, ::mlir::RankedTensorType(),
                 ::llvm::ArrayRef<::mlir::Attribute>());
  }]>];
  let assemblyFormat = [{
    `<` $file `,` `offset` `=` $offset `,` `length` `=` $length
    (`,` `stored` `=` $stored^ `,` `transforms` `=` `[` $transforms `]`)? `>`
  }];
  let genVerifyDecl = 1;
}

def NN_RelayoutAttr : NN_WeightTransform<"Relayout", "relayout"> {
  let summary = "reshapes, pads, splits dimensions and permutes";
  let description = [{
    The weight, reshaped to `shape`, gets `pad[i]` zeros at the end of dimension
    `i`; each dimension is split into one or more of `split`; dimension `i` of the
    result is dimension `perm[i]` of that. `shape` is always given; `pad`, `split`
    and `perm` may be left out.

    Packs matrices and filters for kernels: a matrix `[K, N]` becomes panels
    `[ceil(N / 16), K, 16]`.

    Example: `#nn.relayout<shape = [64, 30], pad = [0, 2], split = [64, 2, 16],
    perm = [1, 0, 2]>`
  }];
  let parameters = (ins
    "::mlir::DenseI64ArrayAttr":$shape,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$pad,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$split,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$perm);
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$shape,
      "::llvm::ArrayRef<int64_t>":$pad, "::llvm::ArrayRef<int64_t>":$split,
      "::llvm::ArrayRef<int64_t>":$perm), [{
    auto list = [&](::llvm::ArrayRef<int64_t> values) {
      return values.empty() ? ::mlir::DenseI64ArrayAttr()
                            : ::mlir::DenseI64ArrayAttr::get($_ctxt, values);
    };
    return $_get($_ctxt, ::mlir::DenseI64ArrayAttr::get($_ctxt, shape),
                 list(pad), list(split), list(perm));
  }]>];
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// True if only the shape changes, not the order of the bytes.
    bool isReshape() const;
  }];
}

def NN_ScaleAttr : NN_WeightTransform<"Scale", "scale"> {
  let summary = "multiplies along a dimension";
  let description = [{
    Multiplies a weight of floats by one factor for each index of dimension
    `axis`, in the wider of the two types, and rounds once.

    Example: `#nn.scale<axis = 0, factors = dense<[2.0, 3.0]> : tensor<2xf32>>`
  }];
  let parameters = (ins "int64_t":$axis, "::mlir::ElementsAttr":$factors);
  let assemblyFormat = "`<` struct(params) `>`";
}

def NN_WinogradAttr : NN_WeightTransform<"Winograd", "winograd"> {
  let summary = "the filter transform of Winograd's convolution";
  let description = [{
    A filter `[F, C, 3, 3]` of floats becomes `[(tile + 2)^2, C, F]`, the products
    `G g G^T` of F(tile x tile, 3 x 3) by Lavin and Gray, "Fast Algorithms for
    Convolutional Neural Networks" (arXiv 1509.09308), with the points 0, 1, -1
    and for tiles of 4 also 2 and -2, computed in f64. `tile` is 2 or 4.

    Example: `#nn.winograd<tile = 2>`
  }];
  let parameters = (ins "int64_t":$tile);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // NNC_DIALECTS_NN_IR_NNWEIGHTATTRS_TD
