import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import vue from 'eslint-plugin-vue';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** A layer may import itself and the layers named; everything else in src is out of its reach. */
const layers = {
  './src/shared': [],
  './src/statistics': ['./src/shared'],
  './src/engine': ['./src/statistics', './src/shared'],
  './src/main/engine-process': ['./src/engine', './src/statistics', './src/shared'],
  './src/main/core': ['./src/statistics', './src/shared'],
  './src/main/web': ['./src/main/core', './src/shared'],
  './src/main/electron': ['./src/main/core', './src/shared'],
  './src/main/cli': ['./src/main/core', './src/shared'],
  './src/preload': ['./src/shared'],
  './src/renderer': ['./src/shared'],
};

const zones = Object.entries(layers).map(([target, allowed]) => ({
  target,
  from: './src',
  except: [target, ...allowed].map((path) => path.replace('./src/', './')),
  message: `${target.slice(2)} may import ${[target, ...allowed].map((path) => path.slice(2)).join(', ')} alone.`,
}));

/**
 * The rooms of core, from the bottom up: each may import those before it. What puts them together
 * lies beside them and is out of their reach.
 */
const rooms = [
  'storage',
  'artifacts',
  'engine',
  'jobs',
  'machines',
  'computation',
  'export',
  'datasets',
  'models',
  'maps',
  'evaluation',
  'ratings',
  'studies',
  'sessions',
  'analysis',
  'paper',
];
for (const [index, room] of rooms.entries()) {
  zones.push({
    target: `./src/main/core/${room}`,
    from: './src/main/core',
    except: rooms.slice(0, index + 1).map((below) => `./${below}`),
    message: `${room}/ may import ${rooms.slice(0, index + 1).join(', ')} alone.`,
  });
}

/**
 * The annotator's page: whatever it imports reaches an annotator's browser, which must not learn the
 * name of any method.
 */
const ratingPage = [
  './renderer/rating',
  './renderer/styles',
  './renderer/components/ModalDialog.vue',
  './renderer/keyboard.ts',
  './renderer/api/socket.ts',
  './renderer/api/transport.ts',
  './shared/ratings/questions.ts',
  './shared/ratings/rating-routes.ts',
  './shared/arrays.ts',
  './shared/errors.ts',
  './shared/system-error.ts',
  './shared/format/counts.ts',
  './shared/frames.ts',
];
zones.push({
  target: './src/renderer/rating',
  from: './src',
  except: ratingPage,
  message: 'The annotator\u2019s page may not import what names methods (see eslint.config.js).',
});

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'out',
      '.setup',
      'test-results',
      'playwright-report',
      'bench/.venv',
      'bench/.cache',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ['**/*.{ts,vue}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },
  prettier,
);
