#ifndef NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD
#define NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNNarrowAttrs.td"

def OpGroupElementwise : OpDocGroup {
  let summary = "Element-wise operations";
  let description = [{
    Operands broadcast against each other as NumPy and ONNX do. One lowering
    serves all of them through `ScalarOpInterface`. NaN operands give NaN, also
    through `relu`, `min` and `max`; comparisons with NaN are false. Integers
    wrap around. Math functions of 16-bit floats are computed in f32 and rounded
    once.
  }];
}

//===----------------------------------------------------------------------===//
// Traits and base classes
//===----------------------------------------------------------------------===//

/// Result of the operands' broadcast shape and of their one element type; one
/// operation an element.
def NN_ElementwiseShape : NativeOpTrait<"ElementwiseShape"> {
  let cppNamespace = "::mlir::nnc::nn";
}
/// The same with bool elements.
def NN_PredicateShape : NativeOpTrait<"PredicateShape"> {
  let cppNamespace = "::mlir::nnc::nn";
}
/// The same for operands of several element types: the op's
/// `getResultElementType` checks them.
def NN_MixedShape : NativeOpTrait<"MixedShape"> {
  let cppNamespace = "::mlir::nnc::nn";
}

class NN_ElementwiseOp<string mnemonic, Trait shape = NN_ElementwiseShape,
                       list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([
        shape, DeclareOpInterfaceMethods<ScalarOpInterface>, CostOpInterface,
        NN_BroadcastLayout
      ], traits)> {
  let extraClassDeclaration = commonDecls # extraDecls;
}

class NN_MixedOp<string mnemonic, list<Trait> traits = []>
    : NN_ElementwiseOp<mnemonic, NN_MixedShape, traits> {
  let extraDecls = [{
    /// The result's element type; fails after reporting if the operands' do
    /// not fit together.
    static ::llvm::FailureOr<::mlir::Type> getResultElementType(
        Adaptor adaptor, ::mlir::nnc::DimBuilder &dims);
  }];
}

class NN_UnaryOp<string mnemonic, Type type, string formula>
    : NN_ElementwiseOp<mnemonic> {
  let description = "Computes `" # formula # [{` for every element.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = nn.}] # mnemonic # [{ %x : tensor<4xf32> -> tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[type]>:$input);
  let results = (outs RankedTensorOf<[type]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

/// One function of the math dialect; `reference` is its name in <cmath>.
class NN_MathFunctionOp<string mnemonic, string formula, string mathOp,
                        string reference>
    : NN_UnaryOp<mnemonic, NN_Float, formula> {
  let extraClassDefinition = [{
    ::mlir::Value $cppClass::buildScalar(::mlir::OpBuilder &builder,
                                         ::mlir::Location loc,
                                         ::mlir::ValueRange scalars) {
      return buildMathFunction<::mlir::math::}] # mathOp # [{>(
          builder, loc, scalars[0]);
    }
    ::std::string $cppClass::evaluate(
        ::llvm::ArrayRef<::nncio::Tensor> operands,
        ::llvm::MutableArrayRef<::nncio::Tensor> results) {
      return evaluateMathFunction(operands, results, ::std::}] # reference # [{);
    }
  }];
}

class NN_BinaryOp<string mnemonic, Type type, string formula,
                  list<Trait> traits = [], Trait shape = NN_ElementwiseShape,
                  Type resultType = type, string exampleType = "f32",
                  string exampleResult = exampleType>
    : NN_ElementwiseOp<mnemonic, shape, traits> {
  let description = "Computes `" # formula # [{` for every element `a` of the
    first and `b` of the second operand, after broadcasting.

    Example:

    ```mlir
    func.func @f(%a: tensor<2x3x}] # exampleType # [{>, %b: tensor<3x}]
        # exampleType # [{>) -> tensor<2x3x}] # exampleResult # [{> {
      %0 = nn.}] # mnemonic # [{ %a, %b : tensor<2x3x}] # exampleType
        # [{>, tensor<3x}] # exampleType # [{> -> tensor<2x3x}]
        # exampleResult # [{>
      return %0 : tensor<2x3x}] # exampleResult # [{>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[type]>:$lhs, RankedTensorOf<[type]>:$rhs);
  let results = (outs RankedTensorOf<[resultType]>:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
}

class NN_CompareOp<string mnemonic, Type type, string formula,
                   list<Trait> traits = []>
    : NN_BinaryOp<mnemonic, type, formula, traits, NN_PredicateShape, I1, "f32",
                  "i1">;

def NN_Comparable : AnyTypeOf<[NN_Element, NN_StringType]>;
def NN_Bits : AnyTypeOf<[NN_Integer, I1]>;
class NN_BitwiseOp<string mnemonic, string formula, list<Trait> traits = []>
    : NN_BinaryOp<mnemonic, NN_Bits, formula, traits, NN_ElementwiseShape,
                  NN_Bits, "i1">;

class NN_ClassifyOp<string mnemonic> : NN_ElementwiseOp<mnemonic, NN_PredicateShape> {
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

let opDocGroup = OpGroupElementwise in {

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

def NN_AddOp : NN_BinaryOp<"add", NN_Number, "a + b", [Commutative]> {
  let summary = "sum";
}
def NN_SubOp : NN_BinaryOp<"sub", NN_Number, "a - b"> {
  let summary = "difference";
}
def NN_MulOp : NN_BinaryOp<"mul", NN_Number, "a * b", [Commutative]> {
  let summary = "product";
}
def NN_DivOp : NN_BinaryOp<"div", NN_Number,
    "a / b (integers: truncated toward zero, 0 where b is 0)"> {
  let summary = "quotient";
}
def NN_MinOp : NN_BinaryOp<"min", NN_Number, "min(a, b)", [Commutative]> {
  let summary = "smaller of two";
}
def NN_MaxOp : NN_BinaryOp<"max", NN_Number, "max(a, b)", [Commutative]> {
  let summary = "greater of two";
}
def NN_PReluOp : NN_BinaryOp<"prelu", NN_Number, "a < 0 ? a * b : a"> {
  let summary = "rectified linear unit with a slope below zero";
}

def NN_ModOp : NN_ElementwiseOp<"mod"> {
  let summary = "remainder";
  let description = [{
    The remainder of `lhs / rhs`: with the sign of the divisor, or with `fmod`
    that of the dividend, as in C. An integer remainder by 0 is 0.

    Example:

    ```mlir
    func.func @f(%a: tensor<4xi64>, %b: tensor<i64>) -> tensor<4xi64> {
      %0 = nn.mod %a, %b {fmod} : tensor<4xi64>, tensor<i64> -> tensor<4xi64>
      return %0 : tensor<4xi64>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$lhs, NN_NumberTensor:$rhs,
                       UnitAttr:$fmod);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
}

def NN_PowOp : NN_MixedOp<"pow"> {
  let summary = "power";
  let description = [{
    `base` to the power `exponent`, which may differ in element type; the result
    has the base's. Between integers the power wraps around, and a negative
    exponent gives the truncated quotient (0 for a base of 0). Else it is
    computed in floats, and truncated if the base is an integer.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>, %e: tensor<i64>) -> tensor<2x3xf32> {
      %0 = nn.pow %x, %e : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$base, NN_NumberTensor:$exponent);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $base `,` $exponent attr-dict `:` type($base) `,` type($exponent)
    `->` type($result)
  }];
  let hasCanonicalizer = 1;
}

def NN_NegOp : NN_UnaryOp<"neg", NN_Number, "-x"> {
  let summary = "negation";
}
def NN_AbsOp : NN_UnaryOp<"abs", NN_Number, "|x|"> {
  let summary = "absolute value";
}
def NN_SignOp : NN_UnaryOp<"sign", NN_Number, "-1, 0 or 1, as x is to 0"> {
  let summary = "sign";
}

//===----------------------------------------------------------------------===//
// Math functions
//===----------------------------------------------------------------------===//

def NN_AcosOp : NN_MathFunctionOp<"acos", "acos(x)", "AcosOp", "acos"> {
  let summary = "inverse cosine";
}
def NN_AcoshOp : NN_MathFunctionOp<"acosh", "acosh(x)", "AcoshOp", "acosh"> {
  let summary = "inverse hyperbolic cosine";
}
def NN_AsinOp : NN_MathFunctionOp<"asin", "asin(x)", "AsinOp", "asin"> {
  let summary = "inverse sine";
}
def NN_AsinhOp : NN_MathFunctionOp<"asinh", "asinh(x)", "AsinhOp", "asinh"> {
  let summary = "inverse hyperbolic sine";
}
def NN_AtanOp : NN_MathFunctionOp<"atan", "atan(x)", "AtanOp", "atan"> {
  let summary = "inverse tangent";
}
def NN_AtanhOp : NN_MathFunctionOp<"atanh", "atanh(x)", "AtanhOp", "atanh"> {
  let summary = "inverse hyperbolic tangent";
}
def NN_CeilOp : NN_MathFunctionOp<"ceil", "x rounded up", "CeilOp", "ceil"> {
  let summary = "rounding toward plus infinity";
}
def NN_CosOp : NN_MathFunctionOp<"cos", "cos(x)", "CosOp", "cos"> {
  let summary = "cosine";
}
def NN_CoshOp : NN_MathFunctionOp<"cosh", "cosh(x)", "CoshOp", "cosh"> {
  let summary = "hyperbolic cosine";
}
def NN_ErfOp : NN_MathFunctionOp<"erf", "erf(x)", "ErfOp", "erf"> {
  let summary = "error function";
}
def NN_ExpOp : NN_MathFunctionOp<"exp", "e to the power x", "ExpOp", "exp"> {
  let summary = "exponential function";
}
def NN_FloorOp : NN_MathFunctionOp<"floor", "x rounded down", "FloorOp",
                                   "floor"> {
  let summary = "rounding toward minus infinity";
}
def NN_LogOp : NN_MathFunctionOp<"log", "log(x)", "LogOp", "log"> {
  let summary = "natural logarithm";
}
def NN_RoundOp : NN_MathFunctionOp<"round", "x rounded, halves to even",
                                   "RoundEvenOp", "nearbyint"> {
  let summary = "rounding to the nearest integer";
}
def NN_SinOp : NN_MathFunctionOp<"sin", "sin(x)", "SinOp", "sin"> {
  let summary = "sine";
}
def NN_SinhOp : NN_MathFunctionOp<"sinh", "sinh(x)", "SinhOp", "sinh"> {
  let summary = "hyperbolic sine";
}
def NN_SqrtOp : NN_MathFunctionOp<"sqrt", "square root of x", "SqrtOp",
                                  "sqrt"> {
  let summary = "square root";
}
def NN_TanOp : NN_MathFunctionOp<"tan", "tan(x)", "TanOp", "tan"> {
  let summary = "tangent";
}
def NN_TanhOp : NN_MathFunctionOp<"tanh", "tanh(x)", "TanhOp", "tanh"> {
  let summary = "hyperbolic tangent";
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

def NN_ReluOp : NN_UnaryOp<"relu", NN_Number, "max(x, 0)"> {
  let summary = "rectified linear unit";
}
def NN_SigmoidOp : NN_UnaryOp<"sigmoid", NN_Float, "1 / (1 + exp(-x))"> {
  let summary = "logistic function";
}
def NN_SoftplusOp : NN_UnaryOp<"softplus", NN_Float, "log(1 + exp(x))"> {
  let summary = "smooth rectified linear unit";
}
def NN_EluOp : NN_UnaryOp<"elu", NN_Float,
    "gamma * (x > 0 ? x : alpha * (exp(beta * x) - 1))"> {
  let summary = "exponential linear unit; also SELU and CELU";
  let arguments = (ins NN_FloatTensor:$input,
                       DefaultValuedAttr<F64Attr, "1.0">:$alpha,
                       DefaultValuedAttr<F64Attr, "1.0">:$beta,
                       DefaultValuedAttr<F64Attr, "1.0">:$gamma);
}
def NN_HardSigmoidOp : NN_UnaryOp<"hard_sigmoid", NN_Float,
    "max(0, min(1, alpha * x + beta))"> {
  let summary = "piecewise linear sigmoid";
  let arguments = (ins NN_FloatTensor:$input,
                       DefaultValuedAttr<F64Attr, "0.2">:$alpha,
                       DefaultValuedAttr<F64Attr, "0.5">:$beta);
}
def NN_GeluOp : NN_UnaryOp<"gelu", NN_Float,
    "x / 2 * (1 + erf(x / sqrt(2))), or with tanh "
    "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x * x * x)))"> {
  let summary = "Gaussian error linear unit";
  let arguments = (ins NN_FloatTensor:$input, UnitAttr:$tanh);
}
def NN_SwishOp : NN_UnaryOp<"swish", NN_Float, "x / (1 + exp(-alpha * x))"> {
  let summary = "x times its logistic function; SiLU where alpha is 1";
  let arguments = (ins NN_FloatTensor:$input,
                       DefaultValuedAttr<F64Attr, "1.0">:$alpha);
}
def NN_HardSwishOp : NN_UnaryOp<"hard_swish", NN_Float,
    "x * max(0, min(1, alpha * x + beta))"> {
  let summary = "x times a piecewise linear sigmoid";
  let arguments = (ins NN_FloatTensor:$input,
                       DefaultValuedAttr<F64Attr, "1.0 / 6.0">:$alpha,
                       DefaultValuedAttr<F64Attr, "0.5">:$beta);
}

//===----------------------------------------------------------------------===//
// Comparison, bits, selection, conversion
//===----------------------------------------------------------------------===//

def NN_EqualOp : NN_CompareOp<"equal", NN_Comparable, "a = b", [Commutative]> {
  let summary = "equality";
}
def NN_LessOp : NN_CompareOp<"less", NN_Number, "a < b"> {
  let summary = "less than";
}
def NN_LessOrEqualOp : NN_CompareOp<"less_or_equal", NN_Number, "a <= b"> {
  let summary = "less than or equal";
}
def NN_IsNaNOp : NN_ClassifyOp<"is_nan"> {
  let summary = "test for not-a-number";
  let description = [{
    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xi1> {
      %0 = nn.is_nan %x : tensor<4xf32> -> tensor<4xi1>
      return %0 : tensor<4xi1>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input);
}
def NN_IsInfOp : NN_ClassifyOp<"is_inf"> {
  let summary = "test for infinity";
  let description = [{
    Of either sign, unless one is switched off.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xi1> {
      %0 = nn.is_inf %x {negative = false} : tensor<4xf32> -> tensor<4xi1>
      return %0 : tensor<4xi1>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input,
                       DefaultValuedAttr<BoolAttr, "true">:$negative,
                       DefaultValuedAttr<BoolAttr, "true">:$positive);
}

def NN_AndOp : NN_BitwiseOp<"and", "a & b, bit by bit", [Commutative]> {
  let summary = "conjunction";
}
def NN_OrOp : NN_BitwiseOp<"or", "a | b, bit by bit", [Commutative]> {
  let summary = "disjunction";
}
def NN_XorOp : NN_BitwiseOp<"xor", "a ^ b, bit by bit", [Commutative]> {
  let summary = "exclusive disjunction";
}
def NN_ShiftLeftOp : NN_BinaryOp<"shift_left", NN_Integer,
    "a * 2^b (0 where b is the number of bits or more)", [],
    NN_ElementwiseShape, NN_Integer, "ui8"> {
  let summary = "bits moved up";
}
def NN_ShiftRightOp : NN_BinaryOp<"shift_right", NN_Integer,
    "a / 2^b without sign (0 where b is the number of bits or more)", [],
    NN_ElementwiseShape, NN_Integer, "ui8"> {
  let summary = "bits moved down";
}
def NN_NotOp : NN_ElementwiseOp<"not"> {
  let summary = "negation, bit by bit";
  let description = [{
    Example:

    ```mlir
    func.func @f(%x: tensor<4xi1>) -> tensor<4xi1> {
      %0 = nn.not %x : tensor<4xi1> -> tensor<4xi1>
      return %0 : tensor<4xi1>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[NN_Bits]>:$input);
  let results = (outs RankedTensorOf<[NN_Bits]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_WhereOp : NN_MixedOp<"where"> {
  let summary = "one or the other by condition";
  let description = [{
    Computes `condition ? on_true : on_false` for every element after
    broadcasting all three.

    Example:

    ```mlir
    func.func @f(%c: tensor<3xi1>, %x: tensor<2x3xf32>, %y: tensor<f32>) -> tensor<2x3xf32> {
      %0 = nn.where %c, %x, %y : tensor<3xi1>, tensor<2x3xf32>, tensor<f32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_BoolTensor:$condition, NN_Tensor:$on_true,
                       NN_Tensor:$on_false);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $condition `,` $on_true `,` $on_false attr-dict `:` type($condition) `,`
    type($on_true) `,` type($on_false) `->` type($result)
  }];
}

def NN_CastOp : NN_MixedOp<"cast"> {
  let summary = "conversion to another element type";
  let description = [{
    To floats: rounded to nearest even. To bool: unequal 0. From floats to
    integers: truncated toward zero, saturated, NaN gives 0. Between integers:
    modulo 2^n.

    To 8-bit and 4-bit floats: what exceeds the largest number becomes it;
    `unsaturated` makes it infinity, or NaN where the type has none. To powers of
    two (`f8E8M0FNU`): the magnitude, moved to a power by `rounding`; `nearest`
    takes the upper of two that are equally near. Zero gives the lowest power,
    what is above the highest gives that one, `unsaturated` NaN.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xi64> {
      %0 = nn.cast %x to i64 : tensor<4xf32> -> tensor<4xi64>
      return %0 : tensor<4xi64>
    }
    ```
  }];
  let arguments = (ins NN_BitsTensor:$input, TypeAttr:$to, UnitAttr:$unsaturated,
    DefaultValuedAttr<NN_PowerRounding, "::mlir::nnc::nn::PowerRounding::Up">:$rounding);
  let results = (outs NN_BitsTensor:$result);
  let assemblyFormat = [{
    $input `to` $to (`unsaturated` $unsaturated^)? (`rounding` $rounding^)?
    attr-dict `:` type($input) `->` type($result)
  }];
  let hasFolder = 1;
}

def NN_BitcastOp : NN_MixedOp<"bitcast"> {
  let summary = "the same bits as another element type";
  let description = [{
    Both element types have the same number of bits; bool has none.

    Example:

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xui32> {
      %0 = nn.bitcast %x to ui32 : tensor<4xf32> -> tensor<4xui32>
      return %0 : tensor<4xui32>
    }
    ```
  }];
  let arguments = (ins NN_BitsTensor:$input, TypeAttr:$to);
  let results = (outs NN_BitsTensor:$result);
  let assemblyFormat = [{
    $input `to` $to attr-dict `:` type($input) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNELEMENTWISEOPS_TD
