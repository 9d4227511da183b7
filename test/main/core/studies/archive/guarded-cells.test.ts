import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createServices } from '../../../../../src/main/core/services';
import { readZip, writeZip } from '../../../../../src/main/core/studies/archive/zip';
import { coreOn } from '../../core-on';
import { temporaryFolder } from '../../storage/helpers';
import { contentOf, fileIn, filesOf } from '../../transfers';

const empty = () => {
  const { core } = coreOn(temporaryFolder());
  return { core, services: createServices(core) };
};

test('brings back texts that a spreadsheet could run, of older archives as they stand', async () => {
  const from = empty();
  const csv = (...raters: string[]) =>
    new TextEncoder().encode(
      [
        'study,dataset,image,method,question,rater,label',
        ...raters.map((rater) => `Other,d,1,m,visual-coherence,${rater},High`),
      ].join('\n'),
    );
  const raters = ['=a', "'=b", '-c', "'d"];
  const cells = ["'=a", "''=b", "'-c", "'d"];
  const [study] = from.services.ratingsImport.import(csv(...cells)).studies;
  expect(from.core.raters.list(study?.id ?? '').map(({ code }) => code)).toEqual(raters);
  const archive = await from.services.studyExport.export({ study: study?.id ?? '' });
  const bytes = await contentOf(filesOf(from.core), archive);
  const files = new Map(await readZip(bytes));
  const lines = new TextDecoder().decode(files.get('events.csv')).split('\n').slice(1, 5);
  expect(lines.map((line) => line.split(',')[1])).toEqual(cells);
  expect(new TextDecoder().decode(files.get('README.md'))).toContain('has one apostrophe more');
  const codes = async (archived: Uint8Array) => {
    const to = empty();
    const record = await to.services.studyImport.import(
      await fileIn(join(to.core.dataDir, 'given'), archived),
    );
    const events = to.core.ratingEvents.all(record.id).map(({ rater }) => rater);
    expect(to.core.raters.list(record.id).map(({ code }) => code)).toEqual(events);
    return events;
  };
  expect(await codes(bytes)).toEqual(raters);

  // Before, nothing stood before them, and an apostrophe was the text's own.
  const manifest = new TextDecoder().decode(files.get('manifest.json'));
  expect(manifest).toContain('"guardedCells": true,');
  files.set(
    'manifest.json',
    new TextEncoder().encode(manifest.replace('"guardedCells": true,', '')),
  );
  expect(await codes(await writeZip(files))).toEqual(cells);
});
