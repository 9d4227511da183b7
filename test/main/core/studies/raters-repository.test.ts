import { describe, expect, it } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import {
  RatersRepository,
  type StoredTrial,
} from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { at, id, memoryDatabase, sha } from '../storage/helpers';
import { newRater, newStudy } from '../storage/rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

function setUp() {
  const database = memoryDatabase();
  new StudiesRepository(database).insert(newStudy('a'));
  const raters = new RatersRepository(database);
  raters.insert(newRater('a'));
  return { database, raters, study: id('study', 'a'), rater: id('rater', 'a') };
}

const trial = (position: number, change: Partial<StoredTrial> = {}): StoredTrial => ({
  position,
  kind: 'main',
  dataset: 'mnist',
  image: '7',
  method: 'smoothgrad',
  repeat: 0,
  firstQuestion: 'visual-coherence',
  checkKind: null,
  expectedLow: null,
  expectedHigh: null,
  ...change,
});

describe('raters', () => {
  it('have a code that case does not tell apart', () => {
    const { raters, study, rater } = setUp();
    const stored = {
      ...newRater('a'),
      tokenSha256: null,
      experience: null,
      answers: null,
      readAt: null,
      consentedAt: null,
      lastSeenAt: null,
    };
    expect(raters.get(rater)).toEqual(stored);
    expect(raters.byCode(study, 'r-A')).toEqual(stored);
    expect(raters.byCode(id('study', 'b'), 'R-a')).toBeUndefined();
    expect(() => raters.insert(newRater('b', { code: 'r-a' }))).toThrow(code('conflict'));
    expect(raters.nextOrdinal(study)).toBe(1);
    raters.insert(newRater('b'));
    expect(raters.list(study).map(({ ordinal }) => ordinal)).toEqual([0, 1]);
    expect(raters.count(study)).toBe(2);
  });

  it('say who they are, what they read and when they were last seen', () => {
    const { raters, rater } = setUp();
    raters.setToken(rater, sha('token'));
    raters.describe(rater, { experience: 'naive', answers: { field: 'optics' } });
    raters.setRead(rater, at(3));
    raters.setConsented(rater, at(4));
    raters.seen(rater, at(5));
    expect(raters.byToken(sha('token'))).toMatchObject({
      id: rater,
      experience: 'naive',
      answers: { field: 'optics' },
      readAt: at(3),
      consentedAt: at(4),
      lastSeenAt: at(5),
    });
    raters.setToken(rater, null);
    expect(raters.byToken(sha('token'))).toBeUndefined();
  });

  it('have one order of trials', () => {
    const { raters, rater } = setUp();
    const check = { checkKind: 'flat', expectedLow: 1, expectedHigh: 2 } as const;
    const order = [trial(0), trial(1, { kind: 'attention', method: 'flat', ...check })];
    raters.putTrials(rater, order);
    expect(raters.trials(rater)).toEqual(order);
    expect(() => raters.putTrials(rater, [trial(2), trial(0)])).toThrow(code('conflict'));
    expect(raters.trials(rater)).toEqual(order);
  });

  it('count pairs of image and method in main trials, without who has withdrawn', () => {
    const { database, raters, study, rater } = setUp();
    raters.insert(newRater('b'));
    raters.putTrials(rater, [trial(0), trial(1, { image: '8' }), trial(2, { kind: 'repeat' })]);
    raters.putTrials(id('rater', 'b'), [trial(0), trial(1, { method: 'random' })]);
    const pair = (image: string, method: string, count: number) => ({
      dataset: 'mnist',
      image,
      method,
      count,
    });
    expect(raters.pairCounts(study)).toEqual([
      pair('7', 'random', 1),
      pair('7', 'smoothgrad', 2),
      pair('8', 'smoothgrad', 1),
    ]);
    new RatingEventsRepository(database).append({
      event: 'withdrawal',
      action: 'withdraw',
      study,
      rater: 'R-b',
      session: null,
      recordedAt: at(6),
    });
    expect(raters.pairCounts(study)).toEqual([
      pair('7', 'smoothgrad', 1),
      pair('8', 'smoothgrad', 1),
    ]);
  });

  it('go with their order and their sessions', () => {
    const { raters, rater, study } = setUp();
    const session = {
      id: id('session', 'a'),
      rater,
      entry: 'desk',
      screenWidth: 1280,
      screenHeight: 800,
      pixelRatio: 1.5,
      startedAt: at(3),
    } as const;
    raters.addSession(session);
    raters.putTrials(rater, [trial(0)]);
    expect(raters.session(session.id)).toEqual(session);
    expect(raters.sessions(rater)).toEqual([session]);
    raters.remove(rater);
    expect(raters.session(session.id)).toBeUndefined();
    expect(raters.trials(rater)).toEqual([]);
    expect(raters.list(study)).toEqual([]);
  });
});
