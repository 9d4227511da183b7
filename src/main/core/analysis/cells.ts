import { labelOf, onDefaultScale } from '../../../shared/ratings/questions';
import { type AskedQuestion, type TableCell } from '../../../shared/ratings/results';
import { definedInterval } from '../../../statistics/crossed-bootstrap';
import { krippendorffAlpha } from '../../../statistics/krippendorff';
import { lowerMedian } from '../../../statistics/median-label';
import { type Block, isCrossed, unitsOf } from './blocks';
import { type ResultsInput } from './input';
import { paperLabel } from './order';

/** The cells of its question's table that a block fills, one for each method, rated or not. */
export function cellsOf(
  block: Block,
  asked: AskedQuestion,
  { paper, known }: Pick<ResultsInput, 'paper' | 'known'>,
): TableCell[] {
  const { question, dataset } = block;
  const units = unitsOf(block);
  const table = onDefaultScale(asked)
    ? paper.find((candidate) => candidate.question === question)
    : undefined;
  return block.methods.map((method, m): TableCell => {
    const ratings = block.ratings.filter(({ group }) => group === m);
    const scores = ratings.map(({ score }) => score);
    const median = lowerMedian(scores);
    const resampled = block.resampled[m];
    const interval = isCrossed(block, m) && resampled ? definedInterval(resampled) : null;
    return {
      question,
      dataset,
      method,
      median,
      label: median === null ? null : labelOf(asked, median),
      mean: block.means[m] ?? null,
      n: scores.length,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      distribution: asked.labels.map((_, i) => scores.filter((score) => score === i + 1).length),
      alpha: krippendorffAlpha(
        units.filter((unit) => unit.method === m).map((unit) => unit.scores),
        'ordinal',
      ),
      paper: table ? paperLabel(known, table, dataset, method) : null,
    };
  });
}
