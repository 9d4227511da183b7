// Operations that TensorFlow lacks or does slowly on the processor, registered through its C
// interface, so that they run like its own: on its tensors, with its allocator. See ../fused.ts for
// what each computes.

#include <node_api.h>

#include <mutex>

#include "convolution.h"
#include "direct-operation.h"
#include "instructions.h"
#include "loops.h"
#include "operation.h"
#include "training.h"

namespace studio {
namespace {

ThreadPool* threads = nullptr;
Loops loops;

void* CreateRuled(TF_OpKernelConstruction* construction) {
  Status status;
  int64_t rule = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "rule", &rule, status.get());
  if (status.ok() && (rule < 0 || rule > 3)) status.Refuse("rule is not from 0 to 3");
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return new Rule(static_cast<Rule>(rule));
}

void DeleteRule(void* kernel) { delete static_cast<Rule*>(kernel); }

void MaxPool(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status);
  if (status.ok() && (x.rank() != 4 || x.size(1) % 2 != 0 || x.size(2) % 2 != 0)) {
    status.Refuse("StudioMaxPool: x is not [B, H, W, C] with even H and W");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1) / 2, width = x.size(2) / 2,
                channels = x.size(3);
  const Tensor maximum(
      Allocate(context, 0, TF_FLOAT, {batch, height, width, channels}, status));
  const Tensor index(Allocate(context, 1, TF_UINT8, {batch, height, width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const float* from = x.data<float>();
  float* to = maximum.data<float>();
  uint8_t* at = index.data<uint8_t>();
  const int64_t row = width * channels;
  threads->For(batch, [&](int64_t image) {
    for (int64_t i = image * height; i < (image + 1) * height; ++i) {
      loops.max_pool_row(from + 4 * i * row, width, channels, to + i * row, at + i * row);
    }
  });
}

// What both ways back take: signal, output and index, all [B, H, W, C].
struct Pooled {
  Pooled(const char* name, TF_OpKernelContext* context, Status& status)
      : signal(context, 0, status), output(context, 1, status), index(context, 2, status) {
    if (!status.ok()) return;
    if (signal.rank() == 4) {
      batch = signal.size(0);
      height = signal.size(1);
      width = signal.size(2);
      channels = signal.size(3);
    }
    if (signal.rank() != 4 || !output.Has({batch, height, width, channels}) ||
        !index.Has({batch, height, width, channels})) {
      status.Refuse(std::string(name) + ": signal, output and index are not all [B, H, W, C]");
    }
  }
  const Tensor signal, output, index;
  int64_t batch = 0, height = 0, width = 0, channels = 0;
};

void Unpool(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioUnpool", context, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t height = pooled.height, width = pooled.width, channels = pooled.channels;
  const Tensor dx(Allocate(context, 0, TF_FLOAT,
                           {pooled.batch, 2 * height, 2 * width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  float* to = dx.data<float>();
  const int64_t row = width * channels;
  threads->For(pooled.batch, [&](int64_t image) {
    for (int64_t i = image * height; i < (image + 1) * height; ++i) {
      loops.unpool_row(rule, signal + i * row, output + i * row, index + i * row, width, channels,
                       to + 4 * i * row);
    }
  });
}

void FirstGradient(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioFirstGradient", context, status);
  const Tensor filter(context, 3, status);
  if (status.ok() && !filter.Has({3, 3, 1, pooled.channels})) {
    status.Refuse("StudioFirstGradient: the filter is not [3, 3, 1, C]");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t height = pooled.height, width = pooled.width, channels = pooled.channels;
  const Tensor dx(
      Allocate(context, 0, TF_FLOAT, {pooled.batch, 2 * height, 2 * width, 1}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  std::vector<float> taps(static_cast<size_t>(channels) * 12, 0.0f);
  const float* weights = filter.data<float>();
  for (int64_t c = 0; c < channels; ++c) {
    for (int tap = 0; tap < 9; ++tap) {
      taps[12 * c + tap / 3 * 4 + tap % 3] = weights[tap * channels + c];
    }
  }
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  float* to = dx.data<float>();
  const int64_t size = height * width * channels;
  const int64_t scratch = kPictures * (2 * height + 2) * (2 * width + 4) + 4;
  threads->For(pooled.batch, [&](int64_t image) {
    thread_local std::vector<float> pictures;
    if (static_cast<int64_t>(pictures.size()) < scratch) pictures.resize(scratch);
    const int64_t at = image * size;
    loops.first_gradient_image(rule, signal + at, output + at, index + at,
                               reinterpret_cast<const Taps*>(taps.data()), height, width,
                               channels, pictures.data(), to + image * 4 * height * width);
  });
}

void UnknownShape(TF_ShapeInferenceContext*, TF_Status* status) { TF_SetStatus(status, TF_OK, ""); }

void Register(const Operation& operation, Status& status) {
  if (!status.ok()) return;
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(operation.name);
  for (const char* input : operation.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : operation.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* text : operation.attributes) TF_OpDefinitionBuilderAddAttr(definition, text);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, UnknownShape);
  TF_RegisterOpDefinition(definition, status.get());
  if (!status.ok()) return;
  TF_KernelBuilder* builder = TF_NewKernelBuilder(operation.name, "CPU", operation.create,
                                                  operation.compute, operation.destroy);
  TF_RegisterKernelBuilder(operation.name, builder, status.get());
}

std::vector<Operation> PooledOperations() {
  const std::vector<const char*> pooled = {"signal: float", "output: float", "index: uint8"};
  std::vector<const char*> first = pooled;
  first.push_back("filter: float");
  const std::vector<const char*> rule = {"rule: int"};
  return {
      {"StudioMaxPool", {"x: float"}, {"maximum: float", "index: uint8"}, MaxPool},
      {"StudioUnpool", pooled, {"dx: float"}, Unpool, rule, CreateRuled, DeleteRule},
      {"StudioFirstGradient", first, {"dx: float"}, FirstGradient, rule, CreateRuled, DeleteRule},
  };
}

std::once_flag once;
std::string failure;

// install(threads): registers the operations with TensorFlow, once in a process.
napi_value Install(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  int32_t wanted = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count < 1 || napi_get_value_int32(env, argument, &wanted) != napi_ok || wanted < 1) {
    napi_throw_range_error(env, nullptr, "install needs the number of threads, from 1");
    return nullptr;
  }
  std::call_once(once, [&] {
    threads = new ThreadPool(wanted);
    loops = ChooseLoops();
    Status status;
    for (const auto& operations :
         {PooledOperations(), ConvolutionOperations(), FilterGradientOperations(),
          TrainingOperations(), DirectOperations(), StemOperations()}) {
      for (const Operation& operation : operations) Register(operation, status);
    }
    if (!status.ok()) failure = TF_Message(status.get());
  });
  if (!failure.empty()) napi_throw_error(env, nullptr, failure.c_str());
  return nullptr;
}

}  // namespace

ThreadPool& Threads() { return *threads; }

}  // namespace studio

NAPI_MODULE_INIT() {
  napi_value install = nullptr;
  napi_create_function(env, "install", NAPI_AUTO_LENGTH, studio::Install, nullptr, &install);
  napi_set_named_property(env, exports, "install", install);
  // The set of instructions that the operations use.
  napi_value instructions = nullptr;
  const studio::Instructions widest = studio::Widest();
  const char* name = widest == studio::Instructions::kAvx512 ? "avx512"
                     : widest == studio::Instructions::kAvx2 ? "avx2"
                                                             : "plain";
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &instructions);
  napi_set_named_property(env, exports, "instructions", instructions);
  return exports;
}
