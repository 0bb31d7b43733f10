#ifndef NNC_DIALECTS_NN_IR_NNSEQUENCEOPS_TD
#define NNC_DIALECTS_NN_IR_NNSEQUENCEOPS_TD

include "dialects/NN/IR/NNAttrs.td"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class NN_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<NN_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
  let assemblyFormat = "`<` $elementType `>`";
}

def NN_SequenceType : NN_Type<"Sequence", "sequence"> {
  let summary = "a list of tensors whose length is known at the run";
  let description = [{
    Elements have one element type and rank; where their dimensions may differ
    the element type's are dynamic. Unranked until an element is known.

    Example: `!nn.sequence<tensor<?x4xf32>>`
  }];
  let parameters = (ins "::mlir::TensorType":$elementType);
}

def NN_OptionalType : NN_Type<"Optional", "optional"> {
  let summary = "a tensor or a sequence that may be absent";
  let description = [{
    Example: `!nn.optional<tensor<4xf32>>`
  }];
  let parameters = (ins "::mlir::Type":$elementType);
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

def OpGroupSequence : OpDocGroup {
  let summary = "Sequences and optional values";
  let description = [{
    Run by the host between kernels. A sequence is immutable: insertion gives a
    new one that shares the elements of the old. An element is copied once, when
    it enters.
  }];
}

/// May fail at the run, so it must not run where its branch does not.
class NN_SequenceOp<string mnemonic, list<Trait> traits = []>
    : NN_StructureOp<mnemonic, !listconcat([NoMemoryEffect], traits)>;

let opDocGroup = OpGroupSequence in {

def NN_SequenceCreateOp : NN_SequenceOp<"sequence_create"> {
  let summary = "a sequence of the given tensors";
  let description = [{
    Example:

    ```mlir
    %0 = nn.sequence_create %a, %b : (tensor<2xf32>, tensor<3xf32>) -> !nn.sequence<tensor<?xf32>>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$elements);
  let results = (outs NN_SequenceType:$result);
  let assemblyFormat =
      "($elements^)? attr-dict `:` functional-type($elements, $result)";
  let hasVerifier = 1;
}

def NN_SequenceInsertOp : NN_SequenceOp<"sequence_insert"> {
  let summary = "a sequence with one more element";
  let description = [{
    The element comes before the one at `position`, which counts from the end if
    negative; without it, last. The run fails for a position outside of
    [-length, length].

    Example:

    ```mlir
    %1 = nn.sequence_insert %0, %a at %p : !nn.sequence<tensor<4xf32>>, tensor<4xf32> -> !nn.sequence<tensor<4xf32>>
    ```
  }];
  let arguments = (ins NN_SequenceType:$sequence, NN_Tensor:$element,
                       Optional<Index>:$position);
  let results = (outs NN_SequenceType:$result);
  let assemblyFormat = [{
    $sequence `,` $element (`at` $position^)? attr-dict `:`
    type($sequence) `,` type($element) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_SequenceEraseOp : NN_SequenceOp<"sequence_erase", [
    AllTypesMatch<["sequence", "result"]>]> {
  let summary = "a sequence with one element less";
  let description = [{
    Without a position, the last one. The run fails for a position outside of
    [-length, length - 1].

    Example:

    ```mlir
    %1 = nn.sequence_erase %0 at %p : !nn.sequence<tensor<4xf32>>
    ```
  }];
  let arguments = (ins NN_SequenceType:$sequence, Optional<Index>:$position);
  let results = (outs NN_SequenceType:$result);
  let assemblyFormat =
      "$sequence (`at` $position^)? attr-dict `:` type($sequence)";
  let hasCanonicalizeMethod = 1;
}

def NN_SequenceAtOp : NN_SequenceOp<"sequence_at"> {
  let summary = "an element of a sequence";
  let description = [{
    The run fails for a position outside of [-length, length - 1].

    Example:

    ```mlir
    %t = nn.sequence_at %0, %p : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
    ```
  }];
  let arguments = (ins NN_SequenceType:$sequence, Index:$position);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $sequence `,` $position attr-dict `:` type($sequence) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_SequenceLengthOp : NN_SequenceOp<"sequence_length"> {
  let summary = "how many elements a sequence has";
  let description = [{
    Example: `%n = nn.sequence_length %0 : !nn.sequence<tensor<4xf32>>`
  }];
  let arguments = (ins NN_SequenceType:$sequence);
  let results = (outs Index:$result);
  let assemblyFormat = "$sequence attr-dict `:` type($sequence)";
  let hasCanonicalizeMethod = 1;
}

def NN_SequenceJoinOp : NN_SequenceOp<"sequence_join"> {
  let summary = "all elements of a sequence as one tensor";
  let description = [{
    Concatenated along `axis`, or with `new_axis` stacked along an axis that is
    new. The run fails if elements do not fit together. Of an empty sequence,
    dimensions that the type does not know are 0.

    Example:

    ```mlir
    %t = nn.sequence_join %0 axis 0 new_axis : !nn.sequence<tensor<4xf32>> -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_SequenceType:$sequence, I64Attr:$axis,
                       UnitAttr:$new_axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $sequence `axis` $axis (`new_axis` $new_axis^)? attr-dict `:`
    type($sequence) `->` type($result)
  }];
  let hasVerifier = 1;
}

def NN_SequenceCastOp : NN_SequenceOp<"sequence_cast"> {
  let summary = "a sequence whose elements' rank or dimensions are forgotten";
  let description = [{
    Example:

    ```mlir
    %1 = nn.sequence_cast %0 : !nn.sequence<tensor<?xf32>> -> !nn.sequence<tensor<*xf32>>
    ```
  }];
  let arguments = (ins NN_SequenceType:$sequence);
  let results = (outs NN_SequenceType:$result);
  let assemblyFormat =
      "$sequence attr-dict `:` type($sequence) `->` type($result)";
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_OptionalCreateOp : NN_SequenceOp<"optional_create"> {
  let summary = "an optional value, absent without an operand";
  let description = [{
    Example: `%0 = nn.optional_create %t : (tensor<4xf32>) -> !nn.optional<tensor<4xf32>>`
  }];
  let arguments = (ins Optional<AnyType>:$value);
  let results = (outs NN_OptionalType:$result);
  let assemblyFormat =
      "($value^)? attr-dict `:` functional-type($value, $result)";
  let hasVerifier = 1;
}

def NN_OptionalHasOp : NN_SequenceOp<"optional_has"> {
  let summary = "is the value there?";
  let description = [{
    Example: `%b = nn.optional_has %0 : !nn.optional<tensor<4xf32>>`
  }];
  let arguments = (ins NN_OptionalType:$optional);
  let results = (outs I1:$result);
  let assemblyFormat = "$optional attr-dict `:` type($optional)";
  let hasCanonicalizeMethod = 1;
}

def NN_OptionalGetOp : NN_SequenceOp<"optional_get", [
    TypesMatchWith<"result is what the optional holds", "optional", "result",
                   "::llvm::cast<OptionalType>($_self).getElementType()">]> {
  let summary = "the value of an optional";
  let description = [{
    The run fails if it is absent.

    Example: `%t = nn.optional_get %0 : !nn.optional<tensor<4xf32>>`
  }];
  let arguments = (ins NN_OptionalType:$optional);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$optional attr-dict `:` type($optional)";
  let hasCanonicalizeMethod = 1;
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSEQUENCEOPS_TD
