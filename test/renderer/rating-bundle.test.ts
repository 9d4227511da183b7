import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { build, type Rolldown } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import studioConfig from '../../electron.vite.config';
import { builtInMethods } from '../../src/shared/catalogue/methods';

type Output = Rolldown.RolldownOutput['output'][number];

const root = fileURLToPath(new URL('../../src/renderer', import.meta.url));

/** What may be inside the annotator's page, under src/. */
const allowed = [
  /^renderer\/rating(\.html|\/)/,
  /^renderer\/(before-start|keyboard)\.ts$/,
  /^renderer\/api\/(socket|transport)\.ts$/,
  /^renderer\/components\/ModalDialog\.vue$/,
  /^renderer\/styles\//,
  /^shared\/(arrays|errors|frames|identifying-text|invisible|packed-frame|system-error)\.ts$/,
  /^shared\/format\/counts\.ts$/,
  /^shared\/ratings\/(questions|rating-routes)\.ts$/,
];

/** The renderer as set-up builds it: the app and the annotator's page, with the chunks they share. */
async function built(): Promise<ReadonlyMap<string, Output>> {
  const { renderer } = studioConfig as { renderer: { build: object } };
  const result = await build({
    ...renderer,
    root,
    base: './',
    configFile: false,
    logLevel: 'error',
    plugins: [vue()],
    build: { ...renderer.build, write: false },
  });
  if (!('output' in result)) throw new Error('The build gave no output.');
  return new Map(result.output.map((file) => [file.fileName, file]));
}

const text = (file: Output): string =>
  file.type === 'chunk' ? file.code : Buffer.from(file.source).toString('utf8');

/** Every file that a page loads or could load: what it names, and what those name. */
function reached(files: ReadonlyMap<string, Output>, page: string): Output[] {
  const seen = new Map<string, Output>();
  const visit = (name: string) => {
    const file = files.get(name);
    if (!file || seen.has(name)) return;
    seen.set(name, file);
    const content = text(file);
    for (const other of files.keys()) {
      if (content.includes(other.split('/').at(-1) ?? other)) visit(other);
    }
  };
  visit(page);
  return [...seen.values()];
}

/** As a word of its own: "random" is a method, randomUUID is none. */
function pattern(word: string): RegExp {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![a-z])${escaped}(?![a-z])`, 'i');
}

describe('the bundle of the annotator’s page', () => {
  let files: ReadonlyMap<string, Output>;
  let page: Output[];
  beforeAll(async () => {
    files = await built();
    page = reached(files, 'rating.html');
  });

  it('has scripts and styles of its own and of what both pages share', () => {
    expect(page.filter(({ type }) => type === 'chunk').length).toBeGreaterThan(1);
    expect(page.some(({ fileName }) => fileName.endsWith('.css'))).toBe(true);
    expect(page.length).toBeLessThan(12);
  });

  it('holds no module of ours but those that know no method', () => {
    const sources = page.flatMap((file) =>
      file.type === 'chunk' ? Object.keys(file.modules) : [],
    );
    const ours = sources.flatMap((id) => {
      const path = id.split('?')[0]?.split('/src/')[1];
      return path === undefined || id.includes('node_modules') ? [] : [path];
    });
    expect(ours.length).toBeGreaterThan(20);
    expect(ours.filter((path) => !allowed.some((one) => one.test(path)))).toEqual([]);
  });

  it('names no method, by id, name or composition; the app names them all', () => {
    const named = (within: readonly Output[], word: string) =>
      within.filter((file) => pattern(word).test(text(file))).map(({ fileName }) => fileName);
    for (const { id, name, composition } of builtInMethods) {
      for (const word of [id, name, composition]) {
        expect(named(page, word), word).toEqual([]);
        expect(named([...files.values()], word), word).not.toEqual([]);
      }
    }
  });
});
