#ifndef NNC_DIALECTS_NN_IR_NNDIALECT_TD
#define NNC_DIALECTS_NN_IR_NNDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nnc/Interfaces/CostOpInterface.td"
include "nnc/Interfaces/DataMovementOpInterface.td"
include "nnc/Interfaces/EvalOpInterface.td"
include "nnc/Interfaces/LayoutOpInterface.td"
include "nnc/Interfaces/MovementReaderOpInterface.td"
include "nnc/Interfaces/ScalarOpInterface.td"
include "nnc/Interfaces/ShapeOpInterface.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let summary = "Neural-network graphs on tensors, and their schedule of kernels";
  let description = [{
    Graph ops with ONNX's semantics, normalized: one op where ONNX has several
    versions, attributes where ONNX moved constants to inputs, families instead
    of copies. Tensors are ranked, dimensions may be dynamic. Signed integers
    and bool are signless (`i64`, `i1`), unsigned ones are `ui8` … `ui64`.

    The same functions later hold `nn.kernel` ops, the units of the schedule.

    The textual form is a documented input: a module carries `nn.version`, and a
    version newer than this compiler's is refused.
  }];
  let cppNamespace = "::mlir::nnc::nn";
  // Shape functions and host scalars become arith, math and tensor ops.
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::nnc::hw::HWDialect", "::mlir::tensor::TensorDialect"
  ];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasCanonicalizer = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// The version of the textual form, in the module attribute `nn.version`.
    static constexpr int64_t version = 1;
    static constexpr ::llvm::StringLiteral versionAttrName = "nn.version";
    /// On a function's arguments and results: the name in the signature, and
    /// the symbolic names of its dimensions ("" where there is none).
    static constexpr ::llvm::StringLiteral nameAttrName = "nn.name";
    static constexpr ::llvm::StringLiteral dimNamesAttrName = "nn.dim_names";
    /// On a function: it is an entry point of the artifact.
    static constexpr ::llvm::StringLiteral entryAttrName = "nn.entry";
  }];
}

//===----------------------------------------------------------------------===//
// Traits
//===----------------------------------------------------------------------===//

/// One shape function gives type inference, verification, reification and the
/// evaluator's allocation. See ShapeOpInterface.h.
def NN_ShapeFunctionTrait : NativeOpTrait<"ShapeFunctionTrait"> {
  let cppNamespace = "::mlir::nnc";
}
def NN_ShapeFunction : TraitList<[
  ShapeOpInterface, InferTypeOpInterface, ReifyRankedShapedTypeOpInterface,
  NN_ShapeFunctionTrait
]>;

/// Folds to a constant by the evaluator when all operands are constant.
def NN_FoldByEvaluation : NativeOpTrait<"FoldByEvaluation"> {
  let cppNamespace = "::mlir::nnc::nn";
}

/// LayoutOpInterface as ops have it that broadcast, or work along `axis`. See
/// LayoutOpInterface.h.
def NN_BroadcastLayoutTrait : NativeOpTrait<"BroadcastLayout"> {
  let cppNamespace = "::mlir::nnc";
}
def NN_BroadcastLayout : TraitList<[LayoutOpInterface, NN_BroadcastLayoutTrait]>;
def NN_AxisLayoutTrait : NativeOpTrait<"AxisLayout"> {
  let cppNamespace = "::mlir::nnc";
}
def NN_AxisLayout : TraitList<[LayoutOpInterface, NN_AxisLayoutTrait]>;

/// A pure graph op on tensors: has a shape function and a reference evaluator.
class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([
        Pure, NN_ShapeFunction,
        DeclareOpInterfaceMethods<EvalOpInterface>, NN_FoldByEvaluation
      ], traits)> {
  /// Declares the shape function; further declarations go into extraDecls.
  code extraDecls = "";
  code commonDecls = [{
    static bool isCompatibleReturnTypes(::mlir::TypeRange a,
                                        ::mlir::TypeRange b) {
      return ::mlir::nnc::detail::areCompatibleTypes(a, b);
    }
    ::llvm::LogicalResult reifyResultShapes(
        ::mlir::OpBuilder &builder,
        ::mlir::ReifiedRankedShapedTypeDims &dims) {
      return ::mlir::nnc::detail::reifyFromShapes(builder, getOperation(), dims);
    }
  }];
  let extraClassDeclaration = commonDecls # [{
    static ::llvm::LogicalResult inferShapes(
        Adaptor adaptor, ::mlir::nnc::DimBuilder &dims,
        ::llvm::SmallVectorImpl<::mlir::nnc::ResultShape> &shapes);
  }] # extraDecls;
}

/// An op of the schedule or of structure, without graph semantics.
class NN_StructureOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def NN_Float : AnyTypeOf<[F16, BF16, F32, F64]>;
def NN_Signed : AnyTypeOf<[I8, I16, I32, I64]>;
def NN_Unsigned : AnyTypeOf<[UI8, UI16, UI32, UI64]>;
def NN_Integer : AnyTypeOf<[NN_Signed, NN_Unsigned]>;
def NN_Number : AnyTypeOf<[NN_Float, NN_Integer]>;
def NN_Element : AnyTypeOf<[NN_Number, I1]>;

/// Narrow types are stored, moved and converted, but not computed with. In
/// kernels an element is a byte whose low bits are its code.
def NN_NarrowFloat : AnyTypeOf<[F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F4E2M1FN]>;
def NN_NarrowInteger : AnyTypeOf<[I<2>, I<4>, UI<2>, UI<4>]>;
def NN_Narrow : AnyTypeOf<[NN_NarrowFloat, NN_NarrowInteger, F8E8M0FNU]>;

/// See ElementTypes.h.
def NN_StringElement : NativeTypeTrait<"StringElement"> {
  let cppNamespace = "::mlir::nnc";
}
def NN_StringType : TypeDef<NN_Dialect, "String", [NN_StringElement]> {
  let summary = "an element that is a text of any bytes";
  let description = [{
    Moved and compared for equality, not computed with. Where a model runs, an
    element is a number of 64 bits that stands for the text in this run; equal
    texts have equal numbers, and the empty one has 0. Constants are
    `dense<["a", "b"]> : tensor<2x!nn.string>`.

    Example: `tensor<2x!nn.string>`
  }];
  let mnemonic = "string";
}

/// All that can be stored.
def NN_Tensor : RankedTensorOf<[NN_Element, NN_Narrow, NN_StringType]>;
/// The same but strings: what has bits of its own.
def NN_BitsTensor : RankedTensorOf<[NN_Element, NN_Narrow]>;
/// What can be compared: numbers and bool.
def NN_ValueTensor : RankedTensorOf<[NN_Element]>;
def NN_FloatTensor : RankedTensorOf<[NN_Float]>;
def NN_IntegerTensor : RankedTensorOf<[NN_Integer]>;
def NN_NumberTensor : RankedTensorOf<[NN_Number]>;
def NN_BoolTensor : RankedTensorOf<[I1]>;
/// Shapes, axes, indices.
def NN_IndexTensor : RankedTensorOf<[I32, I64]>;

#endif // NNC_DIALECTS_NN_IR_NNDIALECT_TD
