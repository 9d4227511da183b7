import { importedNotes } from '../../../../shared/catalogue/methods';
import { type FigureBlock } from '../../../../shared/charts/curve-figure';
import { hasIntervals } from '../../../../shared/charts/curve-panel';
import { StudioError } from '../../../../shared/errors';
import { type FigureOptions } from '../../export/figure/figure';
import { type Font } from '../../export/figure/font';
import { figureCaption, figureHeading, memberTitle, type ReportedMember } from './report';

/** A figure for each member that has curves. Throws `conflict` where none has. */
export function figureBlocks(members: readonly ReportedMember[]): FigureBlock[] {
  const blocks = members.flatMap((one) =>
    one.result.curves.length > 0
      ? [
          {
            heading: figureHeading(one),
            caption: figureCaption(one),
            curves: one.result.curves,
          },
        ]
      : [],
  );
  if (blocks.length > 0) return blocks;
  throw new StudioError({
    code: 'conflict',
    message: 'None of the runs has curves yet. Let them go on, or resume them.',
  });
}

export function figuresOptions(members: readonly ReportedMember[], font: Font): FigureOptions {
  const waiting = members.filter(({ result }) => result.curves.length === 0);
  const drawn = members.filter(({ result }) => result.curves.length > 0);
  const curves = members.flatMap(({ result }) => result.curves);
  const methods = [...new Map(curves.map(({ method }) => [method.id, method])).values()];
  const proposed = methods.some(({ name }) => name.endsWith('*'));
  return {
    title: 'RemOve And Retrain: mean score against degradation level',
    notes: [
      ...(drawn.some(({ result }) => hasIntervals(result.curves))
        ? [
            'Bands: 95% paired percentile bootstrap intervals over images, conditional on the trained models.',
          ]
        : []),
      ...(proposed ? ['* Methods that the paper proposes.'] : []),
      ...importedNotes(methods),
      ...waiting.map((one) => `${memberTitle(one)}: ${one.result.run.state}, no curves yet.`),
    ],
    font,
  };
}
