import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Assignment,
  type AssignmentInput,
  assignTrials,
  datasetsInTurn,
  pairsOf,
  type Picture,
} from '../../../../../src/main/core/studies/design/assignment';
import { type StoredTrial } from '../../../../../src/main/core/studies/raters-repository';
import { defaultQuestions } from '../../../../../src/shared/ratings/questions';
import { type RatingDesign, ratingDesignSchema } from '../../../../../src/shared/ratings/study';

const pictures = (dataset: string, count: number, from = 0): Picture[] =>
  Array.from({ length: count }, (_, i) => ({ dataset, image: String(from + i) }));
const methodsOf = (count: number) => Array.from({ length: count }, (_, i) => `method-${i}`);
const examples = datasetsInTurn([...pictures('a', 3, 9000), ...pictures('b', 3, 9000)]);
const assign = (input: Omit<AssignmentInput, 'questions'>) =>
  assignTrials({ ...input, questions: defaultQuestions });
const design = (given: Partial<RatingDesign> = {}) => ratingDesignSchema.parse(given);

interface World {
  readonly images: number;
  readonly second: number;
  readonly methods: number;
  readonly raters: number;
  /** Share of the pairs that a rater is given. */
  readonly share: number;
  readonly design: Partial<RatingDesign>;
}

const worlds = (given: Partial<{ images: number; designs: fc.Arbitrary<Partial<RatingDesign>> }>) =>
  fc.record<World>({
    images: fc.integer({ min: given.images ?? 1, max: 12 }),
    second: fc.integer({ min: 0, max: 5 }),
    methods: fc.integer({ min: 2, max: 12 }),
    raters: fc.integer({ min: 1, max: 7 }),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    design: given.designs ?? fc.record({ seed: fc.nat(1000) }),
  });

const kinds = fc.record<Partial<RatingDesign>>({
  seed: fc.nat(1000),
  practice: fc.integer({ min: 0, max: 6 }),
  instructedChecks: fc.integer({ min: 0, max: 4 }),
  flatChecks: fc.integer({ min: 0, max: 4 }),
  repeats: fc.integer({ min: 0, max: 60 }),
  repeatGap: fc.integer({ min: 20, max: 30 }),
  questionOrder: fc.constantFrom('by-trial', 'by-rater', 'fixed'),
});

function play(world: World): Assignment[] {
  const shown = [...pictures('a', world.images), ...pictures('b', world.second)];
  const pairs = pairsOf(shown, methodsOf(world.methods));
  const counts = pairs.map(() => 0);
  const trials = Math.max(1, Math.round(world.share * pairs.length));
  const places = new Map(pairs.map((pair, i) => [JSON.stringify(pair), i]));
  return Array.from({ length: world.raters }, (_, ordinal) => {
    const asked = design({ ...world.design, trials });
    const assignment = assign({ pairs, counts, design: asked, ordinal, examples });
    for (const { dataset, image, method } of main(assignment.trials)) {
      const place = places.get(JSON.stringify({ dataset, image, method })) ?? -1;
      counts[place] = (counts[place] ?? 0) + 1;
    }
    return assignment;
  });
}

const main = (trials: readonly StoredTrial[]) => trials.filter(({ kind }) => kind === 'main');
const picture = ({ dataset, image }: Picture) => `${dataset}/${image}`;

function spread(values: readonly string[], all: readonly string[]): number {
  const counts = all.map((name) => values.filter((value) => value === name).length);
  return Math.max(...counts) - Math.min(...counts);
}

const neighbours = (trials: readonly StoredTrial[]) =>
  trials.slice(1).filter((trial, i) => picture(trial) === picture(trials[i] ?? trial)).length;

describe('the trials of a rater', () => {
  it('hold each pair at most once, and each method as often as any other up to one', () => {
    fc.assert(
      fc.property(worlds({}), (world) => {
        for (const { trials } of play(world)) {
          const shown = main(trials);
          const names = shown.map((trial) => `${picture(trial)} ${trial.method}`);
          expect(new Set(names).size).toBe(names.length);
          const methods = shown.map(({ method }) => method);
          expect(spread(methods, methodsOf(world.methods))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('hold each pair as often as any other up to one over all raters, after every rater', () => {
    fc.assert(
      fc.property(worlds({ designs: kinds }), (world) => {
        const pairs = pairsOf(
          [...pictures('a', world.images), ...pictures('b', world.second)],
          methodsOf(world.methods),
        ).map((pair) => `${picture(pair)} ${pair.method}`);
        const counts = new Map(pairs.map((name) => [name, 0]));
        for (const { trials } of play(world)) {
          for (const trial of main(trials)) {
            const name = `${picture(trial)} ${trial.method}`;
            counts.set(name, (counts.get(name) ?? 0) + 1);
          }
          const values = [...counts.values()];
          expect(Math.max(...values) - Math.min(...values)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('spread a rater over the images, and never show one twice in a row', () => {
    fc.assert(
      fc.property(worlds({ images: 2 }), (world) => {
        for (const { trials, warnings } of play(world)) {
          expect(neighbours(main(trials))).toBe(0);
          expect(warnings).toEqual([]);
          const all = [...pictures('a', world.images), ...pictures('b', world.second)];
          expect(spread(main(trials).map(picture), all.map(picture))).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('keep an image from following itself with repeats and checks too, or say so', () => {
    fc.assert(
      fc.property(worlds({ designs: kinds }), (world) => {
        for (const { trials, warnings } of play(world)) {
          const rated = trials.filter(({ kind }) => kind !== 'practice');
          const said = warnings.some((warning) => /adjacent|one image/.test(warning));
          if (!said) expect(neighbours(rated)).toBe(0);
          if (world.images >= 4) expect(said).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('come as practice, then main trials; checks never first and evenly spread', () => {
    fc.assert(
      fc.property(worlds({ designs: kinds }), (world) => {
        const asked = design(world.design);
        for (const { trials } of play(world)) {
          expect(trials.map(({ position }) => position)).toEqual(trials.map((_, i) => i));
          const practice = trials.filter(({ kind }) => kind === 'practice');
          expect(practice).toEqual(trials.slice(0, asked.practice));
          const rest = trials.slice(asked.practice);
          expect(rest[0]?.kind).toBe('main');
          const checks = rest.filter(({ kind }) => kind === 'attention');
          expect(checks).toHaveLength(asked.instructedChecks + asked.flatChecks);
          if (rest.length - checks.length <= checks.length) continue;
          const gaps = [0];
          for (const { kind } of rest) {
            if (kind === 'attention') gaps.push(0);
            else gaps.push((gaps.pop() ?? 0) + 1);
          }
          expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('repeat main trials once, late enough, as many as there can be', () => {
    fc.assert(
      fc.property(worlds({ designs: kinds }), (world) => {
        const { repeats, repeatGap } = design(world.design);
        for (const { trials, warnings } of play(world)) {
          const again = trials.filter(({ kind }) => kind === 'repeat');
          const shown = main(trials);
          const possible = shown.length >= repeatGap ? Math.min(repeats, shown.length) : 0;
          expect(again).toHaveLength(possible);
          expect(warnings.some((text) => text.includes('repeats'))).toBe(possible < repeats);
          const seen = new Set<StoredTrial>();
          for (const trial of again) {
            const first = shown.find(
              (other) => picture(other) === picture(trial) && other.method === trial.method,
            );
            if (!first) throw new Error('repeats what was not shown');
            expect(seen.has(first)).toBe(false);
            seen.add(first);
            expect(trial.position - first.position).toBeGreaterThanOrEqual(repeatGap);
            expect(trial).toMatchObject({ repeat: 1, firstQuestion: first.firstQuestion });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ask each question first in half of the main trials, of all of a rater, or always the same', () => {
    fc.assert(
      fc.property(worlds({ designs: kinds }), (world) => {
        const { questionOrder } = design(world.design);
        play(world).forEach(({ trials }, ordinal) => {
          const first = main(trials).map(({ firstQuestion }) => firstQuestion);
          const coherence = first.filter((question) => question === 'visual-coherence').length;
          if (questionOrder === 'by-trial') {
            expect(Math.abs(2 * coherence - first.length)).toBeLessThanOrEqual(1);
            for (const method of methodsOf(world.methods)) {
              const own = main(trials).filter((trial) => trial.method === method);
              const half = own.filter(({ firstQuestion }) => firstQuestion === 'visual-coherence');
              expect(Math.abs(2 * half.length - own.length)).toBeLessThanOrEqual(1);
            }
          } else {
            const all = new Set(trials.map(({ firstQuestion }) => firstQuestion));
            const odd = questionOrder === 'by-rater' && ordinal % 2 === 1;
            expect([...all]).toEqual([odd ? 'edge-differentiation' : 'visual-coherence']);
          }
        });
      }),
    );
  });

  it('are the same for the same seed, ordinal and counts, and others for others', () => {
    const pairs = pairsOf(pictures('a', 10), methodsOf(10));
    const counts = pairs.map(() => 0);
    const draw = (seed: number, ordinal: number) =>
      assign({ pairs, counts, design: design({ seed }), ordinal, examples }).trials;
    expect(draw(1, 2)).toEqual(draw(1, 2));
    const order = (trials: StoredTrial[]) =>
      trials.map((trial) => `${picture(trial)} ${trial.method}`).join();
    expect(order(draw(1, 2))).not.toBe(order(draw(1, 3)));
    expect(order(draw(1, 2))).not.toBe(order(draw(2, 2)));
  });

  it('show every pair once where the design names no number', () => {
    const pairs = pairsOf(pictures('a', 10), methodsOf(10));
    const counts = pairs.map(() => 0);
    const { trials } = assign({ pairs, counts, design: design(), ordinal: 0, examples });
    expect(main(trials)).toHaveLength(100);
  });

  it('make up first for what withdrawn raters leave open', () => {
    const pairs = pairsOf(pictures('a', 6), methodsOf(5));
    // One pair in three was rated by nobody.
    const counts = pairs.map((_, i) => (i % 3 === 0 ? 0 : 1));
    const asked = design({ trials: 10 });
    const { trials } = assign({ pairs, counts, design: asked, ordinal: 3, examples });
    const taken = main(trials).map(
      (trial) =>
        counts[
          pairs.findIndex(({ image, method }) => image === trial.image && method === trial.method)
        ],
    );
    expect(taken.every((count) => count === 0)).toBe(true);
    expect(
      spread(
        main(trials).map(({ method }) => method),
        methodsOf(5),
      ),
    ).toBe(0);
    expect(neighbours(main(trials))).toBe(0);
  });

  it('stay balanced within a rater whatever the others were given', () => {
    fc.assert(
      fc.property(worlds({ images: 2 }), fc.nat(1000), (world, seed) => {
        const pairs = pairsOf(pictures('a', world.images), methodsOf(world.methods));
        const counts = pairs.map((_, i) => (seed * (i + 7)) % 4);
        const trials = Math.max(1, Math.round(world.share * pairs.length));
        const asked = design({ ...world.design, trials });
        const drawn = assign({ pairs, counts, design: asked, ordinal: 1, examples });
        const methods = main(drawn.trials).map(({ method }) => method);
        expect(methods).toHaveLength(trials);
        expect(spread(methods, methodsOf(world.methods))).toBeLessThanOrEqual(1);
        if (drawn.warnings.length === 0) expect(neighbours(drawn.trials.slice(3))).toBe(0);
      }),
    );
  });

  it('name what checks expect, on pictures that are never rated', () => {
    const pairs = pairsOf(pictures('a', 10), methodsOf(10));
    const asked = design({ instructedChecks: 10, flatChecks: 5, practice: 6 });
    const counts = pairs.map(() => 0);
    const { trials } = assign({ pairs, counts, design: asked, ordinal: 0, examples });
    const checks = trials.filter(({ kind }) => kind === 'attention');
    const flat = checks.filter(({ checkKind }) => checkKind === 'flat');
    const instructed = checks.filter(({ checkKind }) => checkKind === 'instructed');
    expect([flat.length, instructed.length]).toEqual([5, 10]);
    for (const check of flat)
      expect(check).toMatchObject({ method: 'flat', expectedLow: 1, expectedHigh: 2 });
    for (const { expectedLow, expectedHigh } of instructed) {
      expect(expectedLow).toBe(expectedHigh);
      expect([1, 2, 3, 4, 5]).toContain(expectedLow);
    }
    expect(new Set(instructed.map(({ expectedLow }) => expectedLow)).size).toBeGreaterThan(1);
    const rated = new Set(pairs.map(picture));
    const made = trials.filter(({ kind }) => kind === 'practice' || kind === 'attention');
    for (const trial of made) expect(rated.has(picture(trial))).toBe(false);
    expect(neighbours(trials.slice(0, 6))).toBe(0);
    expect(new Set(trials.slice(0, 6).map(({ dataset }) => dataset))).toEqual(new Set(['a', 'b']));
  });

  it('say that one image follows itself, and refuse more trials than pairs', () => {
    const pairs = pairsOf(pictures('a', 1), methodsOf(3));
    const input = { pairs, counts: [0, 0, 0], ordinal: 0, examples };
    const { warnings } = assign({ ...input, design: design() });
    expect(warnings).toEqual(['There is one image only: it is shown in every trial.']);
    expect(() => assign({ ...input, design: design({ trials: 4 }) })).toThrow(/4 trials/);
    expect(() => assign({ ...input, examples: [], design: design() })).toThrow(/examples/);
  });

  it('are drawn for 500 images and 12 methods too', () => {
    const pairs = pairsOf(pictures('a', 500), methodsOf(12));
    const counts = pairs.map(() => 0);
    for (const trials of [5000, null]) {
      const asked = design({ trials, repeats: 500, instructedChecks: 20, flatChecks: 20 });
      const drawn = assign({ pairs, counts, design: asked, ordinal: 1, examples });
      expect(drawn.warnings).toEqual([]);
      expect(neighbours(drawn.trials)).toBe(0);
    }
  });
});
