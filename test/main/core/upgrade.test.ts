import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenOptions, type CommandEnvironment } from '../../../src/main/cli/context';
import { type App, createApp } from '../../../src/main/core/app';
import { listBackups } from '../../../src/main/core/storage/backup';
import { acquireLock } from '../../../src/main/core/storage/lock';
import { listMigrations } from '../../../src/main/core/storage/migrations';
import { type Files, readZip } from '../../../src/main/core/studies/archive/zip';
import { type ResultFormat } from '../../../src/shared/ratings/results';
import { type StudyRecord } from '../../../src/shared/ratings/study';
import { type RouteInput } from '../../../src/shared/routes';
import { asNow } from '../../fixtures/data-directory-4/as-now';
import {
  expectedJson,
  expectedPath,
  expectedText,
  unpackData,
  unpackDatabase,
} from '../../fixtures/data-directory-4/unpacked';
import { cli } from '../cli/world';
import { noEngine } from './sessions/world';
import { migrations, temporaryFolder } from './storage/helpers';
import { contentOf } from './transfers';

const openAt = (dataDir: string, access: OpenOptions['access'] = 'write') =>
  createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' });
const openApp: CommandEnvironment['openApp'] = ({ dataDir, access }) => openAt(dataDir, access);

const textFormats = ['csv', 'latex', 'markdown', 'kappas'] as const satisfies ResultFormat[];

async function tableOf(app: App, study: string, format: ResultFormat): Promise<string> {
  const file = await app.api.call('results.export', { study, format });
  return (await contentOf(app, file)).toString();
}

async function namedStudy(app: App, name: string): Promise<StudyRecord> {
  const study = (await app.api.call('studies.list', {})).find((each) => each.name === name);
  if (!study) throw new Error(`no study ${name}`);
  return study;
}

const json = (files: Files, path: string): unknown =>
  JSON.parse(Buffer.from(files.get(path) ?? []).toString());

/** A page without what lies between its elements. */
const markup = (page: Uint8Array | undefined): string =>
  Buffer.from(page ?? [])
    .toString()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?(<|\/?>) ?/g, '$1');

const unchanged = (text: string) => text;
const toTwelveDigits = (text: string) =>
  text.replaceAll(/\d+\.\d{12,}/g, (number) => Number(number).toPrecision(12));

describe('a data directory of the version before', () => {
  let folder: string;
  let app: App;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
    unpackData(folder);
    app = await openAt(folder);
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens with all that was in it, a copy of its database kept', async () => {
    const { api } = app;
    // They came since.
    const since = ['vargrad', 'smoothgrad-squared', 'grad-cam', 'occlusion', 'rise'];
    const methods = await api.call('methods.list', {});
    expect({
      roar: await api.call('roar.list', {}),
      models: await api.call('models.list', {}),
      methods: methods.filter(({ id }) => !since.includes(id)),
      studies: await api.call('studies.list', {}),
      jobs: await api.call('jobs.list', {}),
      experiments: await api.call('experiments.list', {}),
    }).toEqual({
      roar: asNow(expectedJson('roar.json')),
      models: asNow(expectedJson('models.json')),
      methods: expectedJson('methods.json'),
      studies: asNow(expectedJson('studies.json')),
      jobs: expectedJson('jobs.json'),
      experiments: asNow(expectedJson('experiments.json')),
    });
    const names = listBackups(join(folder, 'backups')).map(({ path }) => path);
    expect(names).toEqual([
      expect.stringContaining('before-update-'),
      expect.stringContaining('studio-'),
    ]);
  });

  it.each([
    ['Finished', 'paper', ['curves.csv', 'scores.csv', 'models.csv'], unchanged],
    // Quantiles of Student's t come from elsewhere, which is right to one digit more.
    ['Finished, retrain', 'retrain', ['curves.csv', 'models.csv'], toTwelveDigits],
  ] as const)('writes the same tables of the run %s', async (name, place, formats, rounded) => {
    const run = (await app.api.call('roar.list', {})).find((each) => each.name === name)?.id ?? '';
    const exported = async (format: RouteInput<'roar.export'>['format']) =>
      (await contentOf(app, await app.api.call('roar.export', { run, format }))).toString();
    for (const format of formats) {
      expect(rounded(await exported(format))).toBe(rounded(expectedText(`${place}/${format}`)));
    }
    expect(JSON.parse(rounded(await exported('result.json')))).toEqual(
      asNow(JSON.parse(rounded(expectedText(`${place}/result.json`)))),
    );
  });

  it('writes the tables and statistics of a rated study byte by byte', async () => {
    const { id } = await namedStudy(app, 'Rated');
    for (const format of textFormats) {
      expect(await tableOf(app, id, format)).toBe(expectedText(`tables/${format}`));
    }
    const ratings = await contentOf(app, await app.api.call('ratings.export', { study: id }));
    expect(ratings.toString()).toBe(expectedText('ratings.csv'));
    // The statistics say besides which questions were asked on which scale.
    const { questions, ...statistics } = JSON.parse(await tableOf(app, id, 'json')) as {
      questions: { id: string }[];
    };
    expect(statistics).toEqual(expectedJson('tables/json'));
    expect(questions).toHaveLength(2);
  });

  it('writes the same archive of a study', async () => {
    const { id } = await namedStudy(app, 'Rated');
    const exported = await contentOf(app, await app.api.call('studies.export', { study: id }));
    const [now, before] = [await readZip(exported), await readZip(expectedPath('study.zip'))];
    expect([...now.keys()]).toEqual([...before.keys()]);
    const changed = [...now].flatMap(([path, bytes]) =>
      Buffer.from(before.get(path) ?? []).equals(bytes) ? [] : [path],
    );
    // The figure is drawn by other means, out of the equal curves.csv beside it.
    const figure = 'roar/mnist/figure.svg';
    const [tables, page] = ['tables/tables.json', 'tables/tables.html'];
    expect(changed).toEqual(['README.md', 'config.json', figure, page, tables, 'manifest.json']);
    expect(json(now, 'config.json')).toEqual(asNow(json(before, 'config.json')));
    expect(json(now, tables)).toMatchObject(json(before, tables) as object);
    // The page has other line breaks between its elements.
    expect(markup(now.get(page))).toBe(markup(before.get(page)));
    const manifest = (files: Files) => {
      const whole = json(files, 'manifest.json') as {
        files: { path: string }[];
        datasets: { facts?: unknown }[];
      };
      return {
        ...whole,
        files: whole.files.filter(({ path }) => !changed.includes(path)),
        // What the datasets are, for where they are not known, came since.
        datasets: whole.datasets.map((dataset) => ({ ...dataset, facts: undefined })),
      };
    };
    expect(manifest(now)).toEqual(asNow(manifest(before)));
  });

  it('gives out the weights of its models, trained and imported', async () => {
    const ready = (await app.api.call('models.list', {})).filter(({ state }) => state === 'ready');
    expect(ready.map(({ origin }) => origin)).toContain('imported');
    for (const { id, sha256 } of ready) {
      const weights = await contentOf(app, await app.api.call('models.export', { model: id }));
      expect(createHash('sha256').update(weights).digest('hex')).toBe(sha256);
    }
  });
});

describe('what the version before wrote for elsewhere', () => {
  it('is taken in: the archive of a study', async () => {
    const folder = temporaryFolder();
    const command = ['studies', 'import', expectedPath('study.zip'), '--data', folder];
    const ran = await cli(command, { openApp });
    expect(ran.stderr).toBe('');
    expect(ran.exit).toBe(0);
    const app = await openAt(folder, 'read');
    const { id } = await namedStudy(app, 'Rated');
    for (const format of textFormats) {
      expect(await tableOf(app, id, format)).toBe(expectedText(`tables/${format}`));
    }
    await app.close();
  });

  it('is put in place: a backup of its database', async () => {
    const [before, folder] = [temporaryFolder(), temporaryFolder()];
    unpackDatabase(before);
    const [backup] = listBackups(join(before, 'backups'));
    const ran = await cli(['restore', backup?.path ?? '', '--data', folder], { openApp });
    expect(ran.stderr).toBe('');
    expect(ran.exit).toBe(0);
    const app = await openAt(folder, 'read');
    const { id } = await namedStudy(app, 'Rated');
    for (const format of textFormats) {
      expect(await tableOf(app, id, format)).toBe(expectedText(`tables/${format}`));
    }
    expect(await app.api.call('jobs.list', {})).toHaveLength(3);
    await app.close();
  });
});

describe('a command that reads, on a database of the version before', () => {
  const versionOf = (folder: string) => {
    const connection = new SQLite(join(folder, 'studio.sqlite'), { readonly: true });
    const version: unknown = connection.pragma('user_version', { simple: true });
    connection.close();
    return version;
  };
  const listed = async (folder: string) => {
    const ran = await cli(['models', 'list', '--json', '--data', folder], { openApp });
    expect(ran.stderr).toBe('');
    expect(ran.json()['models']).toEqual(asNow(expectedJson('models.json')));
  };

  it('brings it to this version where nobody else writes', async () => {
    const folder = temporaryFolder();
    unpackDatabase(folder);
    expect(versionOf(folder)).toBe(4);
    await listed(folder);
    expect(versionOf(folder)).toBe(listMigrations(migrations).length);
  });

  it('reads a copy of this version beside the one that writes, and leaves it as it is', async () => {
    const folder = temporaryFolder();
    unpackDatabase(folder);
    const before = readFileSync(join(folder, 'studio.sqlite'));
    const lock = acquireLock(folder, { pid: process.pid, shell: 'desktop app', since: 'now' });
    await listed(folder);
    const out = join(temporaryFolder(), 'table.tex');
    const command = ['tables', '--study', 'Rated', '--format', 'latex', '--out', out];
    expect(await cli([...command, '--data', folder], { openApp })).toMatchObject({ exit: 0 });
    expect(readFileSync(out, 'utf8')).toBe(expectedText('tables/latex'));
    lock.release();
    expect(readFileSync(join(folder, 'studio.sqlite')).equals(before)).toBe(true);
  });
});
