import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { type ResultsInput } from '../../../../src/main/core/analysis/input';
import { type AppParts } from '../../../../src/main/core/services';
import { RatingsExport } from '../../../../src/main/core/studies/ratings-export';
import { RatingsImport } from '../../../../src/main/core/studies/ratings-import';
import { defaultQuestions } from '../../../../src/shared/ratings/questions';
import { resultFiltersSchema } from '../../../../src/shared/ratings/results';
import { coreOn } from '../core-on';
import { id, temporaryFolder } from '../storage/helpers';
import { newLabel, newRater, newStudy } from '../storage/rating-helpers';
import { contentOf, filesOf } from '../transfers';

const composed = 'Jos\u00e9';
const decomposed = 'Jose\u0301';
const header = 'study,dataset,image,method,question,rater,label';
const csv = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/names', name), 'utf8');

function setUp() {
  const { core } = coreOn(temporaryFolder());
  const imports = new RatingsImport(core);
  const ratings = { import: (text: string) => imports.import(Buffer.from(text)) };
  const refusal = (text: string): string => {
    try {
      ratings.import(text);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('It was imported.');
  };
  return { core, ratings, refusal };
}

/** A study as an earlier version of the app left it: names that differ by what nobody sees. */
function oldStudy(core: AppParts, name = 'Old'): string {
  const study = id('study', 'a');
  core.studies.insert(newStudy('a', { name, origin: 'imported', state: 'closed' }));
  const codes = [composed, decomposed, 'R1', 'R1\u200b', 'Anna\u00a0M'];
  codes.forEach((code, i) => {
    core.raters.insert(newRater('bcdefg'.charAt(i), { code, ordinal: i }));
    core.ratingEvents.append(
      newLabel({ rater: code, method: 'm\u00e9thode', session: null, trial: null, score: i + 1 }),
    );
  });
  return study;
}

const exported = async (core: AppParts, study: string) =>
  (await contentOf(filesOf(core), await new RatingsExport(core).export(study))).toString();
const counted = (core: AppParts, study: string) => core.ratingEvents.counted(study);

describe('files whose names look alike', () => {
  it('in normal forms C and D are one rater', () => {
    const { core, ratings } = setUp();
    const file = fixture('nfc-and-nfd-rater.csv');
    expect(file).toContain(decomposed);
    // The second half says again, in form D, what the first says in form C.
    expect(ratings.import(file)).toMatchObject({ rows: 20, added: 10, unchanged: 10 });
    const study = core.studies.named('Unicode')[0]?.id ?? '';
    expect(core.raters.list(study).map(({ code }) => code)).toEqual([composed]);
    const labels = counted(core, study);
    expect(labels.map(({ rater }) => rater)).toEqual(Array.from({ length: 10 }, () => composed));
    expect(labels.map(({ image, score }) => score - Number(image))).toEqual(
      Array.from({ length: 10 }, () => 1),
    );
    expect(ratings.import(file)).toMatchObject({ added: 0, unchanged: 20 });
    const lower = file.split('\n').slice(11).join('\n');
    expect(ratings.import(`${header}\n${lower}`)).toMatchObject({ added: 0, unchanged: 10 });
  });

  it('that contradict one another once they are one are refused', () => {
    const { core, refusal } = setUp();
    const row = (rater: string, label: string) => `S,mnist,0,m,visual-coherence,${rater},${label}`;
    expect(refusal(csv(row(composed, 'Low'), row(decomposed, 'High')))).toContain(
      'Line 3 rates the same as line 2 (study S, rater José,',
    );
    expect(core.studies.count()).toBe(0);
  });

  it('with a zero-width space are refused with line, column and code point', () => {
    const { core, refusal } = setUp();
    const file = fixture('zero-width-rater.csv');
    expect(refusal(file)).toBe(
      `Line 12, column rater: "R1[U+200B]" was refused; accepted: text without invisible characters (U+200B). Nothing was imported.`,
    );
    expect(core.studies.count()).toBe(0);
  });

  it('with a no-break space in a label are imported', () => {
    const { core, ratings } = setUp();
    expect(fixture('nbsp-label.csv')).toContain('Very\u00a0Low');
    expect(ratings.import(fixture('nbsp-label.csv'))).toMatchObject({ rows: 1, added: 1 });
    const study = core.studies.named('Nbsp')[0]?.id ?? '';
    expect(counted(core, study).map(({ rater, score }) => [rater, score])).toEqual([['R1', 1]]);
  });

  it('are mended in every column, the header too', () => {
    const { core, ratings } = setUp();
    const wide = (text: string) =>
      text
        .split(',')
        .map((cell) => `\u2003${cell.replaceAll(' ', '\u00a0')}\u3000`)
        .join(',');
    const line = `My study,Caf${'e\u0301'},img 1.png,m e,visual-coherence,R 1,very high`;
    const file = `${wide(header)}\n${wide(line)}\n`;
    expect(ratings.import(file)).toMatchObject({ added: 1 });
    const [study] = core.studies.list();
    expect(study?.name).toBe('My study');
    expect(counted(core, study?.id ?? '')).toMatchObject([
      { dataset: 'Caf\u00e9', image: 'img 1.png', method: 'm e', rater: 'R 1', score: 5 },
    ]);
  });

  it.each(['study', 'dataset', 'image', 'method', 'rater', 'label', 'question'] as const)(
    'hold nothing that nobody sees in the column %s',
    (column) => {
      const { core, refusal } = setUp();
      for (const character of [
        '\u200b',
        '\u00ad',
        '\u202e',
        '\u2069',
        '\ufeff',
        '\t',
        '\u{e0061}',
      ]) {
        const cells = ['Study', 'mnist', '0', 'smoothgrad', 'visual-coherence', 'R1', 'Very Low'];
        const at = header.split(',').indexOf(column);
        const cell = cells[at] ?? '';
        cells[at] = `${cell.slice(0, 1)}${character}${cell.slice(1)}x`;
        const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
        const message = refusal(csv(cells.join(',')));
        expect(message).toContain(`Line 2, column ${column}: `);
        expect(message).toMatch(
          character === '\t' ? /\\t|U\+0009/ : new RegExp(`\\[U\\+${point}\\]`),
        );
        expect(core.studies.count()).toBe(0);
      }
    },
  );

  it('take the joiners of Persian and Hindi, and one spelling of a name throughout', () => {
    const { core, ratings, refusal } = setUp();
    const [persian, plain] = ['علی\u200cرضا', 'علیرضا'];
    const row = (rater: string, image: string) =>
      `S,mnist,${image},m,visual-coherence,${rater},Low`;
    expect(refusal(csv(row(persian, '0'), row(plain, '1')))).toMatch(
      /Line 3, column rater: .*line 2/,
    );
    expect(ratings.import(csv(row(persian, '0'), row('क्\u200dष', '0')))).toMatchObject({
      added: 2,
    });
    const [study] = core.studies.list();
    expect(core.raters.list(study?.id ?? '').map(({ code }) => code)).toEqual([
      persian,
      'क्\u200dष',
    ]);
    // Who is there already is found by the look.
    expect(ratings.import(csv(row(plain, '0')))).toMatchObject({ added: 0, unchanged: 1 });
  });

  it('name a study in any way that looks the same', () => {
    const { core, ratings, refusal } = setUp();
    const row = (study: string, image: string) =>
      `${study},mnist,${image},m,visual-coherence,R1,Low`;
    ratings.import(csv(row('\u00c9tude 1', '0'), row('E\u0301tude\u00a01 ', '1')));
    ratings.import(csv(row('E\u0301tude\u20091', '2')));
    expect(core.studies.list().map(({ name }) => name)).toEqual(['\u00c9tude 1']);
    expect(refusal(csv(row('\u00c9tude 1\u200b', '3')))).toContain('[U+200B]');
    expect(core.studies.count()).toBe(1);
  });
});

describe('names that are stored already', () => {
  it('keep their bytes and are found by them: an export changes nothing', async () => {
    const { core, ratings } = setUp();
    const study = oldStudy(core, 'Old\u200b');
    const before = core.ratingEvents.all(study);
    const file = await exported(core, study);
    expect(ratings.import(file)).toMatchObject({ rows: 5, added: 0, unchanged: 5 });
    expect(core.ratingEvents.all(study)).toEqual(before);
    expect(core.studies.count()).toBe(1);
    expect(core.raters.list(study)).toHaveLength(5);
  });

  it('are found in plain text and by their look, and asked for where two look so', () => {
    const { core, ratings, refusal } = setUp();
    const study = oldStudy(core);
    const row = (rater: string, image: string) =>
      `Old,mnist,${image},me\u0301thode,visual-coherence,${rater},Low`;
    ratings.import(csv(row('Anna M', '8'), row(decomposed, '8'), row(composed, '8')));
    const added = counted(core, study).filter(({ image }) => image === '8');
    expect(added.map(({ rater, method }) => [rater, method])).toEqual([
      ['Anna\u00a0M', 'm\u00e9thode'],
      [decomposed, 'm\u00e9thode'],
      [composed, 'm\u00e9thode'],
    ]);
    expect(core.raters.list(study)).toHaveLength(5);
    expect(refusal(csv(row('r1', '9')))).toContain('R1 (R1), R1[U+200B] (R1[U+200B])');
  });

  it('stay two in the results, and that is said', () => {
    const { core } = setUp();
    const study = oldStudy(core);
    const input: ResultsInput = {
      ratings: counted(core, study),
      checks: [],
      raters: core.raters.list(study).map(({ code }) => ({ code, experience: null })),
      methods: [],
      datasets: [],
      known: [],
      questions: defaultQuestions,
      roar: [],
      paper: [],
      filters: resultFiltersSchema.parse({}),
      seed: 0,
      resamples: 10,
    };
    const results = computeResults(input);
    expect(results.raters).toHaveLength(5);
    const alike = results.notes.filter((note) => note.includes('look alike'));
    expect(alike).toEqual([
      expect.stringContaining(`2 raters look alike and are kept apart`),
      expect.stringContaining(`R1 (R1), R1\u200b (R1[U+200B])`),
    ]);
    expect(alike[0]).toContain(`${decomposed} (Jose[U+0301]), ${composed} (Jos[U+00E9])`);
    const of = (...raters: string[]) =>
      computeResults({ ...input, filters: resultFiltersSchema.parse({ raters }) })
        .raters.filter(({ excluded }) => !excluded)
        .map(({ rater }) => rater);
    expect(of(composed)).toEqual([composed]);
    expect(of(decomposed)).toEqual([decomposed]);
    expect(of('R1\u200b')).toEqual(['R1\u200b']);
    expect(of(' anna\u2003m ')).toEqual(['Anna\u00a0M']);
    expect(of('r1')).toEqual(['R1', 'R1\u200b']);
  });
});
