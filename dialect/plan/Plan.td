//===- Plan.td - The plan dialect: which step runs when, on which buffer --===//

#ifndef ARCHC_DIALECT_PLAN_TD
#define ARCHC_DIALECT_PLAN_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def PlanDialect : Dialect {
  let name = "plan";
  let cppNamespace = "::archc::plan";
  let summary = "A static schedule: functions of steps over buffers, for one target.";
  let description = [{
    `mf` says what a network means, `plan` says how one target runs it: `plan.program` holds buffers with their place in
    an arena, kernels with the ops they compute, and functions that list steps in launch order. Nothing here depends on
    the number of threads; extents and offsets are affine in the batch, so one program serves every batch size. The
    artifact's `TargetPlan` table is this dialect written down.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class PlanAttr<string name, string attrMnemonic> : AttrDef<PlanDialect, name> {
  let mnemonic = attrMnemonic;
}

def ExtentAttr : PlanAttr<"Extent", "extent"> {
  let summary = "constant + batch * (the batch at run time)";
  let parameters = (ins "int64_t":$constant, "int64_t":$batch);
  let assemblyFormat = "`<` $constant `+` $batch `*` `batch` `>`";
}

def StorageAttr : I32EnumAttr<"Storage", "who owns a buffer's memory", [
    I32EnumAttrCase<"Arena", 0, "arena">, I32EnumAttrCase<"Packed", 1, "packed">, I32EnumAttrCase<"Input", 2, "input">,
    I32EnumAttrCase<"Output", 3, "output">, I32EnumAttrCase<"Param", 4, "param">, I32EnumAttrCase<"Gradient", 5, "gradient">]> {
  let cppNamespace = "::archc::plan";
}

def NeedAttr : I32EnumAttr<"Need", "what one iteration of the axis needs of an operand", [
    I32EnumAttrCase<"Same", 0, "same">, I32EnumAttrCase<"All", 2, "all">]> { // as in the artifact
  let cppNamespace = "::archc::plan";
}

def AxisKindAttr : I32EnumAttr<"AxisKind", "what an iteration of a step is", [
    I32EnumAttrCase<"Rows", 0, "rows">, I32EnumAttrCase<"Images", 1, "images">, I32EnumAttrCase<"Whole", 2, "whole">,
    I32EnumAttrCase<"Panels", 3, "panels">, I32EnumAttrCase<"ImageRows", 4, "image_rows">]> {
  let cppNamespace = "::archc::plan";
}

def LayoutKindAttr : I32EnumAttr<"LayoutKind", "how a buffer holds a tensor", [
    I32EnumAttrCase<"Rows", 0, "rows">, I32EnumAttrCase<"Dense", 1, "dense">, I32EnumAttrCase<"PaddedImage", 2, "padded_image">,
    I32EnumAttrCase<"Lines", 3, "lines">, I32EnumAttrCase<"Packed", 4, "packed">]> {
  let cppNamespace = "::archc::plan";
}

def LayoutAttr : PlanAttr<"Layout", "layout"> {
  let summary = "rows of padded channels; dense rows; channel blocks with padded columns; statistics per line; packed parameter";
  let parameters = (ins "::archc::plan::LayoutKind":$kind, "int64_t":$padding);
  let assemblyFormat = "`<` $kind `,` $padding `>`";
}

def OperandAttr : PlanAttr<"Operand", "operand"> {
  let summary = "one buffer of a step: which, written or read, and what an iteration needs of it";
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$buffer, "bool":$write, "::archc::plan::Need":$need);
  let assemblyFormat = "`<` $buffer `,` $write `,` $need `>`";
}

class PlanOp<string mnemonic, list<Trait> traits = []> : Op<PlanDialect, mnemonic, traits>;

def ProgramOp : PlanOp<"program", [SymbolTable, NoTerminator, SingleBlock, IsolatedFromAbove]> {
  let summary = "everything one target needs: buffers, kernels, functions";
  let arguments = (ins StrAttr:$target, I64Attr:$vector_width, I64Attr:$packed_bytes,
                       DefaultValuedAttr<I64Attr, "0">:$grad_packed_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$target $body attr-dict";
}

def BufferOp : PlanOp<"buffer", [Symbol]> {
  let summary = "a range of bytes: storage, offset, size and the tensor in it";
  let description = [{
    Rows of an activation are `row_stride` elements apart (its channels padded to the tile width); 0 for packed
    parameters, whose layout is the kernels' business. `param` names the state-dict tensor of a `param` or `gradient` buffer.
    Example: `plan.buffer @b3 arena at #plan.extent<0 + 802816 * batch> size #plan.extent<0 + 802816 * batch>`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StorageAttr:$storage, ExtentAttr:$offset, ExtentAttr:$size,
                       TypeAttr:$type, I64Attr:$row_stride, OptionalAttr<StrAttr>:$param);
  let assemblyFormat = "$sym_name $storage `at` $offset `size` $size $type attr-dict";
}

def KernelOp : PlanOp<"kernel", [Symbol, IsolatedFromAbove, SingleBlock]> {
  let summary = "one compiled kernel and the ops it computes";
  let description = [{
    The body's block arguments are the step's inputs in order, what it yields the outputs behind them; `layouts` says how each
    is held. Lowering turns the body into native
    code of the same name; the body stays, so that the artifact can say which ops a kernel does. Equal bodies are one kernel.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ArrayAttr:$layouts);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $layouts $body attr-dict";
}

def FunctionOp : PlanOp<"function", [Symbol, NoTerminator, SingleBlock]> {
  let summary = "a named function of the program: its bound buffers and its steps in launch order";
  let arguments = (ins SymbolNameAttr:$sym_name, ArrayAttr:$inputs, ArrayAttr:$outputs, ExtentAttr:$arena);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $inputs `->` $outputs `arena` $arena $body attr-dict";
}

def StepOp : PlanOp<"step"> {
  let summary = "one launch of a kernel over an axis";
  let description = [{
    The kernel may be called on any subrange of [0, extent): the executor picks the split. `scratch` is bytes per worker,
    known once the kernel is lowered. `ops` are the name paths of the graph ops whose work the step does, `taps` pairs of
    path and buffer: graph values that buffers hold afterwards.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, ArrayAttr:$buffers, AxisKindAttr:$axis, ExtentAttr:$extent, I64Attr:$grain,
                       I64Attr:$scratch, ExtentAttr:$flops, ExtentAttr:$bytes, ArrayAttr:$ops, DictionaryAttr:$taps);
  let assemblyFormat = "$kernel $buffers `over` $axis $extent attr-dict";
}

#endif // ARCHC_DIALECT_PLAN_TD
