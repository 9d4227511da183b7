import { type DecimalMark } from '../../../../shared/csv-reading';
import { StudioError } from '../../../../shared/errors';
import { refuseCell } from './cells';

/** A cell of a column that holds numbers. */
export interface NumberCell {
  readonly line: number;
  readonly column: string;
  readonly value: string;
}

const fraction: Readonly<Record<DecimalMark, RegExp>> = {
  point: /^[+-]?\d+\.\d+(e[+-]?\d+)?$/i,
  comma: /^[+-]?\d+,\d+(e[+-]?\d+)?$/i,
};
/** `1,234` may be a thousand and more, or little more than 1. */
const maybeThousands = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * The decimal mark of a file, of its cells that hold numbers. One mark for all: a cell with the other
 * one is refused, and where every cell could as well have a mark between thousands, a person says.
 *
 * @param commas whether commas part the cells: then a point outside quotes parts no thousands
 */
export function findDecimalMark(cells: Iterable<NumberCell>, commas: boolean): DecimalMark {
  const sure = new Map<DecimalMark, NumberCell>();
  let open: NumberCell | null = null;
  for (const cell of cells) {
    const mark = markOf(cell.value);
    if (mark === null) continue;
    if (maybeThousands.test(cell.value) && !(commas && mark === 'point')) open ??= cell;
    else if (!sure.has(mark)) sure.set(mark, cell);
  }
  const [first, second] = [...sure];
  if (first && second) throw otherMark(second[1], first[0]);
  if (first) return first[0];
  if (open) throw ambiguous(open);
  return 'point';
}

/** A number with a decimal point, as all that follows reads it; what is no number stays as it is. */
export function withPoint(cell: NumberCell, decimal: DecimalMark): string {
  const { value } = cell;
  const mark = markOf(value);
  if (mark === null) return value;
  if (mark !== decimal) throw otherMark(cell, decimal);
  return value.replace(',', '.').replace(/\.0+$/, '');
}

const markOf = (value: string): DecimalMark | null =>
  fraction.point.test(value) ? 'point' : fraction.comma.test(value) ? 'comma' : null;

const otherMark = ({ line, column, value }: NumberCell, decimal: DecimalMark): StudioError =>
  refuseCell(
    line,
    column,
    value,
    `numbers with a decimal ${decimal}, as the file has, and nothing between thousands`,
  );

function ambiguous({ line, column, value }: NumberCell): StudioError {
  const accepted = 'a file that shows its decimal mark, or point or comma as chosen';
  const [plain, small] = [value.replace(/[.,]/, ''), value.replace(',', '.')];
  return new StudioError({
    code: 'invalid-input',
    message: `Line ${line}, column ${column}: ${JSON.stringify(value)} could be ${plain} or ${small}, and no other number of the file tells; accepted: ${accepted}. Nothing was imported.`,
    field: 'decimal',
    value: JSON.stringify(value),
    accepted,
    details: { line: String(line), column },
  });
}
