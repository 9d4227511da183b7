// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { RatingsImport } from '../../src/main/core/studies/ratings-import';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import ImportDialog from '../../src/renderer/views/studies/ImportDialog.vue';
import { csvFixture } from '../fixtures/csv';
import { coreOn } from '../main/core/core-on';
import { temporaryFolder } from '../main/core/storage/helpers';
import { backend } from './support';

/** Questions that core has not answered yet. */
let unanswered = 0;
const counted =
  <Input, Answer>(answer: (input: Input) => Answer) =>
  async (input: Input): Promise<Awaited<Answer>> => {
    unanswered += 1;
    try {
      return await answer(input);
    } finally {
      unanswered -= 1;
    }
  };

/** The dialog over the real import. */
async function open() {
  const { core } = coreOn(temporaryFolder());
  const service = new RatingsImport(core);
  const { uploads } = core;
  const wire = backend(
    {
      'studies.list': () => [],
      'uploads.begin': async (file) => ({ upload: await uploads.begin(file) }),
      'uploads.get': ({ upload }) => uploads.get(upload),
      'uploads.discard': ({ upload }) => {
        uploads.discard(upload);
        return {};
      },
      'ratings.preview': counted(({ upload, reading = {} }) =>
        uploads.read(upload, (file) => service.previewFile(file, reading)),
      ),
      'ratings.import': counted(({ upload, reading = {} }) =>
        uploads.consume(upload, (file) => service.importFile(file, reading)),
      ),
    },
    {
      send: async (upload, file) =>
        uploads.append(upload, new Uint8Array(await file.arrayBuffer())),
    },
  );
  const router = createStudioRouter(createMemoryHistory());
  await router.push('/studies');
  mount(ImportDialog, {
    props: { modelValue: true },
    global: { plugins: [createPinia(), router], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await flushPromises();
  return { core, wire };
}

beforeEach(() => {
  document.body.innerHTML = '';
});
afterEach(() => {
  document.body.innerHTML = '';
});

const shown = () => document.body.textContent?.replaceAll(/\s+/g, ' ') ?? '';
const button = (name: string) => {
  const found = [...document.querySelectorAll('button')].find(
    (each) => each.textContent?.trim() === name,
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
const rows = () =>
  [...document.querySelectorAll('[aria-label="First rows"] tbody tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );

async function settle(): Promise<void> {
  // Files are read and sent in turns of their own.
  const underWay = () => unanswered > 0 || shown().includes('Sending ');
  for (let turn = 0; turn < 5 || (turn < 400 && underWay()); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await flushPromises();
  }
}

async function choose(content: Uint8Array<ArrayBuffer>): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error('no field for a file');
  Object.defineProperty(input, 'files', {
    configurable: true,
    value: [new File([content], 'labels.csv')],
  });
  input.dispatchEvent(new Event('change'));
  await settle();
}

async function select(label: string, choice: string): Promise<void> {
  const own = [...document.querySelectorAll('label')].find((each) => each.textContent === label);
  const field = document.getElementById(own?.htmlFor ?? '');
  if (!(field instanceof HTMLSelectElement)) throw new Error(`no choice ${label}`);
  field.selectedIndex = [...field.options].findIndex((option) => option.text === choice);
  field.dispatchEvent(new Event('change'));
  await settle();
}

it('shows what a Windows-1252 file would say, and imports it once that is chosen', async () => {
  const { core, wire } = await open();
  await choose(new Uint8Array(csvFixture('labels-cp1252.csv')));
  expect(shown()).toContain('The encoding is not certain');
  expect(shown()).toContain('Pilot,mnist,0,smoothgrad,visual-coherence,Jörg,Very Low');
  expect(button('Import').disabled).toBe(true);
  expect(wire.calls.map(({ route }) => route)).not.toContain('ratings.import');

  button('Read it as Windows-1252').click();
  await settle();
  expect(shown()).toContain('16 rows, read as Windows-1252, cells between commas, decimal point.');
  expect(document.activeElement?.getAttribute('aria-label')).toBe('How the file is read');
  expect(rows()[0]).toEqual([
    ...['Pilot', 'mnist', '0', 'smoothgrad', 'visual-coherence', 'Jörg', 'Very Low'],
  ]);
  expect(core.studies.count()).toBe(0);
  button('Import').click();
  await settle();
  expect(shown()).toContain('16 rows read: 16 added, 0 there already.');
  const study = core.studies.list()[0]?.id ?? '';
  expect(core.raters.list(study).map(({ code }) => code)).toEqual(['Jörg', 'Järg']);
});

it('shows how a file of a spreadsheet is read, and lets another way be chosen', async () => {
  const { wire } = await open();
  await choose(new Uint8Array(csvFixture('semicolon-excel-de.csv')));
  expect(shown()).toContain('12 rows, read as UTF-8, cells between semicolons, decimal comma.');
  expect(shown()).toContain('Found: Semicolons');
  expect(rows()).toHaveLength(5);
  expect(rows()[0]?.at(-1)).toBe('812.5');

  await select('Between cells', 'Commas');
  expect(shown()).toContain('unknown column "study;dataset');
  expect(button('Import').disabled).toBe(true);
  await select('Between cells', 'As found');
  await select('Decimal mark', 'Comma');
  expect(wire.calls.at(-1)?.input).toMatchObject({ reading: { decimal: 'comma' } });
  button('Import').click();
  await settle();
  expect(shown()).toContain('12 rows read: 12 added');
});

it('says before the import what would be refused, and what was left out', async () => {
  await open();
  await choose(new Uint8Array(csvFixture('pandas-index.csv')));
  expect(shown()).toContain('1 column before the others, an index or empty, was left out.');
  const text =
    'study,dataset,image,method,question,rater,label\nE,d,1,m,visual-coherence,a,Grand\n';
  await choose(new TextEncoder().encode(text));
  expect(shown()).toContain('1 row, read as UTF-8');
  expect(shown()).toContain('Line 2, column label: "Grand" was refused');
  expect(document.querySelectorAll('[role="alert"]')).toHaveLength(1);
});
