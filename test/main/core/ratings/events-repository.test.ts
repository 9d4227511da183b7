import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  type NewWithdrawal,
  RatingEventsRepository,
  type RatingRow,
} from '../../../../src/main/core/ratings/events-repository';
import { Database, openDatabase, openReadOnly } from '../../../../src/main/core/storage/database';
import { at, id, memoryDatabase, migrations, temporaryFolder } from '../storage/helpers';
import { newLabel } from '../storage/rating-helpers';

const code = (value: string, message = /./) =>
  expect.objectContaining({
    data: expect.objectContaining({ code: value, message: expect.stringMatching(message) }),
  });
const study = id('study', 'a');

function setUp() {
  const database = memoryDatabase();
  return { database, events: new RatingEventsRepository(database) };
}

const withdrawal = (rater: string): NewWithdrawal => ({
  event: `${rater} withdraws`,
  action: 'withdraw',
  study,
  rater,
  session: null,
  recordedAt: at(9),
});

describe('rating events', () => {
  it('can be neither changed nor deleted', () => {
    const { database, events } = setUp();
    events.append(newLabel());
    const refused = code('conflict', /append-only/);
    for (const sql of [
      'UPDATE rating_events SET score = 5',
      'DELETE FROM rating_events',
      `INSERT OR REPLACE INTO rating_events (event, study, rater, action, recorded_at)
       SELECT event, study, rater, 'withdraw', recorded_at FROM rating_events`,
      `INSERT OR REPLACE INTO rating_events (id, event, study, rater, action, recorded_at)
       SELECT id, 'other', study, rater, 'withdraw', recorded_at FROM rating_events`,
    ]) {
      expect(() => database.run(sql)).toThrow(refused);
    }
    expect(events.all(study)).toHaveLength(1);
  });

  it('are one where the same one comes twice, and refused where its content differs', () => {
    const { events } = setUp();
    const label = newLabel();
    expect(events.append(label)).toBe('added');
    expect(events.append(label)).toBe('known');
    expect(events.append({ ...label, recordedAt: at(8), action: 'change' })).toBe('known');
    expect(events.all(study)).toHaveLength(1);
    expect(() => events.append({ ...label, score: 1 })).toThrow(code('conflict'));
    expect(() => events.append({ ...label, rater: 'R-b' })).toThrow(code('conflict'));
    expect(() => events.append(newLabel({ score: 10 }))).toThrow(code('conflict'));
  });

  it('keep every column', () => {
    const { events } = setUp();
    const telemetry = {
      responseMs: 812.5,
      monotonicMs: 1e12 + 0.25,
      focusLosses: 1,
      unfocusedMs: 20,
      zoomChanges: 2,
      zoom: 8,
      overlayUses: 3,
      input: 'keyboard',
      screenWidth: 1280,
      screenHeight: 800,
      pixelRatio: 2,
    };
    const label = newLabel({ ...telemetry, session: id('session', 'a') });
    events.append(label);
    events.append(withdrawal('R-a'));
    const [first, second] = events.all(study);
    expect(first).toEqual({ id: 1, ...label });
    expect(second).toMatchObject({ action: 'withdraw', score: null, dataset: null, repeat: 0 });
  });

  it('give a rater the latest label of each trial and question', () => {
    const { events } = setUp();
    events.append(newLabel({ score: 2 }));
    events.append(newLabel({ question: 'edge-differentiation', score: 4 }));
    events.append(newLabel({ action: 'change', score: 5, ratedAt: at(7) }));
    events.append(newLabel({ rater: 'R-b', score: 1 }));
    expect(events.given(study, 'R-a')).toEqual([
      { trial: '0', question: 'edge-differentiation', score: 4, events: 1 },
      { trial: '0', question: 'visual-coherence', score: 5, events: 2 },
    ]);
    expect(events.lastRatedAt(study, 'R-a')).toBe(at(7));
    expect(events.lastRatedAt(study, 'R-c')).toBeNull();
  });

  it('count the last label of each key, of all kinds, without who has withdrawn', () => {
    const { events } = setUp();
    const row = (change: Partial<RatingRow>) => expect.objectContaining(change);
    events.append(newLabel({ score: 1 }));
    events.append(newLabel({ score: 2, trial: '4' })); // The same pair again: the last one counts.
    events.append(newLabel({ kind: 'repeat', repeat: 1, trial: '30', score: 3 }));
    events.append(newLabel({ kind: 'attention', method: 'flat', trial: '9', score: 1 }));
    events.append(newLabel({ kind: 'attention', method: 'flat', trial: '12', score: 2 }));
    events.append(newLabel({ rater: 'R-b', score: 5 }));
    expect(events.counted(study)).toEqual([
      row({ rater: 'R-a', score: 2, kind: 'main' }),
      row({ score: 3, kind: 'repeat', repeat: 1 }),
      row({ score: 1, kind: 'attention', trial: '9' }),
      row({ score: 2, kind: 'attention', trial: '12' }),
      row({ rater: 'R-b', score: 5 }),
    ]);
    expect(events.count(study)).toBe(2);
    events.append(newLabel({ study: id('study', 'b'), rater: 'R-b' }));
    events.append(withdrawal('R-b'));
    expect(events.counted(study).map(({ rater }) => rater)).not.toContain('R-b');
    expect(events.withdrawn(study)).toEqual(['R-b']);
    expect(events.count(study)).toBe(1);
    expect(events.countAll()).toBe(2);
    expect(events.hasAny(study)).toBe(true);
    expect(events.hasAny(id('study', 'c'))).toBe(false);
  });

  it('count what a plain walk over them counts', () => {
    const label = fc.record({
      rater: fc.constantFrom('R-a', 'R-b'),
      image: fc.constantFrom('1', '2'),
      question: fc.constantFrom('visual-coherence', 'edge-differentiation'),
      score: fc.integer({ min: 1, max: 5 }),
      withdraw: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 30 }), (labels) => {
        const { events } = setUp();
        const expected = new Map<string, number>();
        const gone = new Set<string>();
        for (const { withdraw, rater, image, question, score } of labels) {
          if (withdraw) {
            events.append(withdrawal(rater));
            gone.add(rater);
          } else {
            events.append(newLabel({ rater, image, question, score }));
            expected.set([rater, image, question].join(), score);
          }
        }
        for (const key of expected.keys()) if (gone.has(key.slice(0, 3))) expected.delete(key);
        const found = events
          .counted(study)
          .map(({ rater, image, question, score }) => [[rater, image, question].join(), score]);
        expect(new Map(found as [string, number][])).toEqual(expected);
        expect(found).toHaveLength(expected.size);
        expect(events.count(study)).toBe(expected.size);
        expect(events.countAll()).toBe(expected.size);
      }),
      { numRuns: 40 },
    );
  });

  it('are erased with their bytes, and the rest stays as protected as before', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const database = openDatabase({ path, migrations });
    onTestFinished(() => database.close());
    const events = new RatingEventsRepository(database);
    const secret = 'Q-erasethiscode';
    for (let i = 0; i < 300; i += 1) {
      events.append(newLabel({ rater: i % 3 === 0 ? secret : 'R-keptcode', image: String(i) }));
    }
    const before = events.all(study).filter(({ rater }) => rater !== secret);
    const inFile = (text: string) =>
      ['', '-wal'].some((suffix) => readFileSync(`${path}${suffix}`).includes(text));
    expect(inFile(secret)).toBe(true);
    expect(events.eraseRater(study, secret.toLowerCase())).toBe(100);
    // Overwritten where it stood, even if the file could not be rebuilt.
    database.get(z.unknown(), 'PRAGMA wal_checkpoint(TRUNCATE)');
    expect(inFile(secret)).toBe(false);
    expect(database.compact()).toBe(true);
    expect(inFile(secret)).toBe(false);
    expect(inFile('R-keptcode')).toBe(true);
    expect(events.all(study)).toEqual(before);
    expect(() => database.run('DELETE FROM rating_events')).toThrow(code('conflict'));
    expect(() => database.run('UPDATE rating_events SET score = 1')).toThrow(code('conflict'));
    events.append(newLabel());
    expect(events.all(study).at(-1)?.id).toBe(301);
    events.append(newLabel({ study: id('study', 'b') }));
    expect(events.eraseStudy(study)).toBe(201);
    expect(events.hasAny(id('study', 'b'))).toBe(true);
  });

  it('are erased as a whole or not at all', () => {
    const { database, events } = setUp();
    events.append(newLabel());
    expect(() =>
      database.transaction(() => {
        events.eraseStudy(study);
        throw new Error('what came with it failed');
      }),
    ).toThrow('failed');
    expect(events.hasAny(study)).toBe(true);
    expect(() => database.run('DELETE FROM rating_events')).toThrow(code('conflict'));
  });

  it('say that they were erased to a reader who keeps the log, which can wait', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const connection = openDatabase({ path, migrations });
    connection.close();
    const raw = new SQLite(path, { timeout: 10 });
    raw.pragma('secure_delete = ON');
    const database = new Database(raw);
    const events = new RatingEventsRepository(database);
    events.append(newLabel());
    const reader = new SQLite(path, { readonly: true });
    const rows = reader.prepare('SELECT * FROM rating_events').iterate();
    rows.next();
    events.eraseStudy(study);
    expect(database.compact()).toBe(false);
    rows.return?.();
    reader.close();
    expect(database.compact()).toBe(true);
    database.close();
  });

  it('are refused where nothing can be written', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const writer = openDatabase({ path, migrations });
    new RatingEventsRepository(writer).append(newLabel());
    const reader = openReadOnly({ path, migrations });
    const events = new RatingEventsRepository(reader);
    expect(() => events.append(newLabel())).toThrow(code('read-only', /choose another data/));
    expect(events.count(study)).toBe(1);
    reader.close();
    writer.close();
  });

  it('are refused on a full disk with all that was there kept, and taken once there is space', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    openDatabase({ path, migrations }).close();
    const connection = new SQLite(path);
    const database = new Database(connection);
    onTestFinished(() => database.close());
    const events = new RatingEventsRepository(database);
    connection.pragma(
      `max_page_count = ${z.int().parse(connection.pragma('page_count', { simple: true })) + 4}`,
    );
    let confirmed = 0;
    const fill = () => {
      for (let i = 0; i < 1000; i += 1) {
        events.append(newLabel({ image: String(i), session: 's'.repeat(200) }));
        confirmed += 1;
      }
    };
    expect(fill).toThrow(code('disk-full', /nothing done so far is lost/));
    expect(confirmed).toBeGreaterThan(10);
    expect(events.all(study)).toHaveLength(confirmed);
    const again = newLabel({ image: 'again', session: 's'.repeat(200) });
    expect(() => events.append(again)).toThrow(code('disk-full'));
    connection.pragma('max_page_count = 100000');
    expect(events.append(again)).toBe('added');
    expect(events.append(again)).toBe('known');
    expect(events.all(study)).toHaveLength(confirmed + 1);
  });
});
