import { join, resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

/** Set-up builds beside the place and renames, so that what runs from out/ is always whole. */
const out = resolve(process.env['SALIENCY_STUDIO_OUT'] ?? 'out');

/**
 * Entries: Electron's main process, the browser shell, the CLI, the engine, a worker thread. All but
 * Electron's, which brings its own Node, look at Node first and load the rest only then.
 */
export default defineConfig({
  main: {
    build: {
      outDir: join(out, 'main'),
      // ECharts is hundreds of files, of which charts need a part: bundled it loads many times faster.
      externalizeDeps: { exclude: ['echarts'] },
      rollupOptions: {
        input: {
          electron: resolve('src/main/electron/main.ts'),
          web: resolve('src/main/web/entry.ts'),
          cli: resolve('src/main/cli/entry.ts'),
          engine: resolve('src/main/engine-process/entry.ts'),
          thread: resolve('src/main/core/thread-entry.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: join(out, 'preload'),
      // A sandboxed preload script must be one CommonJS file.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve('src/renderer'),
    build: {
      outDir: join(out, 'renderer'),
      rollupOptions: {
        // The researcher's app, and the annotator's page, which knows no method.
        input: {
          index: resolve('src/renderer/index.html'),
          rating: resolve('src/renderer/rating.html'),
        },
        // In a chunk of its own it runs before the chunks that views share.
        output: { codeSplitting: { groups: [{ name: 'before-start', test: /before-start/ }] } },
      },
    },
    plugins: [vue()],
  },
});
