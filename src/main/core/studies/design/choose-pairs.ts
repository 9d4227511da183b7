import { valueAt, valueFor } from '../../../../shared/checked-reads';
import { seededPermutation } from '../../../../shared/selection';
import { pictureOf } from './adjacency';
import { type Pair } from './assignment';

interface Candidate {
  readonly pair: Pair;
  /** Times that the other raters were given it. */
  readonly count: number;
  /** Its place in the study's seeded round of all pairs. */
  readonly place: number;
}

/**
 * The pairs of one rater's main trials: as many of each method as of any other, up to one, the
 * least given ones first. Equal ones are taken in the order of a seeded round in which methods and
 * images take turns, so that any stretch of it holds each about as often as any other.
 *
 * Why pairs stay within one of each other over all raters: the methods given least so far get the
 * odd trials, so methods stay within one over all raters as well; hence each has enough of the
 * pairs given least for its share, or uses them up as all the others do.
 *
 * @param pairs every pair once
 * @param counts times given to the other raters, per pair
 * @param trials from 0 to pairs.length
 */
export function choosePairs(
  pairs: readonly Pair[],
  counts: readonly number[],
  trials: number,
  seed: number,
): Pair[] {
  const places = placesOf(pairs, seed);
  const byMethod = new Map<string, Candidate[]>();
  pairs.forEach((pair, i) => {
    const candidate = { pair, count: valueAt(counts, i), place: valueAt(places, i) };
    const members = byMethod.get(pair.method);
    if (members) members.push(candidate);
    else byMethod.set(pair.method, [candidate]);
  });
  const methods = [...byMethod.values()].map((candidates) => ({
    candidates: candidates.sort(leastGivenFirst),
    given: candidates.reduce((sum, { count }) => sum + count, 0),
  }));
  methods.sort(
    (a, b) =>
      a.given - b.given || leastGivenFirst(valueAt(a.candidates, 0), valueAt(b.candidates, 0)),
  );
  const share = Math.floor(trials / Math.max(1, methods.length));
  const odd = trials - share * methods.length;
  const chosen = methods.map(({ candidates }, i) => {
    const size = share + (i < odd ? 1 : 0);
    return { taken: candidates.slice(0, size), left: candidates.slice(size) };
  });
  thinOut(chosen, Math.ceil(trials / 2));
  return chosen.flatMap(({ taken }) => taken.map(({ pair }) => pair));
}

function leastGivenFirst(a: Candidate, b: Candidate): number {
  return a.count - b.count || a.place - b.place;
}

/**
 * An image in more than half of the trials could not be kept from following itself: give up some
 * of its pairs for equally given ones of the same method.
 */
function thinOut(chosen: { taken: Candidate[]; left: Candidate[] }[], most: number): void {
  const uses = new Map<string, number>();
  for (const { taken } of chosen) {
    for (const { pair } of taken) uses.set(pictureOf(pair), (uses.get(pictureOf(pair)) ?? 0) + 1);
  }
  const found = [...uses].find(([, count]) => count > most);
  if (!found) return;
  const [crowded, count] = found;
  let over = count - most;
  for (const { taken, left } of chosen) {
    if (over <= 0) return;
    const out = taken.findIndex(({ pair }) => pictureOf(pair) === crowded);
    const given = taken[out];
    if (!given) continue;
    const into = left.findIndex(
      ({ pair, count }) => count === given.count && pictureOf(pair) !== crowded,
    );
    const instead = left[into];
    if (!instead) continue;
    taken[out] = instead;
    left[into] = given;
    over -= 1;
  }
}

/**
 * The place of every pair in a round in which step p shows method p mod M of image
 * (p + floor(p / lcm(M, N))) mod N: within one period of lcm(M, N) steps no pair returns, and each
 * period starts one image later, so that the round holds every pair once.
 */
function placesOf(pairs: readonly Pair[], seed: number): number[] {
  const methods = [...new Set(pairs.map(({ method }) => method))];
  const methodTurn = turns(methods, seededPermutation(methods.length, seed, 'trials', 'methods'));
  const imageTurn = turns(...imagesInTurn(pairs, seed));
  const [m, n] = [methods.length, imageTurn.size];
  const period = (m * n) / gcd(m, n);
  const places = new Array<number>(m * n);
  for (let step = 0; step < m * n; step += 1) {
    const image = (step + Math.floor(step / period)) % n;
    places[image * m + (step % m)] = step;
  }
  return pairs.map((pair) => {
    const image = valueFor(imageTurn, pictureOf(pair));
    return valueAt(places, image * m + valueFor(methodTurn, pair.method));
  });
}

/** Images and their order: shuffled within a dataset, the datasets merged evenly. */
function imagesInTurn(pairs: readonly Pair[], seed: number): [string[], number[]] {
  const datasets = new Map<string, Set<string>>();
  for (const pair of pairs) {
    const members = datasets.get(pair.dataset);
    if (members) members.add(pictureOf(pair));
    else datasets.set(pair.dataset, new Set([pictureOf(pair)]));
  }
  const names: string[] = [];
  const shares: number[] = [];
  for (const [dataset, members] of datasets) {
    const order = seededPermutation(members.size, seed, 'trials', `images ${dataset}`);
    [...members].forEach((name, i) => {
      names.push(name);
      shares.push((valueAt(order, i) + 0.5) / members.size);
    });
  }
  const sorted = names.map((_, i) => i).sort((a, b) => valueAt(shares, a) - valueAt(shares, b));
  return [names, sorted];
}

/** At which turn each name comes, where `order` lists positions in `names`. */
function turns(names: readonly string[], order: readonly number[]): Map<string, number> {
  return new Map(order.map((position, turn) => [valueAt(names, position), turn]));
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.max(1, a) : gcd(b, a % b);
}
