import { type ScatterPoint } from '../../../shared/charts/scatter-panel';
import { randomMethodId } from '../../../shared/catalogue/methods';
import { type QuestionId } from '../../../shared/ratings/questions';
import { type StudyResults } from '../../../shared/ratings/results';
import { cellFinder } from './table-rows';

/** Mean score of a question against the ROAR advantage, for the methods that have both. */
export function againstRoar(
  results: StudyResults,
  question: QuestionId,
  dataset: string,
): ScatterPoint[] {
  const cellOf = cellFinder(results);
  const points =
    results.beside.find((each) => each.dataset === dataset && each.refused === null)?.points ?? [];
  return results.methods.flatMap(({ id, name }) => {
    const cell = cellOf(question, dataset, id);
    const point = points.find(({ method }) => method === id);
    if (!point || !cell || cell.mean === null) return [];
    return [
      {
        method: id,
        name,
        x: cell.mean,
        xLow: cell.low,
        xHigh: cell.high,
        y: point.advantage,
        yLow: point.low,
        yHigh: point.high,
      },
    ];
  });
}

/** Mean coherence against mean edge differentiation; the random control is not compared. */
export function coherenceAgainstEdges(results: StudyResults, dataset: string): ScatterPoint[] {
  const cellOf = cellFinder(results);
  return results.methods.flatMap(({ id, name }) => {
    const [x, y] = [
      cellOf('visual-coherence', dataset, id),
      cellOf('edge-differentiation', dataset, id),
    ];
    if (id === randomMethodId || !x || !y || x.mean === null || y.mean === null) return [];
    return [
      {
        method: id,
        name,
        x: x.mean,
        xLow: x.low,
        xHigh: x.high,
        y: y.mean,
        yLow: y.low,
        yHigh: y.high,
      },
    ];
  });
}
