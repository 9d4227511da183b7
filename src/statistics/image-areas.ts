import { type CurveScores, trapezoid } from './curves';

/**
 * Areas under the score curves of single images, area[m, i] = the trapezoid over the levels of s[m,
 * l, i]. Their mean over images is the area of the mean curve, since the area is linear in it.
 *
 * @returns row-major [M, N] in the order of the scores' methods; score times level span, from 0.
 * @throws RangeError if the scores do not fit the methods and levels, or one is not finite.
 */
export function imageAreas(
  input: Pick<CurveScores, 'methods' | 'levels' | 'scores'>,
): Float64Array {
  const { methods, levels, scores } = input;
  const count = scores.length / (methods.length * levels.length);
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `imageAreas: ${scores.length} scores for ${methods.length} methods x ${levels.length} levels`,
    );
  }
  const broken = scores.findIndex((score) => !Number.isFinite(score));
  if (broken >= 0) {
    const row = Math.floor(broken / count);
    const method = methods[Math.floor(row / levels.length)]?.id;
    throw new RangeError(
      `imageAreas: the score of ${method} at level ${levels[row % levels.length]}, image ${broken % count}, is ${scores[broken]}`,
    );
  }
  return Float64Array.from({ length: methods.length * count }, (_, at) => {
    const [m, image] = [Math.floor(at / count), at % count];
    const start = m * levels.length * count + image;
    return trapezoid(levels, (l) => scores[start + l * count] as number);
  });
}
