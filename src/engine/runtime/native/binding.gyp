{
  'targets': [{
    'target_name': '<(module_name)',
    'sources': [
      'convolution.cc', 'direct-avx2.cc', 'direct-avx512.cc', 'direct-filters.cc',
      'direct-plain.cc', 'direct.cc', 'filter-gradient.cc', 'module.cc', 'pooled-gradient.cc',
      'pooled.cc', 'product.cc', 'stem.cc', 'training.cc',
    ],
    'include_dirs': ['<(module_root_dir)/deps/include'],
    # Of TensorFlow's kernel interface only what a slim build has: the rest needs C++ headers.
    'defines': ['NAPI_VERSION=<(napi_build_version)', 'IS_SLIM_BUILD'],
    'cflags_cc!': ['-O2', '-std=gnu++20', '-std=gnu++17'],
    'cflags_cc': ['-std=c++17', '-O3', '-Wno-psabi', '-Wno-ignored-attributes'],
    'conditions': [
      ['OS=="linux"', {
        'libraries': ['-Wl,-rpath,\$$ORIGIN/../../deps/lib', '-ltensorflow_framework'],
        'library_dirs': ['<(module_root_dir)/deps/lib'],
      }],
      ['OS=="mac"', {
        'libraries': ['<(module_root_dir)/deps/lib/libtensorflow_framework.2.dylib'],
        'xcode_settings': { 'CLANG_CXX_LANGUAGE_STANDARD': 'c++17', 'GCC_OPTIMIZATION_LEVEL': '3' },
      }],
    ],
  }, {
    'target_name': 'action_after_build',
    'type': 'none',
    'dependencies': ['<(module_name)'],
    'copies': [{
      'files': ['<(PRODUCT_DIR)/<(module_name).node'],
      'destination': '<(module_path)',
    }],
  }],
}
