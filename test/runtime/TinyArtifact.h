//===- TinyArtifact.h - A whole artifact in a page, for tests of the runtime ===//
//
// A network of two steps on 2x2x3 images with 12 classes: h = x + p, y = h + p, where `prepare` computed p = w + w from the one
// parameter `w`. The kernels are hand-assembled for baseline x86-64. Tests change the tables before they are written.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_RUNTIME_TINYARTIFACT_H
#define ARCHC_TEST_RUNTIME_TINYARTIFACT_H

#include "runtime/abi/artifact_generated.h"
#include "runtime/core/ContainerWriter.h"
#include "runtime/weights/Safetensors.h"

#include <cstring>
#include <string>
#include <vector>

namespace archrt::test {

constexpr int kWidth = 12; // 2 * 2 * 3

// double: out[i] = in[i] + in[i] over elements [rsi, rdx).
// addRow: out[n][c] = in[n][c] + row[c] over images, each sum taken through the worker's scratch memory.
// widen:  out[n][c] = float(in[n][c]) for u8 over images.
inline constexpr unsigned char kCode[] = {
    // double
    0x48, 0x8B, 0x07,                   // mov rax, [rdi]
    0x48, 0x8B, 0x08,                   // mov rcx, [rax]
    0x4C, 0x8B, 0x40, 0x08,             // mov r8, [rax + 8]
    0x48, 0x39, 0xD6,                   // cmp rsi, rdx
    0x7D, 0x14,                         // jge end
    0xF3, 0x0F, 0x10, 0x04, 0xB1,       // movss xmm0, [rcx + 4 * rsi]
    0xF3, 0x0F, 0x58, 0xC0,             // addss xmm0, xmm0
    0xF3, 0x41, 0x0F, 0x11, 0x04, 0xB0, // movss [r8 + 4 * rsi], xmm0
    0x48, 0xFF, 0xC6,                   // inc rsi
    0xEB, 0xE7,                         // jmp loop
    0xC3,                               // end: ret
    // addRow
    0x48, 0x8B, 0x07,                   // mov rax, [rdi]
    0x48, 0x8B, 0x08,                   // mov rcx, [rax]
    0x4C, 0x8B, 0x40, 0x08,             // mov r8, [rax + 8]
    0x4C, 0x8B, 0x48, 0x10,             // mov r9, [rax + 16]
    0x48, 0x8B, 0x7F, 0x10,             // mov rdi, [rdi + 16]
    0x4C, 0x6B, 0xD6, 0x0C,             // imul r10, rsi, 12
    0x4C, 0x6B, 0xDA, 0x0C,             // imul r11, rdx, 12
    0x31, 0xC0,                         // xor eax, eax
    0x4D, 0x39, 0xDA,                   // loop: cmp r10, r11
    0x7D, 0x28,                         // jge end
    0xF3, 0x42, 0x0F, 0x10, 0x04, 0x91, // movss xmm0, [rcx + 4 * r10]
    0xF3, 0x41, 0x0F, 0x58, 0x04, 0x80, // addss xmm0, [r8 + 4 * rax]
    0xF3, 0x0F, 0x11, 0x07,             // movss [rdi], xmm0
    0xF3, 0x0F, 0x10, 0x07,             // movss xmm0, [rdi]
    0xF3, 0x43, 0x0F, 0x11, 0x04, 0x91, // movss [r9 + 4 * r10], xmm0
    0x49, 0xFF, 0xC2,                   // inc r10
    0xFF, 0xC0,                         // inc eax
    0x83, 0xF8, 0x0C,                   // cmp eax, 12
    0x75, 0xD7,                         // jne loop
    0x31, 0xC0,                         // xor eax, eax
    0xEB, 0xD3,                         // jmp loop
    0xC3,                               // end: ret
    // widen
    0x48, 0x8B, 0x07,                   // mov rax, [rdi]
    0x48, 0x8B, 0x08,                   // mov rcx, [rax]
    0x4C, 0x8B, 0x40, 0x08,             // mov r8, [rax + 8]
    0x48, 0x6B, 0xF6, 0x0C,             // imul rsi, rsi, 12
    0x48, 0x6B, 0xD2, 0x0C,             // imul rdx, rdx, 12
    0x48, 0x39, 0xD6,                   // loop: cmp rsi, rdx
    0x7D, 0x13,                         // jge end
    0x0F, 0xB6, 0x04, 0x31,             // movzx eax, byte [rcx + rsi]
    0xF3, 0x0F, 0x2A, 0xC0,             // cvtsi2ss xmm0, eax
    0xF3, 0x41, 0x0F, 0x11, 0x04, 0xB0, // movss [r8 + 4 * rsi], xmm0
    0x48, 0xFF, 0xC6,                   // inc rsi
    0xEB, 0xE8,                         // jmp loop
    0xC3,                               // end: ret
};

/// The entries of the same kernels as a GPU sees them: operands, batch, extent. For drivers that run nothing.
inline std::string tinyPtx() {
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n";
  auto entry = [&](const std::string &name, int parameters) {
    text += ".visible .entry " + name + "(\n";
    for (int i = 0; i < parameters; ++i)
      text += (i ? ",\n\t.param .u64 " : "\t.param .u64 ") + name + "_param_" + std::to_string(i);
    text += "\n)\n{\n\tret;\n}\n";
  };
  entry("double", 4);
  entry("add_row", 5);
  entry("widen", 4);
  return text;
}

enum KernelIndex { DoubleKernel, AddRowKernel, WidenKernel };
enum BufferIndex { ParamBuffer, PackedBuffer, InputBuffer, HiddenBuffer, OutputBuffer, PixelBuffer, WideBuffer };

struct TinyArtifact {
  abi::ModelT model;
  std::vector<abi::TargetPlanT> plans;

  explicit TinyArtifact(const std::string &target = "cpu:x86-64") {
    makeModel();
    addPlan(target);
  }

  void addPlan(const std::string &target) {
    abi::TargetPlanT plan;
    plan.target = target;
    plan.packed_bytes = 64;
    addKernels(plan);
    addBuffers(plan);
    addFunctions(plan);
    plans.push_back(std::move(plan));
  }

  abi::TargetPlanT &plan() { return plans.front(); }

  /// Turns the plan into one for a GPU, whose code is tinyPtx() in every form.
  void makeGpu(const std::string &target = "cuda:sm_80", std::vector<abi::GpuCodeKind> kinds = {abi::GpuCodeKind::Ptx}) {
    plan().target = target;
    for (auto &kernel : plan().kernels) {
      kernel->launch = std::make_unique<abi::LaunchT>();
      kernel->launch->threads = 64;
      kernel->launch->block = 2;
      kernel->launch->shared = 1024;
    }
    for (auto &function : plan().functions)
      for (auto &step : function->steps)
        step->scratch = 0;
    for (abi::GpuCodeKind kind : kinds) {
      plan().gpu_code.push_back(std::make_unique<abi::GpuCodeT>());
      plan().gpu_code.back()->kind = kind;
    }
  }

  abi::PlanFunctionT &function(const std::string &name) {
    for (auto &each : plan().functions)
      if (each->name == name)
        return *each;
    std::abort();
  }

  /// Adds a graph and plan functions `prepare_grad` and `grad`: p = w + w, logits = x + p, loss = t[0] + t[0] of the batch's first
  /// numbers, and as "gradient" of w p + p. What a gradient is does not matter to the runtime.
  void addTraining() {
    auto grad = std::make_unique<abi::FunctionT>();
    grad->name = "grad";
    grad->values.push_back(tensor({{0, 1}, {2, 0}, {2, 0}, {3, 0}}));
    for (std::vector<abi::Extent> shape :
         {std::vector<abi::Extent>{{0, 1}, {kWidth, 0}}, {{0, 1}, {1, 0}}, {{0, 1}, {kWidth, 0}}, {{kWidth, 0}}})
      grad->values.push_back(tensor(shape));
    grad->inputs = {0, 1};
    grad->outputs = {2, 3, 4};
    grad->gradient_of = {0};
    for (uint32_t result : {2, 3, 4})
      addOp(*grad, "test.any", {0}, result, "grad");
    model.functions.push_back(std::move(grad));
    abi::TargetPlanT &plan = this->plan();
    plan.grad_packed_bytes = 64;
    uint32_t first = static_cast<uint32_t>(plan.buffers.size()); // targets, loss, logits, gradient
    addBuffer(plan, abi::Storage::Input, abi::DType::F32, {{0, 1}, {kWidth, 0}}, {{0, 48}, {0, 0}});
    addBuffer(plan, abi::Storage::Output, abi::DType::F32, {{0, 1}, {1, 0}}, {{0, 4}, {0, 0}});
    addBuffer(plan, abi::Storage::Output, abi::DType::F32, {{0, 1}, {kWidth, 0}}, {{0, 48}, {0, 0}});
    addBuffer(plan, abi::Storage::Gradient, abi::DType::F32, {{kWidth, 0}}, {{48, 0}, {0, 0}});
    std::vector<std::unique_ptr<abi::StepT>> prepare, steps;
    prepare.push_back(step(DoubleKernel, {ParamBuffer}, PackedBuffer, extent(kWidth)));
    addFunction(plan, "prepare_grad", {ParamBuffer}, {PackedBuffer}, std::move(prepare));
    plan.functions.back()->arena_bytes = extent(0);
    steps.push_back(step(AddRowKernel, {InputBuffer, PackedBuffer}, first + 2, extent(0, 1)));
    steps.push_back(step(DoubleKernel, {first}, first + 1, extent(0, 1)));
    steps.push_back(step(DoubleKernel, {PackedBuffer}, first + 3, extent(kWidth)));
    addFunction(plan, "grad", {InputBuffer, first}, {first + 1, first + 2}, std::move(steps));
  }

  /// The file. `weights`: a safetensors file to embed, or "".
  std::string bytes(const std::string &weights = "") {
    ContainerWriter writer;
    writer.addSection(abi::SectionKind::Model, ByteView(packed<abi::Model>(model)));
    for (abi::TargetPlanT &plan : plans) {
      uint32_t code = writer.addSection(abi::SectionKind::Code, {kCode, sizeof(kCode)});
      if (plan.code_section == 0) // section 0 is the model: no test asks for it
        plan.code_section = code;
      std::vector<uint32_t> asked;
      for (auto &form : plan.gpu_code) {
        asked.push_back(form->section);
        if (form->section == 0)
          form->section = writer.addSection(abi::SectionKind::Code, ByteView(tinyPtx()));
      }
      writer.addSection(abi::SectionKind::Plan, ByteView(packed<abi::TargetPlan>(plan)));
      for (size_t i = 0; i < asked.size(); ++i)
        plan.gpu_code[i]->section = asked[i];
    }
    if (!weights.empty())
      writer.addSection(abi::SectionKind::Weights, ByteView(weights));
    return writer.finish();
  }

  static std::unique_ptr<abi::Extent> extent(int64_t constant, int64_t batch = 0) {
    return std::make_unique<abi::Extent>(constant, batch);
  }

  static std::unique_ptr<abi::StepT> step(uint32_t kernel, std::vector<uint32_t> reads, uint32_t write,
                                          std::unique_ptr<abi::Extent> length) {
    auto out = std::make_unique<abi::StepT>();
    out->kernel = kernel;
    reads.push_back(write);
    for (size_t i = 0; i < reads.size(); ++i) {
      auto operand = std::make_unique<abi::OperandT>();
      operand->buffer = reads[i];
      operand->access = i + 1 == reads.size() ? abi::Access::Write : abi::Access::Read;
      operand->need = reads[i] == PackedBuffer ? abi::Need::All : abi::Need::Same;
      out->operands.push_back(std::move(operand));
    }
    out->axis = std::make_unique<abi::AxisT>();
    out->axis->kind = length->batch() ? abi::AxisKind::Images : abi::AxisKind::Rows;
    out->axis->extent = std::move(length);
    out->axis->grain = 1;
    out->scratch = 4;
    return out;
  }

private:
  template <typename Table, typename Object> static std::string packed(const Object &object) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(Table::Pack(builder, &object));
    return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
  }

  static std::unique_ptr<abi::TensorTypeT> tensor(std::vector<abi::Extent> shape) {
    auto type = std::make_unique<abi::TensorTypeT>();
    type->shape = std::move(shape);
    return type;
  }

  void addOp(abi::FunctionT &function, const std::string &name, std::vector<uint32_t> operands, uint32_t result,
             const std::string &path) {
    auto op = std::make_unique<abi::OpT>();
    op->name = name;
    op->operands = std::move(operands);
    op->results = {result};
    op->location = static_cast<uint32_t>(model.locations.size());
    auto location = std::make_unique<abi::LocationT>();
    location->path = path;
    model.locations.push_back(std::move(location));
    function.ops.push_back(std::move(op));
  }

  void makeModel() {
    model.name = "tiny";
    model.classes = kWidth;
    model.input = std::make_unique<abi::InputInfoT>();
    model.input->channels = 3;
    model.input->height = model.input->width = 2;
    model.input->mean = {0, 0, 0};
    model.input->std = {1, 1, 1};
    auto param = std::make_unique<abi::ParamT>();
    param->name = "w";
    param->shape = {kWidth};
    param->init = std::make_unique<abi::InitT>();
    param->init->kind = "zeros";
    model.params.push_back(std::move(param));

    auto forward = std::make_unique<abi::FunctionT>();
    forward->name = "forward";
    forward->inputs = {0};
    forward->outputs = {3};
    forward->values.push_back(tensor({{0, 1}, {2, 0}, {2, 0}, {3, 0}}));
    forward->values.push_back(tensor({{kWidth, 0}}));
    forward->values.push_back(tensor({{0, 1}, {kWidth, 0}}));
    forward->values.push_back(tensor({{0, 1}, {kWidth, 0}}));
    addOp(*forward, "mf.param", {}, 1, "w");
    auto name = std::make_unique<abi::AttributeT>();
    name->name = "name";
    name->kind = abi::AttrKind::String;
    name->s = "w";
    forward->ops.back()->attributes.push_back(std::move(name));
    addOp(*forward, "test.add", {0, 1}, 2, "stages.0.blocks.0.mlp");
    addOp(*forward, "test.add", {2, 1}, 3, "head.fc");
    model.functions.push_back(std::move(forward));
  }

  static void addKernels(abi::TargetPlanT &plan) {
    static const uint64_t ends[] = {0x24, 0x6E, 0x99};
    static const char *names[] = {"double", "add_row", "widen"};
    for (int i = 0; i < 3; ++i) {
      auto kernel = std::make_unique<abi::KernelT>();
      kernel->name = names[i];
      kernel->offset = i ? ends[i - 1] : 0;
      kernel->size = ends[i] - kernel->offset;
      plan.kernels.push_back(std::move(kernel));
    }
  }

  static void addBuffer(abi::TargetPlanT &plan, abi::Storage storage, abi::DType dtype, std::vector<abi::Extent> shape,
                        std::pair<abi::Extent, abi::Extent> sizeAndOffset) {
    auto buffer = std::make_unique<abi::BufferT>();
    buffer->storage = storage;
    buffer->dtype = dtype;
    buffer->shape = std::move(shape);
    buffer->size = std::make_unique<abi::Extent>(sizeAndOffset.first);
    buffer->offset = std::make_unique<abi::Extent>(sizeAndOffset.second);
    plan.buffers.push_back(std::move(buffer));
  }

  static void addBuffers(abi::TargetPlanT &plan) {
    using abi::DType;
    using abi::Storage;
    std::vector<abi::Extent> row = {{kWidth, 0}}, rows = {{0, 1}, {kWidth, 0}}, image = {{0, 1}, {2, 0}, {2, 0}, {3, 0}};
    addBuffer(plan, Storage::Param, DType::F32, row, {{48, 0}, {0, 0}});
    addBuffer(plan, Storage::Packed, DType::F32, row, {{48, 0}, {0, 0}});
    addBuffer(plan, Storage::Input, DType::F32, image, {{0, 48}, {0, 0}});
    addBuffer(plan, Storage::Arena, DType::F32, rows, {{0, 64}, {0, 0}});
    addBuffer(plan, Storage::Output, DType::F32, rows, {{0, 48}, {0, 0}});
    addBuffer(plan, Storage::Input, DType::U8, image, {{0, 12}, {0, 0}});
    addBuffer(plan, Storage::Arena, DType::F32, rows, {{0, 64}, {0, 64}});
  }

  static void addFunction(abi::TargetPlanT &plan, const std::string &name, std::vector<uint32_t> inputs,
                          std::vector<uint32_t> outputs, std::vector<std::unique_ptr<abi::StepT>> steps) {
    auto function = std::make_unique<abi::PlanFunctionT>();
    function->name = name;
    function->inputs = std::move(inputs);
    function->outputs = std::move(outputs);
    function->steps = std::move(steps);
    function->arena_bytes = extent(0, name == "prepare" ? 0 : 128);
    plan.functions.push_back(std::move(function));
  }

  static void addFunctions(abi::TargetPlanT &plan) {
    std::vector<std::unique_ptr<abi::StepT>> prepare, f32, u8;
    prepare.push_back(step(DoubleKernel, {ParamBuffer}, PackedBuffer, extent(kWidth)));
    addFunction(plan, "prepare", {ParamBuffer}, {PackedBuffer}, std::move(prepare));

    f32.push_back(step(AddRowKernel, {InputBuffer, PackedBuffer}, HiddenBuffer, extent(0, 1)));
    f32.back()->location = 1;
    f32.back()->ops = {1};
    f32.back()->taps = {2};
    f32.back()->tap_buffers = {HiddenBuffer};
    f32.push_back(step(AddRowKernel, {HiddenBuffer, PackedBuffer}, OutputBuffer, extent(0, 1)));
    f32.back()->location = 2;
    f32.back()->ops = {2};
    addFunction(plan, "forward_f32", {InputBuffer}, {OutputBuffer}, std::move(f32));

    u8.push_back(step(WidenKernel, {PixelBuffer}, WideBuffer, extent(0, 1)));
    u8.push_back(step(AddRowKernel, {WideBuffer, PackedBuffer}, HiddenBuffer, extent(0, 1)));
    u8.back()->taps = {2};
    u8.back()->tap_buffers = {HiddenBuffer};
    u8.push_back(step(AddRowKernel, {HiddenBuffer, PackedBuffer}, OutputBuffer, extent(0, 1)));
    addFunction(plan, "forward_u8", {PixelBuffer}, {OutputBuffer}, std::move(u8));
  }
};

/// A safetensors file with w[c] = c + 1 under `name`.
inline std::string tinyWeights(const std::string &name = "w", const std::string &dtype = "F32") {
  static float values[kWidth];
  for (int c = 0; c < kWidth; ++c)
    values[c] = static_cast<float>(c + 1);
  return *serializeSafetensors({{name, dtype, {kWidth}, {values, sizeof(values)}}});
}

} // namespace archrt::test

#endif // ARCHC_TEST_RUNTIME_TINYARTIFACT_H
