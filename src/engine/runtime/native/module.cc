// Operations that TensorFlow lacks or does slowly on the processor, registered through its C
// interface, so that they run like its own: on its tensors, with its allocator. See ../fused.ts for
// what each computes.

#include <node_api.h>

#include <mutex>

#include "convolution.h"
#include "direct-operation.h"
#include "instructions.h"
#include "operation.h"
#include "pooled.h"
#include "training.h"

namespace studio {
namespace {

ThreadPool* threads = nullptr;

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
    Status status;
    for (const auto& operations :
         {PooledOperations(), PooledGradientOperations(), ProductOperations(), ConvolutionOperations(), FilterGradientOperations(),
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
